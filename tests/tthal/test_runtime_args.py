"""Runtime arguments: who may have how many, and when they change."""

from __future__ import annotations

import numpy as np
import pytest

import tthal as ttnn
from tthal.device_interface import KernelContent, Limits
from tthal.errors import InvalidArgument, LimitExceeded, ProgramFrozen

BLOCK = ttnn.CoreRange(ttnn.CoreCoord(1, 1), ttnn.CoreCoord(2, 3))
CORE = ttnn.CoreCoord(1, 1)
OTHER = ttnn.CoreCoord(2, 3)


@pytest.fixture
def program() -> ttnn.Program:
    program = ttnn.CreateProgram()
    program.add_kernel(KernelContent("k", "", (), "k.cpp"), BLOCK)
    return program


def values(program: ttnn.Program) -> dict[str, tuple[int, ...]]:
    return {str(core): words for core, words in program.launch_state().kernels[0].per_core}


def test_one_list_serves_all_cores_of_the_specification(program: ttnn.Program) -> None:
    ttnn.SetRuntimeArgs(program, 0, BLOCK, [1, 2])
    assert values(program) == dict.fromkeys(["1-1", "1-2", "1-3", "2-1", "2-2", "2-3"], (1, 2))


def test_cores_in_a_list_get_a_list_each(program: ttnn.Program) -> None:
    ttnn.SetRuntimeArgs(program, 0, [OTHER, CORE], [[1], [2, 3]])
    assert values(program) == {"1-1": (2, 3), "2-3": (1,)}
    ttnn.SetRuntimeArgs(program, 0, ttnn.CoreRangeSet([CORE, OTHER]).subtract(OTHER), [4, 5])
    assert values(program) == {"1-1": (4, 5), "2-3": (1,)}


def test_either_way_of_naming_cores_takes_either_form_of_arguments(program: ttnn.Program) -> None:
    ttnn.SetRuntimeArgs(program, 0, [CORE, OTHER], [7, 8])
    assert values(program) == {"1-1": (7, 8), "2-3": (7, 8)}
    ttnn.SetRuntimeArgs(program, 0, BLOCK, [[n, n] for n in range(6)])
    assert values(program) == {core: (n, n) for n, core in enumerate(["1-1", "1-2", "1-3", "2-1", "2-2", "2-3"])}
    ttnn.SetRuntimeArgs(program, 0, CORE, np.array([[1, 2]]))
    assert values(program)["1-1"] == (1, 2)
    with pytest.raises(InvalidArgument, match="6 cores but 2 lists"):
        ttnn.SetRuntimeArgs(program, 0, BLOCK, [[1, 1], [2, 2]])


def test_numpy_integers_are_words(program: ttnn.Program) -> None:
    ttnn.SetRuntimeArgs(program, 0, CORE, np.array([1, 0xFFFF_FFFF], np.uint32))
    assert values(program)["1-1"] == (1, 4294967295)
    assert all(type(word) is int for word in values(program)["1-1"])


@pytest.mark.parametrize("bad", [[-1], [1 << 32], [1.5], ["1"], [None], "12", 7])
def test_what_is_not_a_word_is_refused(program: ttnn.Program, bad: object) -> None:
    for call in (ttnn.SetCommonRuntimeArgs, lambda p, k, args: ttnn.SetRuntimeArgs(p, k, CORE, args)):
        with pytest.raises(InvalidArgument):
            call(program, 0, bad)  # type: ignore[operator]
    assert values(program) == {}


def test_a_buffer_is_not_its_address(program: ttnn.Program, null_backend: object) -> None:
    with ttnn.open_device(backend="null") as device:
        buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 64, 32, ttnn.BufferType.DRAM))
        with pytest.raises(InvalidArgument, match=r"not a Buffer; .*\.address\(\)"):
            ttnn.SetRuntimeArgs(program, 0, CORE, [buffer])  # type: ignore[list-item]


def test_the_number_is_fixed_by_the_first_call(program: ttnn.Program) -> None:
    ttnn.SetRuntimeArgs(program, 0, CORE, [1])
    with pytest.raises(InvalidArgument, match=r"core 1-1 of kernel 0 \(k.cpp\) has 1 .* cannot change to 2"):
        ttnn.SetRuntimeArgs(program, 0, BLOCK, [1, 2])
    assert values(program) == {"1-1": (1,)}
    ttnn.SetRuntimeArgs(program, 0, CORE, [9])
    assert values(program) == {"1-1": (9,)}


