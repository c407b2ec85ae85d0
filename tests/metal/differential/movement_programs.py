"""Random data movement: a list of NoC commands per core, carried out by one kernel that reads them from its arguments.

The kernel is compiled once, so a case costs a launch. Every command ends with its barrier, cores touch only their own
places, except where a semaphore or a multicast says otherwise, and all addresses are aligned as the hardware asks for.
What is compared is the cores' L1 and the DRAM buffers afterwards.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

import tthal as ttnn

CORES = tuple(ttnn.CoreCoord(x, y) for y in range(2) for x in range(2))
SCRATCH = 8192
"""Bytes of L1 that a core plays with."""
WORDS = 5
"""Words of a command: what, two places, how much, and a word more."""

READ_DRAM, WRITE_DRAM, READ_CORE, WRITE_CORE, COPY_HERE, STORE, ADD, MULTICAST, INCREMENT, WAIT, PUSH_POP = range(11)

_KERNEL = """#include "api/dataflow/dataflow_api.h"
constexpr uint32_t CB = 0, PAGES = 1;
inline volatile tt_l1_ptr uint32_t& word_at(uint32_t address) {
    return *reinterpret_cast<volatile tt_l1_ptr uint32_t*>(address);
}
void kernel_main() {
    const uint32_t base = get_write_ptr(CB), dram = get_arg_val<uint32_t>(0), commands = get_arg_val<uint32_t>(1);
    const uint32_t x0 = get_arg_val<uint32_t>(2), y0 = get_arg_val<uint32_t>(3);
    const uint32_t x1 = get_arg_val<uint32_t>(4), y1 = get_arg_val<uint32_t>(5);
    uint32_t pages = 0;
    for (uint32_t c = 0; c < commands; ++c) {
        const uint32_t at = 6 + 5 * c;
        const uint32_t what = get_arg_val<uint32_t>(at), a = get_arg_val<uint32_t>(at + 1);
        const uint32_t b = get_arg_val<uint32_t>(at + 2), size = get_arg_val<uint32_t>(at + 3);
        const uint32_t more = get_arg_val<uint32_t>(at + 4);
        const uint32_t x = (more & 1) ? x1 : x0, y = (more & 2) ? y1 : y0;
        volatile tt_l1_ptr uint32_t* words = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(base);
        volatile tt_l1_ptr uint32_t* semaphore =
            reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(b & 1));
        switch (what) {
            case 0: noc_async_read(get_noc_addr_from_bank_id<true>(more, dram + a), base + b, size); break;
            case 1: noc_async_write(base + a, get_noc_addr_from_bank_id<true>(more, dram + b), size); break;
            case 2: noc_async_read(get_noc_addr(x, y, base + a), base + b, size); break;
            case 3: noc_async_write(base + a, get_noc_addr(x, y, base + b), size); break;
            case 4: for (uint32_t i = 0; i < size / 4; ++i) words[b / 4 + i] = words[a / 4 + i]; break;
            case 5: for (uint32_t i = 0; i < size / 4; ++i) words[a / 4 + i] = more + i; break;
            case 6: for (uint32_t i = 0; i < size / 4; ++i) words[b / 4 + i] = words[a / 4 + i] * more + i; break;
            case 7: {  // The second network walks a rectangle from its other corner.
                const uint64_t all = noc_index == 0 ? get_noc_multicast_addr(x0, y0, x1, y1, base + b)
                                                    : get_noc_multicast_addr(x1, y1, x0, y0, base + b);
                noc_async_write_multicast(base + a, all, size, 3);
                break;
            }
            case 8: noc_semaphore_inc(get_noc_addr(x, y, get_semaphore(b & 1)), size); break;
            case 9: noc_semaphore_wait_min(semaphore, size); break;
            default:
                if (pages < 2) {
                    cb_reserve_back(PAGES, 1);
                    word_at(get_write_ptr(PAGES)) = more;
                    cb_push_back(PAGES, 1);
                    ++pages;
                } else {
                    cb_wait_front(PAGES, 1);
                    words[a / 4] = word_at(get_read_ptr(PAGES));
                    cb_pop_front(PAGES, 1);
                    --pages;
                }
        }
        noc_async_read_barrier();
        noc_async_write_barrier();
        noc_async_atomic_barrier();
    }
    noc_async_write(base, get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(6 + 5 * commands)), SCRATCH);
    noc_async_write_barrier();
}
"""

Command = tuple[int, int, int, int, int]


@dataclass(frozen=True)
class MovementCase:
    """Commands of each of four cores, in order; ``noc`` is the network they use, ``seed`` fills the memories."""

    commands: tuple[tuple[Command, ...], ...]
    noc: int
    seed: int

    def __str__(self) -> str:
        lines = [f"core {core}: {list(mine)}" for core, mine in zip(CORES, self.commands, strict=True) if mine]
        return "\n".join([f"NoC {self.noc}, seed {self.seed}", *lines])

    def run(self, device: ttnn.Device) -> bytes:
        """Run it; return DRAM and the cores' scratch memories."""
        rng = np.random.default_rng(self.seed)
        program, queue = ttnn.CreateProgram(), device.command_queue()
        banks = len(device.properties.dram_banks)
        make = lambda size, page: ttnn.CreateBuffer(  # noqa: E731
            ttnn.InterleavedBufferConfig(device, size, page, ttnn.BufferType.DRAM)
        )
        shared = make(SCRATCH * banks, SCRATCH)
        results = [make(SCRATCH, SCRATCH) for _ in CORES]
        cores = ttnn.CoreRangeSet(ttnn.CoreRange(CORES[0], CORES[-1]))
        scratch = ttnn.CircularBufferConfig(SCRATCH, {0: ttnn.DataFormat.UInt32}).set_page_size(0, SCRATCH)
        pages = ttnn.CircularBufferConfig(128, {1: ttnn.DataFormat.UInt32}).set_page_size(1, 64)
        for config in (scratch, pages):
            ttnn.CreateCircularBuffer(program, cores, config)
        for _ in range(2):
            ttnn.CreateSemaphore(program, cores, 0)
        settings = ttnn.DataMovementConfig(
            processor=ttnn.DataMovementProcessor.RISCV_0, noc=ttnn.NOC(self.noc), defines={"SCRATCH": str(SCRATCH)}
        )
        kernel = ttnn.CreateKernelFromString(program, _KERNEL, cores, settings)
        first, last = (device.worker_core_from_logical_core(core) for core in (CORES[0], CORES[-1]))
        for core, mine, result in zip(CORES, self.commands, results, strict=True):
            words = [word for command in mine for word in command]
            places = [first.x, first.y, last.x, last.y]
            ttnn.SetRuntimeArgs(program, kernel, core, [shared.address(), len(mine), *places, *words, result.address()])
        ttnn.EnqueueWriteBuffer(queue, shared, rng.integers(0, 256, SCRATCH * banks, dtype=np.uint8))
        ttnn.EnqueueProgram(queue, program, blocking=True)
        return b"".join(bytes(ttnn.EnqueueReadBuffer(queue, each)) for each in (shared, *results))

    def smaller(self) -> Iterator[MovementCase]:
        """Return cases with fewer commands; those that other cores wait for stay."""
        for place, mine in enumerate(self.commands):
            for index in range(len(mine) - 1, -1, -1):
                if mine[index][0] not in (INCREMENT, WAIT, STORE):
                    fewer = (*mine[:index], *mine[index + 1 :])
                    yield replace(self, commands=(*self.commands[:place], fewer, *self.commands[place + 1 :]))


