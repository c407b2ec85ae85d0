"""Random rectangles through whole launches, on both networks of every board: who receives, and who does not.

The oracle knows logical coordinates alone: NoC 0 walks from the start up to the end, round the torus when the end comes
first, and NoC 1 walks down. Columns and rows without workers (DRAM, Ethernet, harvested ones) are passed over, so they
do not show in logical coordinates. The sender receives only what is sent with its loopback.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

import tthal as ttnn

A, B, SLOT, TRIES = 0x40000, 0x44000, 16, 48
KERNEL = f"""
#include "dataflow_api.h"
void kernel_main() {{
    const uint32_t count = get_arg_val<uint32_t>(0);
    for (uint32_t i = 0; i < count; i++) {{
        const auto word = [&](uint32_t k) {{ return get_arg_val<uint32_t>(1 + 4 * i + k); }};
        const uint32_t start = word(0), end = word(1), dests = word(2), source = {A} + {SLOT} * i;
        const uint64_t to = get_noc_multicast_addr(start >> 8, start & 255, end >> 8, end & 255, {B} + {SLOT} * i, NOC);
        switch (word(3)) {{
            case 0: noc_async_write_multicast(source, to, {SLOT}, dests, false, NOC); break;
            case 1: noc_async_write_multicast_loopback_src(source, to, {SLOT}, dests, false, NOC); break;
            case 2: noc_semaphore_set_multicast(source, to, dests, false, NOC); break;
            case 3: noc_semaphore_set_multicast_loopback_src(source, to, dests, false, NOC); break;
            case 4: noc_semaphore_inc_multicast(to, i + 1, dests, NOC); break;
            case 5: noc_inline_mcast_dw_write(to, i + 1, 0xF, NOC, NOC_MULTICAST_WRITE_VC, 0, dests); break;
        }}
    }}
    noc_async_full_barrier(NOC);
}}
"""
LOOPBACK = (1, 3)


@dataclass(frozen=True)
class Rectangle:
    """Corners in logical coordinates, in the order in which a kernel names them; what is sent there."""

    start: tuple[int, int]
    end: tuple[int, int]
    kind: int

    def cores(self, noc: int, grid: tuple[int, int]) -> set[tuple[int, int]]:
        """All that a packet passes on its way from the start to the end."""
        columns, rows = (list(way(self.start[axis], self.end[axis], grid[axis], (1, -1)[noc])) for axis in (0, 1))
        return {(x, y) for x in columns for y in rows}


def way(start: int, end: int, size: int, step: int) -> Iterator[int]:
    """The places from start to end in steps round a ring."""
    while start != end:
        yield start
        start = (start + step) % size
    yield end


def rectangles(grid: tuple[int, int], chance: random.Random) -> list[Rectangle]:
    """Corners anywhere, so that half of each axis wraps; every fourth has one row, column or core only."""
    found = []
    for number in range(TRIES):
        start, end = [(chance.randrange(grid[0]), chance.randrange(grid[1])) for _ in "se"]
        end = ((end[0], start[1]), (start[0], end[1]), start, end)[number % 16 // 4]
        found.append(Rectangle(start, end, number % 6))
    return found


@pytest.mark.parametrize("noc", [0, 1])
@pytest.mark.parametrize("board", ["n150", "n300", "p100", "p150"])
def test_rectangles(board: str, noc: int) -> None:
    chance = random.Random(f"{board} {noc}")
    with ttnn.open_device(0, backend=f"emulator:{board}") as device:
        grid = device.properties.compute_grid
        size = (grid.x, grid.y)
        sender = (chance.randrange(grid.x), chance.randrange(grid.y))
        sent = [(each, each.cores(noc, size)) for each in rectangles(size, chance)]
        expected = np.zeros((TRIES, grid.y, grid.x), np.uint32)
        arguments: list[int] = []
        for number, (each, reached) in enumerate(sent):
            receivers = reached if each.kind in LOOPBACK else reached - {sender}
            if not receivers:
                continue
            for x, y in receivers:
                expected[number, y, x] = number + 1
            # The kernel names corners by virtual coordinates; words say x << 8 | y.
            corners = [device.properties.worker_virtual[y * grid.x + x] for x, y in (each.start, each.end)]
            arguments += [*(x << 8 | y for x, y in corners), len(receivers), each.kind]
        kept = [number for number in range(TRIES) if expected[number].any()]
        every = [ttnn.CoreCoord(x, y) for y in range(grid.y) for x in range(grid.x)]
        for core in every:
            ttnn.WriteToDeviceL1(device, core, B, np.zeros(TRIES * SLOT // 4, np.uint32))
        words = np.zeros((len(kept), SLOT // 4), np.uint32)
        words[:, 0] = np.arange(1, len(kept) + 1)
        ttnn.WriteToDeviceL1(device, ttnn.CoreCoord(*sender), A, words.reshape(-1))
        program = ttnn.CreateProgram()
        config = ttnn.DataMovementConfig(noc=ttnn.NOC(noc), defines={"NOC": str(noc)})
        kernel = ttnn.CreateKernelFromString(program, KERNEL, ttnn.CoreCoord(*sender), config)
        ttnn.SetRuntimeArgs(program, kernel, ttnn.CoreCoord(*sender), [len(kept), *arguments])
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        for core in every:
            raw = np.asarray(ttnn.ReadFromDeviceL1(device, core, B, len(kept) * SLOT)).view(np.uint32)
            wanted = [slot + 1 if expected[number, core.y, core.x] else 0 for slot, number in enumerate(kept)]
            assert raw.reshape(-1, SLOT // 4)[:, 0].tolist() == wanted, f"core {core.x},{core.y}"
    wrapped = sum(one.start != one.end and len(cells) > 1 for one, cells in sent)
    assert wrapped > TRIES // 3