def test_a_core_named_twice_keeps_one_length(program: ttnn.Program) -> None:
    with pytest.raises(InvalidArgument, match="cannot change"):
        ttnn.SetRuntimeArgs(program, 0, [CORE, CORE], [[1], [1, 2]])
    ttnn.SetRuntimeArgs(program, 0, [CORE, CORE], [[1], [2]])
    assert values(program) == {"1-1": (2,)}


def test_empty_lists_do_nothing(program: ttnn.Program) -> None:
    ttnn.SetRuntimeArgs(program, 0, BLOCK, [])
    ttnn.SetRuntimeArgs(program, 0, [CORE, OTHER], [[], [7]])
    ttnn.SetCommonRuntimeArgs(program, 0, [])
    assert values(program) == {"2-3": (7,)}
    assert len(ttnn.GetCommonRuntimeArgs(program, 0)) == 0


@pytest.mark.parametrize("core", [ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 0), ttnn.CoreCoord(9, 9)])
def test_cores_without_the_kernel_take_and_have_no_arguments(program: ttnn.Program, core: ttnn.CoreCoord) -> None:
    with pytest.raises(InvalidArgument, match=f"not placed on core {core}.*placed on"):
        ttnn.SetRuntimeArgs(program, 0, core, [1])
    with pytest.raises(InvalidArgument, match="not placed on core"):
        ttnn.SetRuntimeArgs(program, 0, [CORE, core], [[1], [1]])
    with pytest.raises(InvalidArgument, match="not placed on core"):
        ttnn.GetRuntimeArgs(program, 0, core)
    assert values(program) == {}


def test_as_many_lists_as_cores(program: ttnn.Program) -> None:
    with pytest.raises(InvalidArgument, match="2 cores but 1 lists"):
        ttnn.SetRuntimeArgs(program, 0, [CORE, OTHER], [[1]])


@pytest.mark.parametrize("limit", [None, 4])
def test_unique_and_common_words_share_the_limit(limit: int | None) -> None:
    most = limit or 255
    program = ttnn.CreateProgram(limits=Limits(runtime_args=most) if limit else None)
    program.add_kernel(KernelContent("k", ""), BLOCK)
    with pytest.raises(LimitExceeded, match=f"{most + 1} unique and common .* at most {most} .*CreateProgram"):
        ttnn.SetRuntimeArgs(program, 0, CORE, [0] * (most + 1))
    ttnn.SetRuntimeArgs(program, 0, CORE, [0] * (most - 1))
    with pytest.raises(LimitExceeded):
        ttnn.SetCommonRuntimeArgs(program, 0, [1, 2])
    ttnn.SetCommonRuntimeArgs(program, 0, [1])
    with pytest.raises(LimitExceeded):
        ttnn.SetRuntimeArgs(program, 0, OTHER, [0] * most)


def test_common_words_are_set_once_and_changed_in_place(program: ttnn.Program) -> None:
    ttnn.SetCommonRuntimeArgs(program, 0, [1, 2])
    with pytest.raises(InvalidArgument, match=r"only once.*GetCommonRuntimeArgs"):
        ttnn.SetCommonRuntimeArgs(program, 0, [3, 4])
    ttnn.GetCommonRuntimeArgs(program, 0)[1] = 5
    assert program.launch_state().kernels[0].common == (1, 5)


def test_a_view_writes_through_to_the_next_launch(program: ttnn.Program) -> None:
    ttnn.SetRuntimeArgs(program, 0, BLOCK, [1, 2])
    before = program.launch_state()
    args = ttnn.GetRuntimeArgs(program, 0, CORE)
    args[0] = np.uint32(9)
    args.data()[1] = 8
    assert (args.size(), args.at(0), list(args), args.tolist()) == (2, 9, [9, 8], [9, 8])
    assert dict(before.kernels[0].per_core)[CORE] == (1, 2)
    assert values(program)["1-1"] == (9, 8)
    assert values(program)["1-2"] == (1, 2)
    ttnn.SetRuntimeArgs(program, 0, CORE, [4, 4])
    assert args == [4, 4]