def draw(random_: random.Random, dram_banks: int = 12) -> MovementCase:
    """Draw a case in which no two cores race.

    Each core owns a quarter of DRAM's pages and of every core's scratch memory: it writes there only, and reads only
    what it wrote itself or what nobody writes. At the end the others see a store by way of a semaphore.
    """
    commands = tuple(tuple(_commands(random_, me, dram_banks)) for me in range(len(CORES)))
    return MovementCase(commands, random_.randrange(2), random_.randrange(1 << 31))


def _commands(random_: random.Random, me: int, banks: int) -> Iterator[Command]:
    quarter = SCRATCH // 4
    own = me * quarter
    # What is never written is undefined; so everything is.
    yield (STORE, 0 if me == 0 else own, 0, quarter, random_.getrandbits(31))
    for index in range(len(CORES)):
        if index != me:
            yield (STORE, index * quarter, 0, quarter, 7 * me + index)
    yield from _everybody_here(0)
    for _ in range(random_.randint(1, 8)):
        size = random_.choice((32, 64, 96, 256, 512))
        # DRAM and L1 share the lower bits of an address: 64 bytes suit both chips.
        here, there = (own + 64 * random_.randrange((quarter - size) // 64 + 1) for _ in range(2))
        other = random_.randrange(len(CORES))
        what = random_.choice((READ_DRAM, WRITE_DRAM, WRITE_CORE, COPY_HERE, STORE, ADD, MULTICAST, PUSH_POP))
        bank = random_.randrange(banks)
        if what in (READ_DRAM, WRITE_DRAM):
            yield (what, there, here, size, bank)
        elif what == WRITE_CORE:
            yield (what, here, there, size, other)
        elif what in (COPY_HERE, ADD):
            if abs(here - there) >= size:
                yield (what, here, there, size, random_.getrandbits(16))
        elif what == MULTICAST:
            if me == 0 and abs(here - there) >= size:
                yield (what, here, there, size, 0)
        else:
            yield (what, here, 0, size, random_.getrandbits(31))
    yield from _everybody_here(1)
    if random_.random() < 0.7:
        size, other = random_.choice((64, 256, 1024)), random_.randrange(len(CORES))
        yield (READ_CORE, own, own, size, other)


def _everybody_here(semaphore: int) -> Iterator[Command]:
    """A barrier of all cores: each counts up the others' semaphore and waits for theirs."""
    for other in range(len(CORES)):
        yield (INCREMENT, 0, semaphore, 1, other)
    yield (WAIT, 0, semaphore, len(CORES), 0)
