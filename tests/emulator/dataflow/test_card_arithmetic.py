"""Conversions and divisions that C++ leaves open, as the card's processors do them.

The tables are what libtt_metal 0.81.1 gave on ttsim, on Wormhole and Blackhole alike (gcc for RV32IM, floats in
software), for values that the compiler does not see. Two knowing differences: there a NaN with a sign becomes the
smallest integer, here every NaN the largest; and constants give the same as other values here, while gcc folds them in
its own way (12.2 at -O2 makes ``(uint8_t)300.f`` 255).
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
import pytest

import tthal as ttnn
from tthal.errors import KernelError

from .conftest import CORE, A, B

Check = Callable[..., list[int]]

# NaNs, infinities, 300, -300, -1, -0.5, ±2^31, 2^31 and 2^32 and what is below, ±2^63, 2^64, ±2^33, ±1.5, 2^16.
FLOATS = [
    0x7FC00000, 0x7F800001, 0x7F800000, 0xFF800000, 0x43960000, 0xC3960000, 0xBF800000, 0xBF000000, 0x4F000000,
    0xCF000000, 0x4EFFFFFF, 0x4F800000, 0x4F7FFFFF, 0x5F000000, 0xDF000000, 0x5F800000, 0x50000000, 0xD0000000,
    0x3FC00000, 0xBFC00000, 0x477FFF80, 0x47800000,
]  # fmt: skip
_M, _L = 0x7FFFFFFF, 0x80000000
_SIGNED = [
    _M, _M, _M, _L, 300, -300, -1, 0, _M, _L, 0x7FFFFF80, _M, _M, _M, _L, _M, _M, _L, 1, -1, 0xFFFF, 0x10000,
]  # fmt: skip
_ALL = 0xFFFFFFFF
_UNSIGNED = [
    _ALL, _ALL, _ALL, 0, 300, 0, 0, 0, _L, 0, 0x7FFFFF80, _ALL, 0xFFFFFF00, _ALL, 0, _ALL, _ALL, 0, 1, 0, 0xFFFF,
    0x10000,
]  # fmt: skip
_MOST, _LEAST = (1 << 63) - 1, -(1 << 63)
_SIGNED_64 = [
    _MOST, _MOST, _MOST, _LEAST, 300, -300, -1, 0, 1 << 31, -(1 << 31), 0x7FFFFF80, 1 << 32, 0xFFFFFF00, _MOST, _LEAST,
    _MOST, 1 << 33, -(1 << 33), 1, -1, 0xFFFF, 0x10000,
]  # fmt: skip
_EVERY = (1 << 64) - 1
_UNSIGNED_64 = [
    _EVERY, _EVERY, _EVERY, 0, 300, 0, 0, 0, 1 << 31, 0, 0x7FFFFF80, 1 << 32, 0xFFFFFF00, 1 << 63, 0, _EVERY, 1 << 33,
    0, 1, 0, 0xFFFF, 0x10000,
]  # fmt: skip
CONVERSIONS = {
    "int8_t": _SIGNED, "int16_t": _SIGNED, "int32_t": _SIGNED, "int": _SIGNED, "int64_t": _SIGNED_64,
    "uint8_t": _UNSIGNED, "uint16_t": _UNSIGNED, "uint32_t": _UNSIGNED, "char": _UNSIGNED, "uint64_t": _UNSIGNED_64,
}  # fmt: skip
"""What a float becomes: the 32 (or 64) bits of which a narrower type keeps the lower ones."""
_BITS = {"int8_t": 8, "uint8_t": 8, "char": 8, "int16_t": 16, "uint16_t": 16, "int64_t": 64, "uint64_t": 64}
_HOW = {
    "one by one": "for (int i = 0; i < N; ++i) {{ volatile {real} x = at(i); to[i] = ({type})x; }}",
    "in a loop": "{real}* from = reinterpret_cast<{real}*>(B + 0x800); for (int i = 0; i < N; ++i) from[i] = at(i);"
    "for (int i = 0; i < N; ++i) to[i] = ({type})from[i];",
    "as constants": "{constants}",
}  # fmt: skip


def _kept(type_: str) -> list[int]:
    mask = (1 << _BITS.get(type_, 32)) - 1
    return [value & mask for value in CONVERSIONS[type_]]


@pytest.mark.parametrize("how", _HOW)
@pytest.mark.parametrize("real", ["float", "double"])
@pytest.mark.parametrize("type_", CONVERSIONS)
def test_conversions(
    device: ttnn.Device, run: Callable, make_program: Callable, type_: str, real: str, how: str
) -> None:
    ttnn.WriteToDeviceL1(device, CORE, A, np.array(FLOATS, np.uint32))
    constants = "".join(
        f"to[{i}] = ({type_})({real})std::bit_cast<float>(0x{word:x});" for i, word in enumerate(FLOATS)
    )
    body = _HOW[how].format(real=real, type=type_, constants=constants)
    run(
        make_program(f"""#include <bit>
