"""Random words through what C++ leaves open: floats to integers of every width, divisions and remainders.

One data-movement kernel does all of it to every word; it is compiled once, so a case costs a launch. A NaN with a sign
is left out: it is the smallest integer on a card and the largest on the emulator (card_arithmetic.py says why).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

import tthal as ttnn

CORE = ttnn.CoreCoord(0, 0)
WORDS = 64
_TYPES = ("int8_t", "uint8_t", "int16_t", "uint16_t", "int32_t", "uint32_t", "int64_t", "uint64_t")
_CONVERSIONS = "".join(
    f"put(uint64_t(int64_t(({each})real))); put(uint64_t(int64_t(({each})wide)));" for each in _TYPES
)
_DIVISIONS = "".join(
    f"{{ const {each} n = ({each})first, d = ({each})second; put(uint64_t(n / d)); put(uint64_t(n % d)); }}"
    for each in _TYPES[4:]
)
_RESULTS = 2 * len(_TYPES) + 2 * len(_TYPES[4:])
_BYTES = WORDS * _RESULTS * 8
_INPUT = WORDS * 20
_KERNEL = f"""#include "api/dataflow/dataflow_api.h"
void kernel_main() {{
    const uint32_t from = get_write_ptr(0), count = get_arg_val<uint32_t>(2);
    volatile uint32_t* to = reinterpret_cast<volatile uint32_t*>(get_write_ptr(1));
    noc_async_read(get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(0)), from, {_INPUT});
    noc_async_read_barrier();
    uint32_t at = 0;
    const auto put = [&](uint64_t value) {{
        to[at++] = static_cast<uint32_t>(value);
        to[at++] = static_cast<uint32_t>(value >> 32);
    }};
    for (uint32_t i = 0; i < {WORDS}; ++i) {{
        volatile uint32_t* words = reinterpret_cast<volatile uint32_t*>(from) + 5 * (i % count);
        const uint32_t bits = words[0];
        float real;
        __builtin_memcpy(&real, &bits, 4);
        const double wide = real;
        const uint64_t first = words[1] | uint64_t(words[2]) << 32, second = words[3] | uint64_t(words[4]) << 32;
        {_CONVERSIONS}
        {_DIVISIONS}
    }}
    const uint32_t result = get_arg_val<uint32_t>(1);
    noc_async_write(get_write_ptr(1), get_noc_addr_from_bank_id<true>(0, result), {_BYTES});
    noc_async_write_barrier();
}}
"""
_EDGES = (0, 1, 2, 7, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)


@dataclass(frozen=True)
class ArithmeticCase:
    """Rows of a float's bits and two integers of 64 bits."""

    rows: tuple[tuple[int, int, int], ...]

    def __str__(self) -> str:
        return "arithmetic of " + ", ".join(f"0x{bits:08x}: {n:#x} by {d:#x}" for bits, n, d in self.rows)

    @property
    def ground(self) -> tuple[object, ...]:
        """What decides whether a simulator models the case."""
        return ("arithmetic",)

    def run(self, device: ttnn.Device) -> bytes:
        """Run it; return all results."""
        program, queue = ttnn.CreateProgram(), device.command_queue()
        source, target = (
            ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, size, size, ttnn.BufferType.DRAM))
            for size in (_INPUT, _BYTES)
        )
        for index, size in enumerate((_INPUT, _BYTES)):
            config = ttnn.CircularBufferConfig(size, {index: ttnn.DataFormat.UInt32}).set_page_size(index, size)
            ttnn.CreateCircularBuffer(program, CORE, config)
        kernel = ttnn.CreateKernelFromString(program, _KERNEL, CORE, ttnn.ReaderDataMovementConfig())
        ttnn.SetRuntimeArgs(program, kernel, CORE, [source.address(), target.address(), len(self.rows)])
        words = [word for bits, n, d in self.rows for word in (bits, n, n >> 32, d, d >> 32)]
        data = np.zeros(_INPUT // 4, np.uint32)
        data[: len(words)] = np.array(words, np.uint64).astype(np.uint32)
        ttnn.EnqueueWriteBuffer(queue, source, data.view(np.uint8))
        ttnn.EnqueueProgram(queue, program, blocking=True)
        return bytes(ttnn.EnqueueReadBuffer(queue, target))

    def smaller(self) -> Iterator[ArithmeticCase]:
        """Return cases with half of the rows."""
        half = len(self.rows) // 2
        if half:
            yield replace(self, rows=self.rows[:half])
            yield replace(self, rows=self.rows[half:])


def draw(random_: random.Random) -> Iterator[ArithmeticCase]:
    """Draw rows of which many are at the edges of a type."""
    while True:
        yield ArithmeticCase(tuple((_float(random_), _integer(random_), _integer(random_)) for _ in range(WORDS)))


def _float(random_: random.Random) -> int:
    exponent = random_.choice((random_.randrange(256), random_.randint(120, 200), 255))
    fraction = random_.choice((0, 1, (1 << 23) - 1, random_.getrandbits(23)))
    is_nan = exponent == 255 and fraction != 0
    return (0 if is_nan else random_.getrandbits(1) << 31) | exponent << 23 | fraction


def _integer(random_: random.Random) -> int:
    value = random_.choice(
        (random_.getrandbits(64), random_.getrandbits(random_.randint(1, 63)), random_.choice(_EDGES))
    )
    return random_.choice((value, value, -value)) & (1 << 64) - 1
