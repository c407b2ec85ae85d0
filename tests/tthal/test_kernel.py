"""Kernel configurations, and where kernels may be placed."""

from __future__ import annotations

import pytest

import tthal as ttnn
from tthal.device_interface import ComputeSettings, DataMovementSettings, EthernetSettings, KernelContent
from tthal.errors import InvalidArgument
from tthal.kernel import KernelConfig
from tthal.program import Program

CONTENT = KernelContent("reader", "void kernel_main() {}", (), "kernels/reader.cpp")
CORE = ttnn.CoreCoord(0, 0)
BLOCK = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(3, 3))

READER, WRITER = ttnn.ReaderDataMovementConfig, ttnn.WriterDataMovementConfig
RISCV_0, RISCV_1 = ttnn.DataMovementProcessor.RISCV_0, ttnn.DataMovementProcessor.RISCV_1


def place(config: KernelConfig | None = None, program: Program | None = None, cores: ttnn.CoreRange | None = None):
    return (program or Program()).add_kernel(CONTENT, cores or CORE, config)


# ---------------------------------------------------------------------------------------------- defaults


def test_without_a_config_a_kernel_moves_data_on_brisc_over_noc_0() -> None:
    image = place().image()
    assert image.data_movement == DataMovementSettings(RISCV_0, ttnn.NOC.NOC_0, ttnn.NOC_MODE.DM_DEDICATED_NOC)
    assert image.compute is None
    assert image.ethernet is None
    assert image.opt_level is ttnn.KernelBuildOptLevel.O2


@pytest.mark.parametrize(
    ("config", "processor", "noc"),
    [
        (READER(), RISCV_1, ttnn.NOC.NOC_0),
        (WRITER(), RISCV_0, ttnn.NOC.NOC_1),
        (ttnn.DataMovementConfig(RISCV_1, ttnn.NOC.RISCV_1_default), RISCV_1, ttnn.NOC.NOC_1),
    ],
)
def test_readers_and_writers_have_the_vendors_processor_and_noc(
    config: ttnn.DataMovementConfig, processor: ttnn.DataMovementProcessor, noc: ttnn.NOC
) -> None:
    settings = place(config).image().data_movement
    assert settings is not None
    assert (settings.processor, settings.noc) == (processor, noc)


def test_compute_defaults() -> None:
    image = place(ttnn.ComputeConfig()).image()
    assert image.compute == ComputeSettings(ttnn.MathFidelity.HiFi4, False, False, (), False, False)
    assert image.opt_level is ttnn.KernelBuildOptLevel.O3


def test_ethernet_kernels_can_be_created() -> None:
    kernel = place(ttnn.EthernetConfig(eth_mode=ttnn.Eth.RECEIVER))
    assert kernel.image().ethernet == EthernetSettings(ttnn.Eth.RECEIVER, ttnn.NOC.NOC_0, RISCV_0)
    assert kernel.image().opt_level is ttnn.KernelBuildOptLevel.Os
    assert kernel.core_type is ttnn.CoreType.ETH
    dynamic = ttnn.NOC_MODE.DM_DYNAMIC_NOC
    settings = place(ttnn.EthernetConfig(noc_mode=dynamic)).image().ethernet
    assert settings == EthernetSettings(ttnn.Eth.SENDER, ttnn.NOC.NOC_0, RISCV_0, dynamic)


# ---------------------------------------------------------------------------------------------- arguments and defines


def test_a_mapping_of_compile_args_becomes_named_ones() -> None:
    image = place(READER(compile_args={"b": 2, "a": 1}, named_compile_args=[("c", 3)])).image()
    assert image.compile_time_args == ()
    assert image.named_compile_time_args == (("a", 1), ("b", 2), ("c", 3))
    assert place(READER([5, 6])).image().compile_time_args == (5, 6)


def test_a_named_argument_has_one_value() -> None:
    assert place(READER({"a": 1}, named_compile_args={"a": 1})).image().named_compile_time_args == (("a", 1),)
    with pytest.raises(InvalidArgument, match="'a' is defined twice, as 1 and as 2"):
        place(READER({"a": 2}, named_compile_args={"a": 1}))


@pytest.mark.parametrize("bad", [[-1], [1 << 32], ["5"], [1.0], [None], "12", 5, {"a": "1"}, {3: 1}, {"": 1}])
def test_garbage_as_compile_time_arguments_is_refused(bad: object) -> None:
    with pytest.raises(InvalidArgument):
        place(READER(compile_args=bad))  # type: ignore[arg-type]


def test_defines_are_a_mapping_or_pairs_and_the_first_wins() -> None:
    assert place(READER(defines={"B": "2", "A": "1"})).image().defines == (("A", "1"), ("B", "2"))
    assert place(READER(defines=[("A", "1"), ("A", "2")])).image().defines == (("A", "1"),)
    assert place(READER(defines={"SCALE(x)": "(x * 2)"})).image().defines == (("SCALE(x)", "(x * 2)"),)


@pytest.mark.parametrize(
    "bad", [{"A\0": "1"}, {"A": "1\0"}, {"1A": "1"}, {"A B": "1"}, {"A": "1\n2"}, 7, ["A"], {4: "1"}]
)
def test_garbage_as_defines_is_refused(bad: object) -> None:
    with pytest.raises(InvalidArgument, match="define"):
        place(READER(defines=bad))  # type: ignore[arg-type]


