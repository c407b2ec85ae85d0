"""Sharded buffers on the real library and a simulated card, and on the emulator: the same bytes at the same places.

Every byte of every bank's part is compared, so page mapping, padding and addresses at once.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any

import numpy as np
import pytest

from tthal.buffer_distribution import BufferDistributionSpec
from tthal.coordinates import CoreCoord, CoreRange, CoreRangeSet, corerange_to_cores
from tthal.device_interface import Allocation, BufferSpec, DeviceDriver, DeviceProperties, ShardLayout
from tthal.errors import InvalidArgument
from tthal.plugins.facade import load_backend
from tthal.sharding import ShardSpecBuffer, shard_layout, shards_per_core
from tthal.types import BufferType, ShardDistributionStrategy, ShardOrientation, TensorMemoryLayout

pytestmark = pytest.mark.slow

RandomShards = Callable[[random.Random, DeviceProperties], tuple[BufferType, TensorMemoryLayout, ShardLayout]]


@pytest.fixture(scope="module")
def devices(simulated_card: dict[str, str]) -> Iterator[tuple[DeviceDriver, DeviceDriver]]:
    """The simulated card, and an emulated one in the same dispatch mode."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TT_METAL_MOCK_CLUSTER_DESC_PATH", raising=False)
        for name, value in simulated_card.items():
            patch.setenv(name, value)
        card = load_backend("metal").open(0, "", {"timeout": "120"}, lambda event: None)
        emulated = load_backend("emulator").open(0, "", {"dispatch": "slow"}, lambda event: None)
        yield card, emulated
        emulated.close()
        card.close()


def written(
    device: DeviceDriver, allocation: Allocation, cores: Sequence[CoreCoord], size: int, data: bytes
) -> list[bytes]:
    """Write a buffer over zeros; return what the memory of each of some cores (of DRAM: banks) holds then."""
    l1 = allocation.spec.buffer_type.is_l1
    for core in cores:
        if l1:
            device.write_l1(core, allocation.address, memoryview(bytes(size)))
        else:
            device.write_dram(core.x, allocation.address, memoryview(bytes(size)))
    device.write(0, allocation, memoryview(data))
    device.finish(0)
    back = bytearray(len(data))
    device.read(0, allocation, memoryview(back))
    device.finish(0)
    assert back == data, allocation.spec
    return [
        device.read_l1(core, allocation.address, size) if l1 else device.read_dram(core.x, allocation.address, size)
        for core in cores
    ]


def test_every_byte_lies_at_the_same_place(
    devices: tuple[DeviceDriver, DeviceDriver], random_shards: RandomShards, shard_forms: list[Any]
) -> None:
    random_, live = random.Random(5), []
    compared: set[object] = set()
    for number in range(250):
        where, kind, layout = random_shards(random_, devices[1].properties)
        page = random_.choice((16, 20, 32, 48, 64))
        spec = BufferSpec(prod(layout.tensor_shape) * page, page, where, kind, layout)
        allocations = [device.allocate(spec) for device in devices]
        assert allocations[0].address == allocations[1].address, spec
        data = np.random.default_rng(number).integers(1, 256, spec.size, dtype=np.uint8).tobytes()
        # Pages lie 16 bytes apart in L1, 32 in DRAM, or a multiple of that (host-api.md §4).
        step = 16 if where.is_l1 else 32
        size = shards_per_core(layout) * prod(layout.shard_shape) * (-(-page // step) * step)
        theirs, ours = (
            written(device, allocation, layout.cores, size, data)
            for device, allocation in zip(devices, allocations, strict=True)
        )
        assert theirs == ours, spec
        compared.add((where, kind, layout.strategy))
        live.append(allocations)
        if random_.random() < 0.7:
            for device, allocation in zip(devices, live.pop(random_.randrange(len(live))), strict=True):
                device.free(allocation)
    assert compared == {(where, *form) for where in (BufferType.DRAM, BufferType.L1) for form in shard_forms}
    for allocations in live:
        for device, allocation in zip(devices, allocations, strict=True):
            device.free(allocation)


def test_the_library_leaves_out_the_same_cores_of_a_wider_rectangle(
    devices: tuple[DeviceDriver, DeviceDriver],
) -> None:
    """GRID_2D on a rectangle wider than the shards: tthal passes on the cores that get some, the library finds them."""
    random_, wider = random.Random(6), 0
    for number in range(200):
        tensor, shard = ((random_.randint(1, 6), random_.randint(1, 6)), (random_.randint(1, 3), random_.randint(1, 3)))
        orientation = random_.choice(list(ShardOrientation))
        x, y = random_.randint(0, 3), random_.randint(0, 4)
        box = CoreRange(CoreCoord(x, y), CoreCoord(x + random_.randint(0, 3), y + random_.randint(0, 3)))
        strategy = ShardDistributionStrategy.GRID_2D
        try:
            ours = BufferDistributionSpec(tensor, shard, box, orientation, strategy).shard_layout()
        except InvalidArgument:
            continue
        cores = tuple(corerange_to_cores(box, row_wise=orientation is ShardOrientation.ROW_MAJOR))
        data = np.random.default_rng(number).integers(1, 256, prod(tensor) * 64, dtype=np.uint8).tobytes()
        found = []
        for device, layout in zip(
            devices, (ShardLayout(cores, tensor, shard, orientation, strategy), ours), strict=True
        ):
            kind = TensorMemoryLayout.ND_SHARDED
            allocation = device.allocate(BufferSpec(len(data), 64, BufferType.L1, kind, layout))
            found.append((allocation.address, written(device, allocation, cores, prod(shard) * 64, data)))
            device.free(allocation)
        assert found[0] == found[1], (tensor, shard, box, orientation)
        wider += len(ours.cores) < len(cores)
    assert wider > 30


def test_height_and_width_shards_of_any_shape(devices: tuple[DeviceDriver, DeviceDriver]) -> None:
    """A shard need not span the tensor: the library deals out pages in order (height) or rectangles of them (width).

    The library gets the shapes as a program gives them, the emulator what tthal makes of them.
    """
    random_, odd = random.Random(7), 0
    for number in range(120):
        kind = random_.choice((TensorMemoryLayout.HEIGHT_SHARDED, TensorMemoryLayout.WIDTH_SHARDED))
        tensor = random_.randint(1, 6), random_.randint(1, 6)
        shard = random_.randint(1, 5), random_.randint(1, 5)
        orientation = random_.choice(list(ShardOrientation))
        box = CoreRange(CoreCoord(0, 0), CoreCoord(random_.randint(0, 3), random_.randint(0, 3)))
        try:
            ours = shard_layout(kind, ShardSpecBuffer(CoreRangeSet(box), shard, orientation, (1, 1), tensor))
        except InvalidArgument:  # more shards than cores: the library leaves pages out
            continue
        data = np.random.default_rng(number).integers(1, 256, prod(tensor) * 16, dtype=np.uint8).tobytes()
        found = []
        for device, layout in zip(devices, (ShardLayout(ours.cores, tensor, shard, orientation), ours), strict=True):
            allocation = device.allocate(BufferSpec(len(data), 16, BufferType.L1, kind, layout))
            found.append((allocation.address, written(device, allocation, ours.cores, prod(shard) * 16, data)))
            device.free(allocation)
        assert found[0] == found[1], (kind, tensor, shard, box, orientation)
        odd += shard[1] != tensor[1] if kind is TensorMemoryLayout.HEIGHT_SHARDED else shard[0] != tensor[0]
    assert odd > 40
