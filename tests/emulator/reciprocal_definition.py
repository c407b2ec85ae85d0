"""1 / x of Blackhole's vector unit, instruction by instruction in unbounded integers (numerics.md §6.3).

Patterns of float32 go in and come out. The steps are those of the kernels of TT-Metal 0.81.1: an estimate of 8 bits
(SFPARECIP), then Newton steps.
"""

from __future__ import annotations

from fractions import Fraction

from multiply_add_definition import multiply_add

SIGN, FRACTION, ONE, MINUS_TWO, MINUS_ZERO = 0x80000000, 0x7FFFFF, 0x3F800000, 0xC0000000, 0x80000000


def add(x: int, y: int, z: int) -> int:
    return multiply_add(x, y, z, blackhole=True)


def estimate(x: int) -> int:
    """The nearest of 8 bits to the reciprocal of the middle of all numbers that share x's upper 7 bits of fraction."""
    middle = Fraction(2 * (x >> 16 & 0x7F) + 257, 256)
    bits = int(Fraction(256, 1) / middle + Fraction(1, 2)) - 128
    return x & SIGN | (253 - (x >> 23 & 0xFF)) << 23 | bits << 16


def inverse(x: int, steps: int) -> int:
    y = estimate(x)
    for _ in range(steps):
        error = add(x, y, MINUS_TWO)
        y = add(y, error ^ SIGN, MINUS_ZERO)
    return y
