"""x * y + z of the vector unit in unbounded integers, step by step (numerics.md §6.3; ISA documentation, SFPMAD).

Patterns of float32 go in and come out. What both chips do alike stands in one place; where they differ, ``blackhole``
says which chip is meant. Infinities and NaN are left out.
"""

from __future__ import annotations

_SIGN, _INFINITE, _BIAS = 0x80000000, 0x7F800000, 127
_GUARD_BITS = 3
"""Bits below the last place of the sum; the lowest remembers what was lost."""


def _parts(pattern: int) -> tuple[int, int, int]:
    """Sign, biased exponent and significand of 24 bits; denormals are zeros."""
    exponent = pattern >> 23 & 0xFF
    return pattern & _SIGN, exponent, (pattern & 0x7FFFFF | 0x800000) if exponent else 0


def _remembering_shift(value: int, places: int) -> int:
    """Shift right; what leaves sets the lowest bit, but only of something that stays."""
    rest = value >> places
    return rest | (rest << places != value) if rest else 0


def multiply_add(x: int, y: int, z: int, blackhole: bool) -> int:
    """Return the pattern of x * y + z; none of them is infinite or NaN."""
    x_sign, x_exponent, x_significand = _parts(x)
    y_sign, y_exponent, y_significand = _parts(y)
    z_sign, z_exponent, z_significand = _parts(z)
    sign, exponent = x_sign ^ y_sign, x_exponent + y_exponent - _BIAS
    exact = x_significand * y_significand
    cut = 23 - _GUARD_BITS
    product = exact >> cut | (exact % (1 << cut) != 0)
    if exponent >= 0xFF:
        return sign | _INFINITE
    zero_sign = sign & z_sign if blackhole else 0
    if product == 0 or exponent < 0:
        return z if z_significand else zero_sign

    place = max(exponent, z_exponent)
    product = _remembering_shift(product, place - exponent)
    addend = _remembering_shift(z_significand << _GUARD_BITS, place - z_exponent)
    total = (-product if sign else product) + (-addend if z_sign else addend)
    if total == 0:
        return zero_sign
    result_sign, size = (_SIGN if total < 0 else 0), abs(total)
    return _rounded(result_sign, place, size, blackhole)


def _rounded(sign: int, place: int, size: int, blackhole: bool) -> int:
    """Normalise to 24 bits and the guard bits, then round to nearest even; what is too small becomes a zero."""
    places = size.bit_length() - (24 + _GUARD_BITS)
    place += places
    if place >= 0xFF:
        return sign | _INFINITE
    nothing = sign if blackhole else 0
    if place < 0 and not blackhole:
        return nothing
    if blackhole and place <= 0:
        places, place = places + 1, 0
    if places <= 0:
        size <<= -places
    elif blackhole:
        size = size >> places | (size & (places | 1) != 0)
    else:
        # Of two bits that leave, only the lowest is remembered.
        size = size >> places | (size & 1)
    pattern = (place << 23) + (size >> _GUARD_BITS & 0x7FFFFF)
    pattern += (size & 7) + (pattern & 1) > 4
    return sign | pattern if pattern >> 23 else nothing
