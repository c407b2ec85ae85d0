"""Random data movement on four cores: a list of commands for each of their two data-movement processors.

One kernel carries all commands out; it reads them from its arguments and is compiled once, so a case costs a launch.
Each processor owns an eighth of every core's scratch memory and of every DRAM bank's part: it writes there only, and
reads what it wrote itself or what nobody writes, until a semaphore says that all are there. Transfers between two
barriers do not touch each other's bytes. So there is no race, and what must be equal afterwards is every byte of the
cores' scratch memories and of DRAM.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

import tthal as ttnn

CORES = tuple(ttnn.CoreCoord(x, y) for y in range(2) for x in range(2))
PROCESSORS = 2 * len(CORES)
OWN = 1024
"""Bytes of every memory that a processor owns."""
SCRATCH = PROCESSORS * OWN
PAGE, MOST_PAGES = 64, 4


class Op(IntEnum):
    """What a command does: its words are the operation, two places, a size in bytes, and a word more."""

    READ_DRAM = 0
    WRITE_DRAM = 1
    WRITE_CORE = 2
    COPY_HERE = 3
    STORE = 4
    ADD = 5
    MULTICAST = 6
    MULTICAST_LOOPBACK = 7
    INLINE_WRITE = 8
    BARRIER = 9
    EVERYBODY = 10
    READ_CORE = 11
    FILL = 12
    PUSH = 13
    POP = 14
    READ_STATE = 15
    WRITE_STATE = 16
    READ_ID = 17
    WRITE_ID = 18
    MULTICAST_SEMAPHORE = 19
    WAIT = 20


_KERNEL = """#include "api/dataflow/dataflow_api.h"
constexpr uint32_t CB = 0, PAGES = 1;
inline volatile tt_l1_ptr uint32_t* words_at(uint32_t address) {
    return reinterpret_cast<volatile tt_l1_ptr uint32_t*>(address);
}
void kernel_main() {
    const uint32_t base = get_write_ptr(CB), dram = get_arg_val<uint32_t>(0), commands = get_arg_val<uint32_t>(1);
    const uint32_t x0 = get_arg_val<uint32_t>(2), y0 = get_arg_val<uint32_t>(3);
    const uint32_t x1 = get_arg_val<uint32_t>(4), y1 = get_arg_val<uint32_t>(5);
    volatile tt_l1_ptr uint32_t* words = words_at(base);
    for (uint32_t c = 0; c < commands; ++c) {
        const uint32_t at = 7 + 5 * c;
        const uint32_t what = get_arg_val<uint32_t>(at), a = get_arg_val<uint32_t>(at + 1);
        const uint32_t b = get_arg_val<uint32_t>(at + 2), size = get_arg_val<uint32_t>(at + 3);
        const uint32_t more = get_arg_val<uint32_t>(at + 4);
        const uint32_t x = (more & 1) ? x1 : x0, y = (more & 2) ? y1 : y0;
        // The second network walks a rectangle from its other corner.
        const auto everywhere = [&](uint32_t address) {
            return noc_index == 0 ? get_noc_multicast_addr(x0, y0, x1, y1, address)
                                  : get_noc_multicast_addr(x1, y1, x0, y0, address);
        };
        switch (what) {
            case 0: noc_async_read(get_noc_addr_from_bank_id<true>(more, dram + a), base + b, size); break;
            case 1: noc_async_write(base + a, get_noc_addr_from_bank_id<true>(more, dram + b), size); break;
            case 2: noc_async_write(base + a, get_noc_addr(x, y, base + b), size); break;
            case 3: for (uint32_t i = 0; i < size / 4; ++i) words[b / 4 + i] = words[a / 4 + i]; break;
            case 4: for (uint32_t i = 0; i < size / 4; ++i) words[a / 4 + i] = more + i; break;
            case 5: for (uint32_t i = 0; i < size / 4; ++i) words[b / 4 + i] = words[a / 4 + i] * more + i; break;
            case 6: noc_async_write_multicast(base + a, everywhere(base + b), size, 3); break;
            case 7: noc_async_write_multicast_loopback_src(base + a, everywhere(base + b), size, 4); break;
            case 8: noc_inline_dw_write(get_noc_addr(x, y, base + b), a); break;
            case 9:
                noc_async_read_barrier();
                noc_async_write_barrier();
                noc_async_atomic_barrier();
                break;
            case 10:  // A barrier of all: count up everybody's semaphore and wait for one's own.
                for (uint32_t i = 0; i < 4; ++i) {
                    noc_semaphore_inc(get_noc_addr((i & 1) ? x1 : x0, (i & 2) ? y1 : y0, get_semaphore(a)), 1);
                }
                noc_async_atomic_barrier();
                noc_semaphore_wait_min(words_at(get_semaphore(a)), b);
                break;
            case 11: noc_async_read(get_noc_addr(x, y, base + a), base + b, size); break;
            case 12:
                for (uint32_t place = a; place < SCRATCH; place += 2 * OWN) {
                    for (uint32_t i = 0; i < OWN / 4; ++i) words[place / 4 + i] = more + place * i;
                }
                break;
            case 13:
                cb_reserve_back(PAGES, a);
                for (uint32_t i = 0; i < a * 16; ++i) words_at(get_write_ptr(PAGES))[i] = more + i;
                cb_push_back(PAGES, a);
                break;
            case 14:
                cb_wait_front(PAGES, a);
                for (uint32_t i = 0; i < size / 4; ++i) words[b / 4 + i] = words_at(get_read_ptr(PAGES))[i];
                cb_pop_front(PAGES, a);
                break;
            case 15: {
                const uint64_t from = get_noc_addr_from_bank_id<true>(more, dram + a);
                noc_async_read_one_packet_set_state(from, size);
                noc_async_read_one_packet_with_state(static_cast<uint32_t>(from), base + b);
                break;
            }
            case 16: {
                const uint64_t to = get_noc_addr_from_bank_id<true>(more, dram + b);
                noc_async_write_one_packet_set_state(to, size);
                noc_async_write_one_packet_with_state(base + a, static_cast<uint32_t>(to));
                break;
            }
            case 17:
                noc_async_read_set_trid(1 + more % 3);
                noc_async_read_one_packet(get_noc_addr_from_bank_id<true>(more, dram + a), base + b, size);
                noc_async_read_barrier_with_trid(1 + more % 3);
                noc_async_read_set_trid(0);
                break;
            case 18:
                noc_async_write_one_packet_with_trid(
                    base + a, get_noc_addr_from_bank_id<true>(more, dram + b), size, 1 + more % 3);
                noc_async_write_barrier_with_trid(1 + more % 3);
                // Else a multicast that follows has several answers for one request of that id, and the id's barrier
                // in a later program never ends.
                noc_async_write_set_trid(0);
                break;
            case 19:  // One says to all that it got here.
                *words_at(get_semaphore(a)) = b;
                noc_semaphore_set_multicast(get_semaphore(a), everywhere(get_semaphore(a)), 3);
                noc_async_write_barrier();
                break;
            case 20: noc_semaphore_wait(words_at(get_semaphore(a)), b); break;
        }
    }
    if (get_arg_val<uint32_t>(6)) {
        noc_async_write(base, get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(6)), SCRATCH);
        noc_async_write_barrier();
    }
}
"""

Command = tuple[int, int, int, int, int]
_KINDS = (
    Op.READ_DRAM, Op.WRITE_DRAM, Op.WRITE_CORE, Op.COPY_HERE, Op.STORE, Op.ADD, Op.INLINE_WRITE, Op.BARRIER,
    Op.READ_STATE, Op.WRITE_STATE, Op.READ_ID, Op.WRITE_ID, Op.MULTICAST, Op.MULTICAST_LOOPBACK,
)  # fmt: skip
_NEEDED = {Op.EVERYBODY, Op.FILL, Op.BARRIER, Op.MULTICAST_SEMAPHORE, Op.PUSH, Op.POP, Op.WAIT}


@dataclass(frozen=True)
class MovementCase:
    """Commands of both processors of each core, in order; ``swapped`` gives the first processor the second network."""

    commands: tuple[tuple[Command, ...], ...]
    pages: int
    swapped: bool
    seed: int

    def __str__(self) -> str:
        lines = [f"NoCs {'1, 0' if self.swapped else '0, 1'}, {self.pages} pages, seed {self.seed}"]
        for place, mine in enumerate(self.commands):
            words = (f"{Op(c[0]).name}{list(c[1:])}" for c in mine)
            lines.append(f"core {CORES[place // 2]} RISCV_{place % 2}: {' '.join(words)}")
        return "\n".join(lines)

    @property
    def ground(self) -> tuple[object, ...]:
        """What decides whether a simulator models the case."""
        return ("movement",)

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
        pages = ttnn.CircularBufferConfig(self.pages * PAGE, {1: ttnn.DataFormat.UInt32}).set_page_size(1, PAGE)
        for config in (scratch, pages):
            ttnn.CreateCircularBuffer(program, cores, config)
        for _ in range(4):
            ttnn.CreateSemaphore(program, cores, 0)
        kernels = [ttnn.CreateKernelFromString(program, _KERNEL, cores, self._settings(each)) for each in (0, 1)]
        first, last = (device.worker_core_from_logical_core(core) for core in (CORES[0], CORES[-1]))
        for place, mine in enumerate(self.commands):
            core, processor = CORES[place // 2], place % 2
            words = [word for command in mine for word in command]
            # Whoever ends last on a core knows that the core is done: the first processor, after everybody's barrier.
            result = 0 if processor else results[place // 2].address()
            places = [shared.address(), len(mine), first.x, first.y, last.x, last.y, result]
            ttnn.SetRuntimeArgs(program, kernels[processor], core, [*places, *words])
        ttnn.EnqueueWriteBuffer(queue, shared, rng.integers(0, 256, SCRATCH * banks, dtype=np.uint8))
        ttnn.EnqueueProgram(queue, program, blocking=True)
        return b"".join(bytes(ttnn.EnqueueReadBuffer(queue, each)) for each in (shared, *results))

    def _settings(self, processor: int) -> ttnn.DataMovementConfig:
        return ttnn.DataMovementConfig(
            processor=ttnn.DataMovementProcessor(processor),
            noc=ttnn.NOC(processor ^ self.swapped),
            defines={"SCRATCH": str(SCRATCH), "OWN": str(OWN)},
        )

    def smaller(self) -> Iterator[MovementCase]:
        """Return cases with fewer commands; those that others wait for stay."""
        for place, mine in enumerate(self.commands):
            for index in range(len(mine) - 1, -1, -1):
                if mine[index][0] not in _NEEDED:
                    fewer = (*mine[:index], *mine[index + 1 :])
                    yield replace(self, commands=(*self.commands[:place], fewer, *self.commands[place + 1 :]))


def draw(random_: random.Random, dram_banks: int, alignment: int) -> Iterator[MovementCase]:
    """Draw cases without a race for a chip with so many banks, whose DRAM is read at addresses of this alignment."""
    while True:
        pages = random_.randint(1, MOST_PAGES)
        traffic = _page_traffic(random_, pages)
        drawn = (_Processor(random_, me, dram_banks, alignment) for me in range(PROCESSORS))
        commands = tuple(tuple(each.commands(traffic[me % 2])) for me, each in enumerate(drawn))
        yield MovementCase(commands, pages, random_.random() < 0.5, random_.randrange(1 << 31))


def _page_traffic(random_: random.Random, capacity: int) -> tuple[list[int], list[int]]:
    """Draw how many pages are pushed and popped each time: never past the end, and never both waiting."""
    pushes: list[int] = []
    pops: list[int] = []
    pushed = popped = 0
    wanted = taken = 0
    for _ in range(9):
        wanted = wanted or random_.randint(1, capacity - pushed % capacity)
        taken = taken or random_.randint(1, capacity - popped % capacity)
        if pushed + wanted - popped <= capacity:
            pushes.append(wanted)
            pushed, wanted = pushed + wanted, 0
        elif popped + taken <= pushed:
            pops.append(taken)
            popped, taken = popped + taken, 0
        else:
            break
    while popped < pushed:
        pops.append(min(pushed - popped, capacity - popped % capacity))
        popped += pops[-1]
    return pushes, pops


class _Processor:
    """Draws the commands of one processor; ``_busy`` are the bytes that transfers under way read or write."""

    def __init__(self, random_: random.Random, me: int, banks: int, alignment: int) -> None:
        self._random = random_
        self._me = me
        self._own = me * OWN
        self._banks = banks
        self._alignment = alignment
        self._busy: list[tuple[int, int, int]] = []

    def commands(self, traffic: list[int]) -> Iterator[Command]:
        # What is never written is undefined, so the two processors of a core fill all of it.
        yield (Op.FILL, self._me % 2 * OWN, 0, 0, self._random.getrandbits(31))
        yield (Op.EVERYBODY, 0, PROCESSORS, 0, 0)
        waiting = [self._page_command(each) for each in traffic]
        for _ in range(self._random.randint(2, 12)):
            if waiting and self._random.random() < 0.5:
                yield from self._settled(waiting.pop(0))
            yield from self._step()
        yield (Op.BARRIER, 0, 0, 0, 0)
        yield from waiting
        yield (Op.EVERYBODY, 1, PROCESSORS, 0, 0)
        yield from self._announced()
        if self._random.random() < 0.6:
            # What others wrote is there for all to read now.
            size = self._random.choice((16, 64, 240, OWN))
            yield (Op.READ_CORE, self._own, self._own, size, self._random.randrange(len(CORES)))
        yield (Op.BARRIER, 0, 0, 0, 0)
        yield (Op.EVERYBODY, 3, PROCESSORS, 0, 0)

    def _announced(self) -> Iterator[Command]:
        if self._me == 0:
            yield (Op.MULTICAST_SEMAPHORE, 2, 7, 0, 0)
        else:
            yield (Op.WAIT, 2, 7, 0, 0)

    def _page_command(self, pages: int) -> Command:
        size = self._random.choice((4, 32, PAGE * pages))
        if self._me % 2 == 0:
            return (Op.PUSH, pages, 0, 0, self._random.getrandbits(31))
        return (Op.POP, pages, self._own + 64 * self._random.randrange((OWN - size) // 64 + 1), size, 0)

    def _settled(self, command: Command) -> Iterator[Command]:
        """Yield a command that stores with the processor itself, after what is under way."""
        if self._busy:
            self._busy.clear()
            yield (Op.BARRIER, 0, 0, 0, 0)
        yield command

    def _step(self) -> Iterator[Command]:
        random_ = self._random
        what = random_.choice(_KINDS)
        bank, core = random_.randrange(self._banks), random_.randrange(len(CORES))
        # Numbers of the memories for _free: this core's, a bank's, another core's.
        here, there, far = 100, bank, 100 + (core ^ self._me // 2)
        if what is Op.BARRIER:
            yield from self._settled((what, 0, 0, 0, 0))
        elif what in (Op.READ_DRAM, Op.READ_STATE, Op.READ_ID):
            a, b, size = self._places(self._alignment)
            if self._free((there, a, size), (here, b, size)):
                yield (what, a, b, size, bank)
        elif what in (Op.WRITE_DRAM, Op.WRITE_STATE, Op.WRITE_ID):
            a, b, size = self._places(16)
            if self._free((here, a, size), (there, b, size)):
                yield (what, a, b, size, bank)
        elif what is Op.WRITE_CORE:
            a, b, size = self._places(16)
            if self._free((here, a, size), (far, b, size)):
                yield (what, a, b, size, core)
        elif what in (Op.MULTICAST, Op.MULTICAST_LOOPBACK):
            a, b, size = self._places(16)
            if self._free((here, a, size), *((100 + other, b, size) for other in range(len(CORES)))):
                yield (what, a, b, size, 0)
        elif what is Op.INLINE_WRITE:
            b = self._own + 4 * random_.randrange(OWN // 4)
            if self._free((far, b // 16 * 16, 16)):
                yield (what, random_.getrandbits(31), b, 4, core)
        else:
            a, b, size = self._places(4)
            size = max(4, size // 4 * 4)
            if abs(a - b) >= size:
                yield from self._settled((what, a, b, size, random_.getrandbits(16)))

    def _places(self, alignment: int) -> tuple[int, int, int]:
        """Draw two places and a size; both have the same lower bits, as the networks ask for."""
        size = self._random.choice((4, 16, 20, 32, 48, 64, 100, 160, 256, 500))
        slots = (OWN - size) // alignment + 1
        a, b = (self._own + alignment * self._random.randrange(slots) for _ in range(2))
        return a, b, size

    def _free(self, *wanted: tuple[int, int, int]) -> bool:
        """Take these bytes if neither each other nor a transfer under way touches them."""
        for index, one in enumerate(wanted):
            if any(_meet(one, other) for other in (*wanted[:index], *self._busy)):
                return False
        self._busy += wanted
        return True


def _meet(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
    same = one[0] == other[0]
    return same and one[1] < other[1] + other[2] and other[1] < one[1] + one[2]