@pytest.mark.parametrize("index", [2, -3])
def test_a_view_has_a_fixed_length(program: ttnn.Program, index: int) -> None:
    ttnn.SetRuntimeArgs(program, 0, CORE, [1, 2])
    args = ttnn.GetRuntimeArgs(program, 0, CORE)
    with pytest.raises(IndexError, match=f"argument {index} does not exist: 2 are set"):
        args[index] = 3
    with pytest.raises(IndexError):
        args.at(index)
    with pytest.raises(InvalidArgument):
        args[0] = -1
    assert args == (1, 2)


def test_all_views_are_indexed_by_column_and_row_from_the_origin(program: ttnn.Program) -> None:
    ttnn.SetRuntimeArgs(program, 0, [CORE, OTHER], [[1], [2, 3]])
    grid = ttnn.GetRuntimeArgs(program, 0)
    assert [[each.size() for each in column] for column in grid] == [[0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 2]]
    grid[2][3][1] = 7
    assert values(program)["2-3"] == (2, 7)
    assert len(ttnn.GetRuntimeArgs(program, 0, ttnn.CoreCoord(1, 2))) == 0


def test_the_first_launch_fixes_who_has_how_many(program: ttnn.Program) -> None:
    ttnn.SetRuntimeArgs(program, 0, CORE, [1])
    program.freeze()
    ttnn.SetRuntimeArgs(program, 0, CORE, [2])
    with pytest.raises(ProgramFrozen, match="before the launch"):
        ttnn.SetRuntimeArgs(program, 0, [CORE, OTHER], [[3], [3]])
    with pytest.raises(ProgramFrozen):
        ttnn.SetCommonRuntimeArgs(program, 0, [1])
    assert values(program) == {"1-1": (2,)}


def test_the_device_form_takes_a_kernel(program: ttnn.Program, null_backend: object) -> None:
    with ttnn.open_device(backend="null") as device:
        ttnn.SetRuntimeArgs(device, program.kernel(0), BLOCK, [1])
        ttnn.SetRuntimeArgs(device, program.kernel(0), [CORE], [[2]])
        with pytest.raises(TypeError, match=r"program.kernel"):
            ttnn.SetRuntimeArgs(device, 0, BLOCK, [1])  # type: ignore[call-overload]
    assert values(program)["1-1"] == (2,)
    assert values(program)["2-3"] == (1,)
    with pytest.raises(ttnn.ObjectClosed):
        ttnn.SetRuntimeArgs(device, program.kernel(0), BLOCK, [1])


@pytest.mark.parametrize("kernel", [1, -1, 2.5, None, "0"])
def test_unknown_kernels_are_named(program: ttnn.Program, kernel: object) -> None:
    with pytest.raises(InvalidArgument, match=r"kernel (with )?id"):
        ttnn.GetRuntimeArgs(program, kernel)  # type: ignore[call-overload]


def test_the_wrong_objects_are_type_errors(program: ttnn.Program) -> None:
    other = ttnn.CreateProgram().add_kernel(KernelContent("k", ""), BLOCK)
    with pytest.raises(TypeError, match="another program"):
        ttnn.SetRuntimeArgs(program, other, CORE, [1])
    with pytest.raises(TypeError, match="Program or an open device"):
        ttnn.SetRuntimeArgs("program", 0, CORE, [1])  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="list of CoreCoord"):
        ttnn.SetRuntimeArgs(program, 0, 7, [1])  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="CoreCoord or a pair"):
        ttnn.SetRuntimeArgs(program, 0, ["1-1"], [[1]])  # type: ignore[list-item]


def test_cores_may_be_pairs_and_words_truth_values(program: ttnn.Program) -> None:
    ttnn.SetRuntimeArgs(program, 0, (1, 1), [True, np.bool_(False), 7])
    assert ttnn.GetRuntimeArgs(program, 0, (1, 1)) == [1, 0, 7]
    ttnn.SetRuntimeArgs(program, 0, [(1, 1), CORE], [[0, 1, 2], [0, 1, 2]])
    assert values(program)["1-1"] == (0, 1, 2)
    assert all(type(core) is ttnn.CoreCoord for core, _ in program.kernel(0).arguments.snapshot().per_core)
