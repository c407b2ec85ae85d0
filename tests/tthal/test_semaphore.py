"""Semaphores: ids, limits, cores."""

from __future__ import annotations

import pytest

import tthal as ttnn
from tthal.device_interface import Limits
from tthal.errors import InvalidArgument, LimitExceeded, ProgramFrozen


def block(x0: int, y0: int, x1: int, y1: int) -> ttnn.CoreRange:
    return ttnn.CoreRange(ttnn.CoreCoord(x0, y0), ttnn.CoreCoord(x1, y1))


def test_ids_count_up_on_shared_cores_and_start_again_on_others() -> None:
    program = ttnn.CreateProgram()
    assert ttnn.CreateSemaphore(program, block(0, 0, 1, 1), 0) == 0
    assert ttnn.CreateSemaphore(program, block(0, 0, 1, 1), initial_value=5) == 1
    assert ttnn.CreateSemaphore(program, block(2, 2, 3, 3), 0) == 0
    assert ttnn.CreateSemaphore(program, block(1, 1, 2, 2), 0) == 2
    assert [each.initial_value for each in program.image().semaphores] == [0, 5, 0, 0]


def test_the_id_is_free_on_every_core_of_all_ranges() -> None:
    program = ttnn.CreateProgram()
    ttnn.CreateSemaphore(program, block(0, 0, 0, 0), 0)
    ttnn.CreateSemaphore(program, block(5, 5, 5, 5), 0)
    ttnn.CreateSemaphore(program, block(5, 5, 5, 5), 0)
    both = ttnn.CoreRangeSet([block(0, 0, 0, 0), block(5, 5, 5, 5)])
    assert ttnn.CreateSemaphore(program, both, 0) == 2
    assert ttnn.CreateSemaphore(program, block(0, 0, 0, 0), 0) == 1


@pytest.mark.parametrize("limit", [None, 16])
def test_a_core_has_a_limited_number(limit: int | None) -> None:
    program = ttnn.CreateProgram(limits=Limits(semaphores=limit) if limit else None)
    for expected in range(limit or 8):
        assert ttnn.CreateSemaphore(program, block(0, 0, 0, 0), 0) == expected
    with pytest.raises(LimitExceeded, match="no semaphore id is left"):
        ttnn.CreateSemaphore(program, block(0, 0, 3, 3), 0)
    assert ttnn.CreateSemaphore(program, block(1, 0, 3, 3), 0) == 0


def test_ethernet_cores_have_their_own() -> None:
    program = ttnn.CreateProgram()
    assert ttnn.CreateSemaphore(program, block(0, 0, 0, 0), 0) == 0
    assert ttnn.CreateSemaphore(program, block(0, 0, 0, 0), 0, core_type=ttnn.CoreType.ETH) == 0
    with pytest.raises(InvalidArgument, match="WORKER or"):
        ttnn.CreateSemaphore(program, block(0, 0, 0, 0), 0, ttnn.CoreType.DRAM)
    with pytest.raises(InvalidArgument, match="is not a CoreType"):
        ttnn.CreateSemaphore(program, block(0, 0, 0, 0), 0, "WORKER")  # type: ignore[arg-type]


def test_a_single_core_will_do_as_a_pair_too() -> None:
    program = ttnn.CreateProgram()
    assert ttnn.CreateSemaphore(program, ttnn.CoreCoord(0, 0), 0) == 0
    assert ttnn.CreateSemaphore(program, (0, 0), 0) == 1
    with pytest.raises(TypeError, match="CoreRangeSet"):
        ttnn.CreateSemaphore(program, 7, 0)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [-1, 1 << 32, 0.5, None])
def test_the_value_is_a_word(value: object) -> None:
    with pytest.raises(InvalidArgument, match="initial_value"):
        ttnn.CreateSemaphore(ttnn.CreateProgram(), block(0, 0, 0, 0), value)  # type: ignore[arg-type]


def test_some_core_is_needed_and_structure_freezes() -> None:
    program = ttnn.CreateProgram()
    with pytest.raises(InvalidArgument, match="at least one core"):
        ttnn.CreateSemaphore(program, ttnn.CoreRangeSet(), 0)
    program.freeze()
    with pytest.raises(ProgramFrozen, match="cannot add a semaphore to program"):
        ttnn.CreateSemaphore(program, block(0, 0, 0, 0), 0)
