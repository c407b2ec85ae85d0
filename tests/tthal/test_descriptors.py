"""Programs described as data, compared with the imperative ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import tthal as ttnn
from tthal.device_interface import CircularBufferFormat, DataMovementSettings
from tthal.errors import InvalidArgument, KernelFileNotFound, LimitExceeded

ORIGIN = ttnn.CoreCoord(0, 0)
PAIR = ttnn.CoreRangeSet(ttnn.CoreRange(ORIGIN, ttnn.CoreCoord(1, 0)))
SOURCE = "void kernel_main() {}"
INLINE = ttnn.SourceType.INLINE


@pytest.fixture
def device(null_backend: object) -> Iterator[ttnn.Device]:
    with ttnn.open_device(backend="null") as opened:
        yield opened


def kernel(**changes: object) -> ttnn.KernelDescriptor:
    fields = {"kernel_source": SOURCE, "source_type": INLINE, "core_ranges": PAIR, **changes}
    return ttnn.KernelDescriptor(**fields)  # type: ignore[arg-type]


def arguments(descriptor: ttnn.KernelDescriptor) -> dict[str, tuple[int, ...]]:
    program = ttnn.Program(ttnn.ProgramDescriptor(kernels=[descriptor]))
    return {str(core): words for core, words in program.launch_state().kernels[0].per_core}


# ---------------------------------------------------------------------------------------------- whole programs


def test_a_described_program_equals_the_imperative_one(device: ttnn.Device, tmp_path: Path) -> None:
    (tmp_path / "compute.cpp").write_text('#include "util.hpp"\n')
    (tmp_path / "util.hpp").write_text("// util\n")
    compute_file = str(tmp_path / "compute.cpp")
    buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 64 * 4096, 4096, ttnn.BufferType.L1))

    compute = ttnn.ComputeConfigDescriptor()
    compute.math_fidelity = ttnn.MathFidelity.LoFi
    compute.fp32_dest_acc_en = True
    compute.dst_full_sync_en = True
    compute.unpack_to_dest_mode = [ttnn.UnpackToDestMode.UnpackToDestFp32]
    compute.bfp8_pack_precise = True
    compute.math_approx_mode = True
    described = ttnn.Program(
        ttnn.ProgramDescriptor(
            kernels=[
                kernel(
                    compile_time_args=[1, 2], named_compile_time_args=[("n", 3)], defines=[("A", "1")],
                    runtime_args=[(ORIGIN, [5]), (ttnn.CoreCoord(1, 0), [6, 7])], common_runtime_args=[8],
                    opt_level=ttnn.KernelBuildOptLevel.FAST, config=ttnn.WriterConfigDescriptor(),
                ),
                ttnn.KernelDescriptor(kernel_source=compute_file, core_ranges=PAIR, config=compute),
            ],
            semaphores=[ttnn.SemaphoreDescriptor(id=0, core_ranges=PAIR, initial_value=4)],
            cbs=[
                ttnn.CBDescriptor(4096, PAIR, [ttnn.CBFormatDescriptor(3, ttnn.DataType.BFLOAT16, 2048)]),
                ttnn.CBDescriptor(2048, PAIR, [ttnn.CBFormatDescriptor(4, ttnn.DataFormat.Bfp8_b, 1024)], 1024, buffer),
            ],
        )
    )  # fmt: skip

    by_hand = ttnn.CreateProgram()
    config = ttnn.CircularBufferConfig(4096, {3: ttnn.DataFormat.Float16_b}).set_page_size(3, 2048)
    ttnn.CreateCircularBuffer(by_hand, PAIR, config)
    config = ttnn.CircularBufferConfig(2048, {4: ttnn.DataFormat.Bfp8_b}).set_page_size(4, 1024)
    ttnn.CreateCircularBuffer(by_hand, PAIR, config.set_globally_allocated_address_and_total_size(buffer, 2048, 1024))
    ttnn.CreateSemaphore(by_hand, PAIR, 4)
    opt = ttnn.KernelBuildOptLevel.Ofast
    writer = ttnn.WriterDataMovementConfig([1, 2], {"A": "1"}, {"n": 3}, opt)
    ttnn.CreateKernelFromString(by_hand, SOURCE, PAIR, writer)
    fp32 = [ttnn.UnpackToDestMode.UnpackToDestFp32]
    ttnn.CreateKernel(
        by_hand, compute_file, PAIR, ttnn.ComputeConfig(ttnn.MathFidelity.LoFi, True, True, fp32, True, True)
    )
    ttnn.SetRuntimeArgs(by_hand, 0, [ORIGIN, ttnn.CoreCoord(1, 0)], [[5], [6, 7]])
    ttnn.SetCommonRuntimeArgs(by_hand, 0, [8])

    assert described.image() == by_hand.image()
    assert described.launch_state() == by_hand.launch_state()
    assert described.image().kernels[1].content.headers[0].text == "// util\n"


def test_an_empty_description_is_an_empty_program() -> None:
    assert ttnn.Program(ttnn.ProgramDescriptor()).image() == ttnn.CreateProgram().image()


def test_limits_apply() -> None:
    described = ttnn.ProgramDescriptor(kernels=[kernel(runtime_args=[[0] * 256])])
    with pytest.raises(LimitExceeded):
        ttnn.Program(described)
    assert ttnn.Program(described, limits=ttnn.Limits(runtime_args=341)).num_kernels() == 1


def test_programs_on_disjoint_cores_can_be_merged() -> None:
    elsewhere = ttnn.CoreRangeSet(ttnn.CoreCoord(5, 5))
    first = ttnn.ProgramDescriptor(
        kernels=[kernel()],
        semaphores=[ttnn.SemaphoreDescriptor(0, core_ranges=PAIR, initial_value=0)],
        cbs=[ttnn.CBDescriptor(64, PAIR, [ttnn.CBFormatDescriptor(0, ttnn.DataType.UINT32, 64)])],
    )
    second = ttnn.ProgramDescriptor(kernels=[kernel(core_ranges=elsewhere)])
    merged = ttnn.Program(ttnn.merge_program_descriptors([first, second]))
    assert [str(each.core_ranges) for each in merged.kernels] == ["{[0-0 - 1-0]}", "{[5-5 - 5-5]}"]
    assert (len(merged.semaphores), len(merged.circular_buffers)) == (1, 1)
    with pytest.raises(InvalidArgument, match=r"descriptor 1 has kernels on \{\[1-0 - 1-0\]\}"):
        ttnn.merge_program_descriptors(
            [first, ttnn.ProgramDescriptor(kernels=[kernel(core_ranges=ttnn.CoreRangeSet(ttnn.CoreCoord(1, 0)))])]
        )


# ---------------------------------------------------------------------------------------------- kernels


def test_a_kernel_reads_by_default() -> None:
    image = ttnn.Program(ttnn.ProgramDescriptor([kernel()])).image().kernels[0]
    assert image.data_movement == DataMovementSettings(
        ttnn.DataMovementProcessor.RISCV_1, ttnn.NOC.NOC_0, ttnn.NOC_MODE.DM_DEDICATED_NOC
    )
    assert image.opt_level is ttnn.KernelBuildOptLevel.O2


@pytest.mark.parametrize(
    ("config", "level"),
    [
        (ttnn.DataMovementConfigDescriptor(), ttnn.KernelBuildOptLevel.O2),
        (ttnn.ComputeConfigDescriptor(), ttnn.KernelBuildOptLevel.O3),
        (ttnn.EthernetConfig(), ttnn.KernelBuildOptLevel.Os),
    ],
)
def test_the_optimisation_level_follows_from_the_config(config: object, level: ttnn.KernelBuildOptLevel) -> None:
    assert ttnn.Program(ttnn.ProgramDescriptor([kernel(config=config)])).image().kernels[0].opt_level is level
    changed = kernel(config=config, opt_level=ttnn.KernelBuildOptLevel.O1)
    assert ttnn.Program(ttnn.ProgramDescriptor([changed])).image().kernels[0].opt_level is ttnn.KernelBuildOptLevel.O1


def test_mappings_are_accepted_for_arguments_and_defines() -> None:
    image = ttnn.Program(
        ttnn.ProgramDescriptor([kernel(compile_time_args={"BLOCK_SIZE": 32}, defines={"ENABLE": "1"})])
    ).image().kernels[0]  # fmt: skip
    assert (image.compile_time_args, image.named_compile_time_args) == ((), (("BLOCK_SIZE", 32),))
    assert image.defines == (("ENABLE", "1"),)


def test_one_list_of_arguments_serves_all_cores() -> None:
    assert arguments(kernel(runtime_args=[[1, 2]])) == {"0-0": (1, 2), "1-0": (1, 2)}


def test_several_lists_go_to_the_cores_in_column_order() -> None:
    square = ttnn.CoreRangeSet(ttnn.CoreRange(ORIGIN, ttnn.CoreCoord(1, 1)))
    found = arguments(kernel(core_ranges=square, runtime_args=[[1], [2], [3], [4]]))
    assert found == {"0-0": (1,), "0-1": (2,), "1-0": (3,), "1-1": (4,)}
    with pytest.raises(InvalidArgument, match=r"holds 3 lists, but core_ranges .* has 4 cores"):
        arguments(kernel(core_ranges=square, runtime_args=[[1], [2], [3]]))


def test_pairs_and_runtime_args_objects() -> None:
    args = ttnn.RuntimeArgs()
    args[0][0] = [1]
    args.append(ttnn.CoreCoord(1, 0), [2, 3])
    args[0][0].append(9)
    assert args.to_list() == [(ORIGIN, [1, 9]), (ttnn.CoreCoord(1, 0), [2, 3])]
    assert args.get(1) == (ttnn.CoreCoord(1, 0), [2, 3])
    expected = {"0-0": (1, 9), "1-0": (2, 3)}
    assert arguments(kernel(runtime_args=args)) == expected
    assert arguments(kernel(runtime_args=[(ORIGIN, [1, 9]), (ttnn.CoreCoord(1, 0), [2, 3])])) == expected
    args.clear()
    assert len(args) == 0


def test_the_arguments_of_a_descriptor_are_a_live_view() -> None:
    described = kernel(runtime_args=[(ORIGIN, [1])])
    described.runtime_args[0][0].append(2)
    described.runtime_args[1][0] = [3]
    assert arguments(described) == {"0-0": (1, 2), "1-0": (3,)}


def test_arguments_can_be_appended() -> None:
    described = kernel(runtime_args=[[1]], common_runtime_args=[7])
    described.append_runtime_args_from(kernel(runtime_args=[(ORIGIN, [2])], common_runtime_args=[8]))
    described.extend_runtime_args_uniform([9])
    described.append_common_runtime_args_from(kernel(common_runtime_args=[8]))
    assert arguments(described) == {"0-0": (1, 2, 9), "1-0": (1, 9)}
    assert described.common_runtime_args == [7, 8]
    described.clear_runtime_args()
    assert arguments(described) == {}


@pytest.mark.parametrize(
    "bad", [[[1, -1]], [[[[1]]]], [[1], [[2]]], [1, 2], [(ORIGIN, [1]), [2]], [(ORIGIN, ["a"])], [[1.5]]]
)
def test_garbage_as_runtime_arguments_is_refused(bad: object) -> None:
    with pytest.raises(InvalidArgument):
        arguments(kernel(runtime_args=bad))


def test_sources_are_files_or_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ttnn.SourceType.INLINE is ttnn.SourceType.SOURCE_CODE is ttnn.KernelDescriptor.SourceType.SOURCE_CODE
    with pytest.raises(KernelFileNotFound):
        ttnn.Program(ttnn.ProgramDescriptor([kernel(source_type=ttnn.SourceType.FILE_PATH)]))
    (tmp_path / "include").mkdir()
    (tmp_path / "include/tool.hpp").write_text("// tool\n")
    monkeypatch.chdir(tmp_path)
    described = kernel(kernel_source="#include <tool.hpp>", compiler_include_paths=["include"])
    assert [header.name for header in described.content().headers] == ["tool.hpp"]


def test_the_wrong_config_is_named() -> None:
    with pytest.raises(InvalidArgument, match="source_type 7 is not a SourceType"):
        kernel(source_type=7)
    with pytest.raises(TypeError, match=r"ReaderConfigDescriptor, .* not dict"):
        kernel(config={})
    with pytest.raises(TypeError, match="CoreRangeSet, not list"):
        kernel(core_ranges=[ORIGIN])


# ---------------------------------------------------------------------------------------------- circular buffers


@pytest.mark.parametrize(
    ("made", "name", "value"),
    [
        (ttnn.CBFormatDescriptor, "buffer_index", -1),
        (ttnn.CBFormatDescriptor, "buffer_index", 1 << 16),
        (ttnn.CBFormatDescriptor, "page_size", 1 << 32),
        (ttnn.CBFormatDescriptor, "data_format", "bfloat16"),
        (ttnn.CBDescriptor, "total_size", -5),
        (ttnn.CBDescriptor, "address_offset", -1),
        (ttnn.CBDescriptor, "core_ranges", [1]),
        (ttnn.CBDescriptor, "format_descriptors", ttnn.CBFormatDescriptor()),
        (ttnn.CBDescriptor, "format_descriptors", [5]),
        (ttnn.SemaphoreDescriptor, "initial_value", -1),
        (ttnn.KernelDescriptor, "source_type", "file"),
        (ttnn.KernelDescriptor, "config", 5),
        (ttnn.KernelDescriptor, "common_runtime_args", [1 << 32]),
        (ttnn.ProgramDescriptor, "kernels", ttnn.KernelDescriptor()),
        (ttnn.ProgramDescriptor, "cbs", [ttnn.CBFormatDescriptor()]),
    ],
)
def test_what_an_attribute_cannot_be_is_refused_when_it_is_set(made: type, name: str, value: object) -> None:
    with pytest.raises(InvalidArgument):
        setattr(made(), name, value)


def test_lists_of_parts_do_not_grow_in_place() -> None:
    described = ttnn.ProgramDescriptor(kernels=[kernel()])
    with pytest.raises(InvalidArgument, match="copy on a card"):
        described.kernels.append(kernel())  # type: ignore[attr-defined]
    described.kernels = [*described.kernels, kernel()]
    assert len(described.kernels) == 2


def test_formats_default_as_the_vendors() -> None:
    described = ttnn.CBFormatDescriptor()
    assert (described.buffer_index, described.data_format, described.page_size, described.tile) == (
        0, ttnn.DataFormat.Float32, 0, None,
    )  # fmt: skip


def test_tiles_and_several_formats() -> None:
    tile = ttnn.TileDescriptor(16, 32)
    described = ttnn.CBDescriptor(
        total_size=4096,
        core_ranges=PAIR,
        format_descriptors=[
            ttnn.CBFormatDescriptor(buffer_index=1, data_format=ttnn.DataType.BFLOAT16, page_size=1024, tile=tile),
            ttnn.CBFormatDescriptor(buffer_index=0, data_format=ttnn.DataType.FLOAT32, page_size=4096),
        ],
    )
    image = ttnn.Program(ttnn.ProgramDescriptor(cbs=[described])).image().circular_buffers[0]
    assert image.formats == (
        CircularBufferFormat(0, ttnn.DataFormat.Float32),
        CircularBufferFormat(1, ttnn.DataFormat.Float16_b, (16, 32)),
    )


def test_the_same_rules_hold_for_descriptions() -> None:
    def program(*formats: ttnn.CBFormatDescriptor, total: int = 4096) -> ttnn.Program:
        return ttnn.Program(ttnn.ProgramDescriptor(cbs=[ttnn.CBDescriptor(total, PAIR, formats)]))

    with pytest.raises(InvalidArgument, match="3000 B must be divisible by page size 2048 B"):
        program(ttnn.CBFormatDescriptor(0, ttnn.DataType.BFLOAT16, 2048), total=3000)
    with pytest.raises(InvalidArgument, match="unsupported data format"):
        program(ttnn.CBFormatDescriptor(0, ttnn.DataType.INVALID, 2048))
    with pytest.raises(LimitExceeded, match="index 32"):
        program(ttnn.CBFormatDescriptor(32, ttnn.DataType.BFLOAT16, 2048))
    assert program().image().circular_buffers[0].formats == ()


def test_a_buffer_can_be_shared_between_descriptions(device: ttnn.Device) -> None:
    buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 64 * 64, 64, ttnn.BufferType.L1))
    first, second = ttnn.CBDescriptor(buffer=buffer), ttnn.CBDescriptor()
    assert (first.has_buffer(), first.buffer_address()) == (True, buffer.address())
    assert (second.has_buffer(), second.buffer_address()) == (False, None)
    second.set_buffer_from_cb(first)
    assert second.buffer is buffer


# ---------------------------------------------------------------------------------------------- semaphores


def test_a_semaphores_id_is_honoured_and_read_only() -> None:
    described = ttnn.SemaphoreDescriptor(id=5, core_type=ttnn.CoreType.WORKER, core_ranges=PAIR, initial_value=1)
    with pytest.raises(AttributeError):
        described.id = 6  # type: ignore[misc]
    program = ttnn.Program(ttnn.ProgramDescriptor(semaphores=[described]))
    assert program.image().semaphores[0].id == 5
    assert ttnn.CreateSemaphore(program, PAIR, 0) == 0


def test_semaphore_ids_must_be_free_and_within_the_limits() -> None:
    with pytest.raises(InvalidArgument, match="id 16 exceeds max value 15"):
        ttnn.SemaphoreDescriptor(16, core_ranges=PAIR)
    twice = [ttnn.SemaphoreDescriptor(0, core_ranges=PAIR), ttnn.SemaphoreDescriptor(0, core_ranges=PAIR)]
    with pytest.raises(InvalidArgument, match="id 0 is already in use on core 0-0"):
        ttnn.Program(ttnn.ProgramDescriptor(semaphores=twice))
    high = ttnn.ProgramDescriptor(semaphores=[ttnn.SemaphoreDescriptor(8, core_ranges=PAIR)])
    with pytest.raises(LimitExceeded, match="id 8"):
        ttnn.Program(high)
    assert ttnn.Program(high, limits=ttnn.Limits(semaphores=16)).image().semaphores[0].id == 8


@pytest.mark.parametrize(
    "spelling",
    [
        [((0, 0), [7]), ((1, 0), [8])],
        [[(0, 0), [7]], [(1, 0), [8]]],
        [([0, 0], [7]), ([1, 0], (8,))],
        [(ORIGIN, [7]), (ttnn.CoreCoord(1, 0), [8])],
        [[[7]], [[8]]],
        [[[7], []], [[8], []]],
        [[7], [8]],
    ],
)
def test_runtime_arguments_by_every_spelling_of_a_core(spelling: object) -> None:
    pair = ttnn.CoreRangeSet([ttnn.CoreRange((0, 0), (1, 0))])
    assert arguments(kernel(core_ranges=pair, runtime_args=spelling)) == {"0-0": (7,), "1-0": (8,)}


def test_a_column_of_runtime_arguments_grows() -> None:
    given = ttnn.RuntimeArgs()
    given[0][0] = [1]
    given[0].append(0, True)
    given[0].extend(1, [5, 6])
    assert given.to_list() == [(ORIGIN, [1, 1]), (ttnn.CoreCoord(0, 1), [5, 6])]
    assert given.get(idx=1) == (ttnn.CoreCoord(0, 1), [5, 6])


def test_semaphores_without_an_id_are_numbered_by_their_place() -> None:
    everywhere = ttnn.CoreRangeSet([ttnn.CoreRange((0, 0), (1, 0))])
    described = [ttnn.SemaphoreDescriptor(core_ranges=everywhere, initial_value=value) for value in (4, 5)]
    described.append(ttnn.SemaphoreDescriptor())
    described[-1].core_ranges = everywhere
    program = ttnn.Program(ttnn.ProgramDescriptor(semaphores=described))
    assert [(each.id, each.initial_value) for each in program.semaphores] == [(0, 4), (1, 5), (2, 0)]