constexpr int N = {len(FLOATS)}, B = {B};
{real} at(int i) {{ return reinterpret_cast<volatile float*>({A})[i]; }}
void kernel_main() {{ {type_}* to = reinterpret_cast<{type_}*>({B}); {body} }}""")
    )
    found = np.asarray(ttnn.ReadFromDeviceL1(device, CORE, B, 8 * len(FLOATS)))
    assert found.view(f"<u{_BITS.get(type_, 32) // 8}")[: len(FLOATS)].tolist() == _kept(type_)


@pytest.mark.parametrize("level", ["O0", "Os", "O3"])
def test_conversions_at_every_level_of_optimisation(check: Check, level: str) -> None:
    config = ttnn.DataMovementConfig(opt_level=ttnn.KernelBuildOptLevel[level])
    body = 'volatile float big = 300.f, none = __builtin_nanf(""); uint8_t byte = big; int8_t low = -big; '
    body += "note(byte); note(low); note((int)none); note((unsigned)none); volatile int zero = 0; note(5 / zero);"
    assert check(body, 5, config=config) == [0x2C, 0xFFFFFFD4, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF]


def test_conversions_of_vectors(check: Check) -> None:
    """Vectors of the compiler's own, which the card's compiler takes apart."""
    body = """
        typedef float Floats __attribute__((vector_size(16)));
        typedef int Ints __attribute__((vector_size(16)));
        typedef unsigned char Bytes __attribute__((vector_size(4)));
        volatile float none = __builtin_nanf(""), big = 300.f, huge = 1e10f, low = -5.f;
        const Floats four = {none, big, huge, low};
        const Bytes bytes = __builtin_convertvector(four, Bytes);
        for (int i = 0; i < 4; ++i) note(bytes[i]);
        volatile int zero = 0;
        const Ints divisors = {1, zero, 2, zero};
        for (int i = 0; i < 4; ++i) note((Ints{7, 8, 9, 10} / divisors)[i]);
    """
    assert check(body, 8) == [0xFF, 0x2C, 0xFF, 0, 7, 0xFFFFFFFF, 4, 0xFFFFFFFF]


def test_nan_that_arithmetic_made(check: Check) -> None:
    """Whatever sign this machine gives it: the card's arithmetic makes none with a sign."""
    body = "volatile float zero = 0; note((int)(zero / zero)); note((uint8_t)(zero / zero)); note((int)-(zero / zero));"
    assert check(body, 3) == [0x7FFFFFFF, 0xFF, 0x7FFFFFFF]


