"""Addresses recorded from the vendor's library 0.81.1 on its mock devices: random programs, nothing worked out by us.

``data/vendor_placement_0.81.1.json`` holds, per board: sequences of allocations and frees with the address or the
out-of-memory text; circular buffers of programs with their addresses (read out of the text that an oversized one
provokes); sizes of kernel configuration regions (read out of the text that a program too large provokes).
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tthal.coordinates import CoreCoord, CoreRange, CoreRangeSet
from tthal.device_interface import (
    Allocation,
    BufferSpec,
    CircularBufferFormat,
    CircularBufferImage,
    CircularBufferState,
    ComputeSettings,
    DataMovementSettings,
    KernelContent,
    KernelImage,
    ProgramImage,
    SemaphoreImage,
)
from tthal.errors import OutOfMemory, PlacementError
from tthal.types import (
    NOC,
    NOC_MODE,
    BufferType,
    DataFormat,
    DataMovementProcessor,
    KernelBuildOptLevel,
    MathFidelity,
)
from tthal_emulator.board.allocator import BufferAllocator
from tthal_emulator.board.boards import find_board
from tthal_emulator.board.machine import Machine
from tthal_emulator.program.cb_regions import CircularBufferRegions
from tthal_emulator.program.config_region import config_region, kernels_by_core

RECORDED: dict[str, dict[str, list[Any]]] = json.loads(
    (Path(__file__).parent / "data" / "vendor_placement_0.81.1.json").read_text()
)


@pytest.mark.parametrize("board", RECORDED)
def test_buffers_go_where_the_vendor_puts_them(board: str) -> None:
    memory = BufferAllocator(Machine(find_board(board)))
    placed: dict[int, Allocation] = {}
    for step, (action, *values) in enumerate(RECORDED[board]["buffers"]):
        if action == "free":
            memory.free(placed[values[0]])
            continue
        kind, page_size, pages, expected = values
        spec = BufferSpec(page_size * pages, page_size, BufferType(kind))
        if isinstance(expected, int):
            placed[step] = memory.allocate(spec)
            assert placed[step].address == expected, step
        else:
            with pytest.raises(OutOfMemory) as raised:
                memory.allocate(spec)
            assert str(raised.value).startswith(expected), step


def circular_buffer(ranges: list[list[int]], index: int) -> CircularBufferImage:
    cores = CoreRangeSet([CoreRange(CoreCoord(x0, y0), CoreCoord(x1, y1)) for x0, y0, x1, y1 in ranges])
    return CircularBufferImage(cores, (CircularBufferFormat(index, DataFormat.Float16_b),))


@pytest.mark.parametrize("board", RECORDED)
def test_circular_buffers_go_where_the_vendor_puts_them(board: str) -> None:
    overlapping = 0
    for program in RECORDED[board]["circular_buffers"]:
        images = [circular_buffer(ranges, index) for index, (ranges, _, _) in enumerate(program)]
        states = [CircularBufferState(size, ((index, size or 16),)) for index, (_, size, _) in enumerate(program)]
        expected = tuple(address for _, _, address in program)
        try:
            assert CircularBufferRegions(images, states, Machine(find_board(board))).addresses == expected
        except PlacementError:
            assert share_a_byte(program)
            overlapping += 1
    assert overlapping < len(RECORDED[board]["circular_buffers"])


def share_a_byte(program: list[Any]) -> bool:
    """Whether the vendor's own addresses put two circular buffers of one core on top of each other."""
    for x in range(4):
        for y in range(4):
            here = sorted(
                (address, address + size)
                for ranges, size, address in program
                if size and any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in ranges)
            )
            if any(second[0] < first[1] for first, second in pairwise(here)):
                return True
    return False


def column(core: int) -> CoreRangeSet:
    return CoreRangeSet(CoreCoord(core, 0))


def kernel(processor: int, cores: list[int], common: int, unique: list[list[int]]) -> KernelImage:
    movement = None
    if processor < 2:
        movement = DataMovementSettings(DataMovementProcessor(processor), NOC(processor), NOC_MODE.DM_DEDICATED_NOC)
    return KernelImage(
        KernelContent("kernel", ""),
        CoreRangeSet([CoreRange(CoreCoord(core, 0)) for core in cores]),
        KernelBuildOptLevel.O2,
        data_movement=movement,
        compute=None if movement else ComputeSettings(MathFidelity.HiFi4, False, False, (), False, False),
        runtime_arg_counts=tuple((CoreCoord(core, 0), count) for core, count in unique),
        common_runtime_arg_count=common,
    )


def test_configuration_regions_are_as_large_as_the_vendors() -> None:
    machine = Machine(find_board("p150"))
    for program in RECORDED["p150"]["config_regions"]:
        image = ProgramImage(
            kernels=tuple(kernel(*fields) for fields in program["kernels"]),
            circular_buffers=tuple(
                CircularBufferImage(column(core), (CircularBufferFormat(index, DataFormat.Float16_b),))
                for core, index in program["circular_buffers"]
            ),
            semaphores=tuple(SemaphoreImage(number, column(core), 0) for core, number in program["semaphores"]),
        )
        region = config_region(image, machine, kernels_by_core(image))
        parts = [region.semaphores, region.circular_buffers - region.semaphores, region.size - region.circular_buffers]
        assert parts == program["sizes"]