def test_a_reserved_define_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="reserved"):
        place(READER(defines={"ALIGN_LOCAL_CBS_TO_REMOTE_CBS": "1"}))


def test_the_config_is_copied() -> None:
    config = ttnn.ReaderDataMovementConfig([1])
    kernel = place(config)
    config.compile_args = [2]
    assert kernel.image().compile_time_args == (1,)


# ---------------------------------------------------------------------------------------------- compute settings


def test_unpack_modes_may_be_fewer_than_circular_buffers() -> None:
    default, fp32 = ttnn.UnpackToDestMode.Default, ttnn.UnpackToDestMode.UnpackToDestFp32
    short = place(ttnn.ComputeConfig(unpack_to_dest_mode=[default])).image().compute
    assert short is not None
    assert short.unpack_to_dest_mode == ()
    mixed = place(ttnn.ComputeConfig(unpack_to_dest_mode=[default, fp32])).image().compute
    assert mixed is not None
    assert mixed.unpack_to_dest_mode == (default, fp32, *[default] * 62)
    with pytest.raises(InvalidArgument, match="65 entries"):
        place(ttnn.ComputeConfig(unpack_to_dest_mode=[default] * 65))


@pytest.mark.parametrize(
    "config",
    [
        ttnn.ComputeConfig(math_fidelity=ttnn.MathFidelity.Invalid),
        ttnn.ComputeConfig(math_fidelity=1),  # type: ignore[arg-type]
        ttnn.ComputeConfig(unpack_to_dest_mode=[7]),  # type: ignore[list-item]
        ttnn.DataMovementConfig(noc=2),  # type: ignore[arg-type]
        ttnn.DataMovementConfig(processor="BRISC"),  # type: ignore[arg-type]
        ttnn.DataMovementConfig(opt_level=9),  # type: ignore[arg-type]
    ],
)
def test_values_outside_an_enumeration_are_refused(config: KernelConfig) -> None:
    with pytest.raises(InvalidArgument, match="choose"):
        place(config)


@pytest.mark.parametrize("processor", list(ttnn.DataMovementProcessor)[2:])
def test_a_core_has_two_data_movement_processors(processor: ttnn.DataMovementProcessor) -> None:
    with pytest.raises(InvalidArgument, match="RISCV_0 or RISCV_1"):
        place(ttnn.DataMovementConfig(processor))


def test_what_is_no_config_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="not dict"):
        place({"noc": 1})  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------------- placement


def test_a_core_takes_one_kernel_per_processor() -> None:
    program = Program()
    ids = [place(config, program).id for config in (READER(), WRITER(), ttnn.ComputeConfig())]
    assert ids == [0, 1, 2]
    for config in (READER(), WRITER(), ttnn.ComputeConfig()):
        with pytest.raises(InvalidArgument, match=r"core overlap.*at 0-0.*one kernel per core"):
            place(config, program, BLOCK)
    assert program.num_kernels() == 3


def test_the_same_processor_on_disjoint_cores_is_free() -> None:
    program = Program()
    place(READER(), program)
    assert place(READER(), program, ttnn.CoreRange(ttnn.CoreCoord(1, 0), ttnn.CoreCoord(3, 3))).id == 1


def test_a_refused_kernel_leaves_no_trace() -> None:
    program = Program()
    place(READER(), program, ttnn.CoreRange(ttnn.CoreCoord(3, 3)))
    with pytest.raises(InvalidArgument):
        place(READER(), program, BLOCK)
    assert place(READER(), program).id == 1


def test_both_data_movement_processors_need_their_own_noc() -> None:
    program = Program()
    place(None, program)
    with pytest.raises(InvalidArgument, match=r"kernel 0 .*at 0-0 both use NoC 0.*hangs"):
        place(READER(), program, BLOCK)
    assert place(READER(), program, ttnn.CoreRange(ttnn.CoreCoord(1, 1))).id == 1


def test_dynamic_nocs_may_be_shared_but_not_mixed() -> None:
    dynamic = ttnn.NOC_MODE.DM_DYNAMIC_NOC
    program = Program()
    place(ttnn.DataMovementConfig(RISCV_0, noc_mode=dynamic), program)
    with pytest.raises(InvalidArgument, match="same noc_mode"):
        place(ttnn.DataMovementConfig(RISCV_1, ttnn.NOC.NOC_1), program)
    place(ttnn.DataMovementConfig(RISCV_1, noc_mode=dynamic), program)


def test_ethernet_cores_are_other_cores() -> None:
    program = Program()
    for config in (WRITER(), READER(), ttnn.EthernetConfig(), ttnn.EthernetConfig(processor=RISCV_1)):
        place(config, program)
    with pytest.raises(InvalidArgument, match="ERISC0"):
        place(ttnn.EthernetConfig(), program)


def test_no_core_at_all_is_accepted() -> None:
    kernel = Program().add_kernel(CONTENT, ttnn.CoreRangeSet())
    assert kernel.image().core_ranges.empty()
    assert kernel.arguments.grid() == []


def test_cores_outside_every_grid_are_refused_at_once() -> None:
    with pytest.raises(InvalidArgument, match="outside every grid"):
        place(None, None, ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1 << 20, 1 << 20)))
    with pytest.raises(TypeError, match="core_spec"):
        Program().add_kernel(CONTENT, (0, 0, 0))  # type: ignore[arg-type]