_LOW, _LOW_64 = -(1 << 31), -(1 << 63)
DIVISIONS = {
    # dividend, divisor: signed quotient and remainder, unsigned quotient and remainder
    "32": [
        ((7, 0), (-1, 7, -1, 7)),
        ((0, 0), (-1, 0, -1, 0)),
        ((-7, 0), (-1, -7, -1, -7)),
        ((_LOW, -1), (_LOW, 0, 0, _LOW)),
        ((_LOW, 0), (-1, _LOW, -1, _LOW)),
        ((7, -1), (-7, 0, 0, 7)),
        ((-7, 2), (-3, -1, 0x7FFFFFFC, 1)),
    ],
    # A routine: by zero the quotient takes the dividend's sign, the remainder its magnitude's lower 32 bits.
    "64": [
        ((7, 0), (-1, 7, -1, 7)),
        ((-7, 0), (1, -7, -1, 0xFFFFFFF9)),
        ((_LOW_64, -1), (_LOW_64, 0, 0, _LOW_64)),
        ((_LOW_64, 0), (1, 0, -1, 0)),
        (((1 << 63) - 1, 0), (-1, 0xFFFFFFFF, -1, 0xFFFFFFFF)),
        ((1 << 40, 0), (-1, 0, -1, 0)),
        ((0x123456789ABCDEF, 0), (-1, 0x89ABCDEF, -1, 0x89ABCDEF)),
        ((-2, 0), (1, -2, -1, 0xFFFFFFFE)),
        ((-7, 2), (-3, -1, (1 << 63) - 4, 1)),
    ],
}  # fmt: skip


@pytest.mark.parametrize("bits", DIVISIONS)
def test_divisions(check: Check, bits: str) -> None:
    rows = DIVISIONS[bits]
    mask = (1 << int(bits)) - 1
    body = "".join(
        f"{{ volatile uint{bits}_t n = {n & mask}ull, d = {d & mask}ull; const int{bits}_t a = n, b = d;"
        " for (uint64_t r : {uint64_t(a / b), uint64_t(a % b), uint64_t(n / d), uint64_t(n % d)})"
        " { note(r); note(r >> 32); } }"
        for (n, d), _ in rows
    )
    words = check(body, 8 * len(rows))
    found = [(words[i] | words[i + 1] << 32) & mask for i in range(0, len(words), 2)]
    assert found == [value & mask for _, values in rows for value in values]


def test_divisions_by_a_zero_that_the_compiler_sees(check: Check) -> None:
    assert check("const uint32_t none = 0; uint32_t seven = 7; note(seven / none); note(seven % none);", 2) == [
        0xFFFFFFFF,
        7,
    ]


def test_what_is_tested_after_a_division_is_still_tested(check: Check) -> None:
    """A divisor is not taken for other than zero because something was divided by it."""
    body = "volatile int from = 0; const int d = from; note(9 / d); note(d == 0 ? 111 : 222);"
    assert check(body, 2) == [0xFFFFFFFF, 111]


def test_a_division_by_zero_is_told_once_per_place(check: Check, caplog: pytest.LogCaptureFixture) -> None:
    body = "\nvolatile int zero = 0, low = -2147483647 - 1, minus = -1;\n"
    body += "for (int i = 0; i < 3; ++i) note(i / zero);\nnote(low % minus);\n"
    with caplog.at_level(logging.WARNING, "tthal"):
        assert check(body, 4) == [0xFFFFFFFF] * 3 + [0]
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2
    assert "core (0,0) BRISC, kernel Kernel_Source_Code at Kernel_Source_Code" in told[0]
    assert "integer division by zero" in told[0]
    assert "overflow" in told[1]


def test_a_check_ends_the_launch(make_program: Callable) -> None:
    source = """void kernel_main() {
    volatile int zero = 0;
    volatile int result = 7 % zero;
}"""
    with (
        ttnn.open_device(backend="emulator?check=default&warnings=error") as device,
        pytest.raises(KernelError, match=r"division or\s+remainder by zero \[TT-NUM-001\]") as caught,
    ):
        ttnn.EnqueueProgram(device.command_queue(), make_program(source), blocking=True)
    assert caught.value.line == 3
