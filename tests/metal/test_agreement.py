"""Properties and addresses: the library's on its mock device, and the emulator's, board by board and mode by mode.

Semaphore addresses are left out: they rotate through a ring under fast dispatch.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import fields
from math import prod
from typing import Any

import pytest

from tthal.coordinates import CoreCoord, CoreRange, CoreRangeSet
from tthal.device_interface import (
    Allocation,
    BufferSpec,
    CircularBufferFormat,
    CircularBufferImage,
    CircularBufferState,
    DataMovementSettings,
    DeviceDriver,
    DeviceProperties,
    KernelArguments,
    KernelContent,
    KernelImage,
    LaunchState,
    ProgramImage,
    ShardLayout,
)
from tthal.errors import OutOfMemory, PlacementError
from tthal.types import (
    NOC,
    NOC_MODE,
    BufferType,
    DataFormat,
    DataMovementProcessor,
    DispatchMode,
    KernelBuildOptLevel,
    TensorMemoryLayout,
)
from tthal_emulator.board.allocator import BufferAllocator
from tthal_emulator.board.boards import find_board
from tthal_emulator.board.machine import Machine
from tthal_emulator.program.cb_regions import CircularBufferRegions
from tthal_metal.backend import MetalBackend

RandomShards = Callable[[random.Random, DeviceProperties], tuple[BufferType, TensorMemoryLayout, ShardLayout]]

# The library ships no precompiled firmware for a Blackhole in slow dispatch, and the stand-in compiles none.
CASES = [("n150", "fast"), ("n150", "slow"), ("n300", "fast"), ("p100", "fast"), ("p150", "fast")]
MOVER = DataMovementSettings(DataMovementProcessor.RISCV_0, NOC.NOC_0, NOC_MODE.DM_DEDICATED_NOC)


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def pair(request: pytest.FixtureRequest, mock_card: Any) -> Iterator[tuple[DeviceDriver, Machine]]:
    """The library's mock device and the emulator's machine of the same board and dispatch mode; tests free all."""
    board, dispatch = request.param
    with pytest.MonkeyPatch.context() as patch:
        for name, value in mock_card.environment(board).items():
            patch.setenv(name, value)
        device = MetalBackend().open(0, "", {"isolate": "yes", "dispatch": dispatch}, lambda event: None)
    yield device, Machine(find_board(board), DispatchMode(dispatch))
    device.close()


def differing(one: DeviceProperties, other: DeviceProperties) -> dict[str, tuple[object, object]]:
    left_out = {"capabilities", "library_versions", "data_formats", "num_queues"}
    names = [field.name for field in fields(DeviceProperties) if field.name not in left_out]
    return {
        name: (getattr(one, name), getattr(other, name)) for name in names if getattr(one, name) != getattr(other, name)
    }


def test_properties_are_the_same(pair: tuple[DeviceDriver, Machine]) -> None:
    device, machine = pair
    emulated = machine.properties(frozenset(), ())
    assert differing(device.properties, emulated) == {}


def random_spec(random_: random.Random, properties: DeviceProperties, random_shards: RandomShards) -> BufferSpec:
    page = random_.choice((16, 20, 32, 576, 1088, 2048, 4096))
    if random_.random() < 0.4:
        where, kind, layout = random_shards(random_, properties)
        return BufferSpec(prod(layout.tensor_shape) * page, page, where, kind, layout)
    buffer_type = random_.choice((BufferType.DRAM, BufferType.L1))
    pages = random_.choice((1, 2, 11, 12, 13, 64, 65, 200))
    bottom_up = random_.choice((None, None, None, True, False))
    return BufferSpec(pages * page, page, buffer_type, bottom_up=bottom_up)


def test_buffers_get_the_same_addresses(
    pair: tuple[DeviceDriver, Machine], random_shards: RandomShards, shard_forms: list[Any]
) -> None:
    device, machine = pair
    emulated = BufferAllocator(machine)
    random_ = random.Random(7)
    live: list[tuple[Allocation, Allocation]] = []
    compared: set[object] = set()
    for step in range(400):
        if live and random_.random() < 0.4:
            theirs, ours = live.pop(random_.randrange(len(live)))
            device.free(theirs)
            emulated.free(ours)
            continue
        spec = random_spec(random_, device.properties, random_shards)
        theirs, ours = device.allocate(spec), emulated.allocate(spec)
        assert theirs.address == ours.address, f"step {step}: {spec}"
        live.append((theirs, ours))
        compared.add((spec.buffer_type, spec.layout, spec.shards.strategy if spec.shards else None))
    forms = [(TensorMemoryLayout.INTERLEAVED, None), *shard_forms]
    assert compared == {(where, *form) for where in (BufferType.DRAM, BufferType.L1) for form in forms}
    for theirs, _ in live:
        device.free(theirs)


def test_memory_runs_out_at_the_same_buffer(pair: tuple[DeviceDriver, Machine]) -> None:
    device, machine = pair
    emulated = BufferAllocator(machine)
    banks, base = len(device.properties.l1_banks), device.properties.l1_base
    page = 4096
    spec = BufferSpec(banks * page * 40, page, BufferType.L1)
    held = []
    for _ in range((device.properties.l1_size - base) // (page * 40)):
        held.append(device.allocate(spec))
        assert held[-1].address == emulated.allocate(spec).address
    for allocate in (device.allocate, emulated.allocate):
        with pytest.raises(OutOfMemory):
            allocate(spec)
    for allocation in held:
        device.free(allocation)


def random_ranges(random_: random.Random) -> CoreRangeSet:
    """Ranges inside (0,0) to (3,3)."""
    if random_.random() < 0.25:
        y = random_.randint(0, 2)
        return CoreRangeSet([CoreRange(CoreCoord(0, y)), CoreRange(CoreCoord(2, y), CoreCoord(3, y + 1))])
    x, y = random_.randint(0, 3), random_.randint(0, 3)
    return CoreRangeSet(CoreRange(CoreCoord(x, y), CoreCoord(random_.randint(x, 3), random_.randint(y, 3))))


def test_circular_buffers_get_the_same_addresses(pair: tuple[DeviceDriver, Machine]) -> None:
    device, machine = pair
    random_ = random.Random(11)
    everywhere = CoreRangeSet(CoreRange(CoreCoord(0, 0), CoreCoord(3, 3)))
    bound = device.allocate(BufferSpec(len(device.properties.l1_banks) * 16384, 16384, BufferType.L1))
    compared = 0
    for number in range(30):
        images, states = [], []
        for index in range(random_.randint(1, 6)):
            images.append(
                CircularBufferImage(random_ranges(random_), (CircularBufferFormat(index, DataFormat.Float16_b),))
            )
            page = random_.choice((16, 32, 48, 100, 2048))
            total = page * random_.randint(1, 4)
            inside = random_.random() < 0.2
            states.append(CircularBufferState(total, ((index, page),), bound if inside else None, 16 if inside else 0))
        content = KernelContent("k", f"void kernel_main() {{}} // {number}")
        mover = KernelImage(content, everywhere, KernelBuildOptLevel.O2, data_movement=MOVER)
        image = ProgramImage((mover,), tuple(images))
        loaded = device.load(image)
        device.launch(0, loaded, LaunchState((KernelArguments(),), tuple(states)))
        device.finish(0)
        theirs: list[int] = device.circular_buffer_addresses(loaded)  # type: ignore[attr-defined]
        try:
            ours = list(CircularBufferRegions(images, states, machine).addresses)
        except PlacementError:
            # The emulator refuses what the vendor's rule places on top of each other: it has to be just that.
            assert overlapping(images, states, theirs), image
            continue
        assert theirs == ours, image
        compared += 1
    assert compared >= 15
    device.free(bound)


def overlapping(
    images: list[CircularBufferImage], states: list[CircularBufferState], addresses: list[int]
) -> list[tuple[int, int]]:
    """Pairs of circular buffers that share bytes on a common core."""
    return [
        (first, second)
        for second, address in enumerate(addresses)
        for first in range(second)
        if images[first].core_ranges.intersects(images[second].core_ranges)
        and address < addresses[first] + states[first].total_size
        and addresses[first] < address + states[second].total_size
    ]
