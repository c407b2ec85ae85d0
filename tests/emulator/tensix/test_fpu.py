"""The exact FPU against the same rules on single datums in Python's unbounded integers and fractions."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthal.types import MathFidelity
from tthal_emulator.tensix import fpu, matmul
from tthal_emulator.tensix.fpu import AccumulateMode, Sum

few = settings(max_examples=25, deadline=None)
MODES = [
    AccumulateMode(is_32_bit=False),
    AccumulateMode(is_32_bit=True),
    AccumulateMode(is_32_bit=True, minus_one_quirk=True),
    AccumulateMode(is_32_bit=False, five_bit_exponent=True),
    AccumulateMode(is_32_bit=True, five_bit_exponent=True),
]
PHASES = (0, 1, 2, 3)
FIDELITIES = [MathFidelity.LoFi, MathFidelity.HiFi2, MathFidelity.HiFi3, MathFidelity.HiFi4]


# ----------------------------------------------------------------------------------- the rules, one datum at a time


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2))


def half_away(value: Fraction) -> int:
    return half_up(value) if value >= 0 else -half_up(-value)


def fields(src: int) -> tuple[int, int, int]:
    """Sign, exponent and 11-bit significand of a Src datum; significand 0 for exponent 0."""
    exponent = (src >> 10) & 0xFF
    return (-1 if src >> 18 else 1), exponent, ((src & 0x3FF) | 0x400 if exponent else 0)


def expected_accumulate(sums: list[tuple[int, int]], dst: int, mode: AccumulateMode) -> int:
    """(exponent, value with 1.0 = 2^23) pairs added to a float32 pattern."""
    rebias = 112 if mode.dst_is_float16 else 0
    exponent = max(((dst >> 23) & 0xFF) - rebias, 0)
    terms = [(exponent, (dst & 0x7FFFFF) | 0x800000 if exponent else 0, half_away)]
    terms[0] = (exponent, -terms[0][1] if dst >> 31 else terms[0][1], half_away)
    terms += [(e, v, half_up) for e, v in sums]  # type: ignore[misc]
    shared = max(e for e, _, _ in terms)
    unit = 1 if mode.is_32_bit else 1 << 13
    total = 0
    for e, v, rounding in terms:
        aligned = rounding(Fraction(v, 1 << (shared - e)))
        total += rounding(Fraction(aligned, unit)) * unit
    return expected_normalise(total, shared, mode, rebias)


def expected_normalise(total: int, shared: int, mode: AccumulateMode, rebias: int) -> int:
    if total == 0:
        return 0
    sign = 0x80000000 if total < 0 else 0
    if mode.minus_one_quirk and mode.is_32_bit and total == -1:
        return sign | min(shared + 4, 255) << 23 if shared + 4 > 0 else 0
    kept = 24 if mode.is_32_bit else 11 if mode.five_bit_exponent else 8
    length = abs(total).bit_length()
    exponent = shared + length - 24
    significand = half_up(Fraction(abs(total), 1) * Fraction(2) ** (kept - length))
    if significand == 1 << kept:
        significand, exponent = significand >> 1, exponent + 1
    if exponent <= 0:
        return 0
    if rebias and exponent >= 32:
        return sign | 0x47FFE000
    if exponent >= 255:
        return sign | 0x7F800000
    return sign | (exponent + rebias) << 23 | ((significand << (24 - kept)) & 0x7FFFFF)


def slices(a: int, b: int, phase: int) -> tuple[int, int]:
    (sign_a, _, m_a), (sign_b, _, m_b) = fields(a), fields(b)
    part_a = (m_a % 64) // 2 if phase & 1 else m_a // 64
    part_b = (m_b % 16) * 8 if phase & 2 else m_b // 16
    return sign_a * part_a, sign_b * part_b


def expected_mvmul(b: list[int], a: list[int], dst: int, phase: int, mode: AccumulateMode) -> int:
    bias = mode.product_bias(phase)
    sums = []
    for group in (range(8), range(8, 16)):
        lanes = []
        for k in group:
            exponents = fields(a[k])[1], fields(b[k])[1]
            absent = 0 in exponents
            part_a, part_b = slices(a[k], b[k], phase)
            lanes.append((max(bias, 0), 0) if absent else (sum(exponents) + bias, part_a * part_b))
        shared = max(e for e, _ in lanes)
        value = sum(half_away(p * Fraction(2) ** (e - shared)) for e, p in lanes)
        sums.append((shared, value << 13) if shared > 0 else (0, 0))
    return expected_accumulate(sums, dst, mode)


# ----------------------------------------------------------------------------------------- inputs


def sources(mode: AccumulateMode, count: int) -> st.SearchStrategy[list[int]]:
    top = 31 if mode.five_bit_exponent else 255
    near = st.integers(max(1, top // 2 - 6), top // 2 + 6)
    exponent = st.one_of(near, st.integers(0, top))
    fraction = st.one_of(st.sampled_from([0, 1, 8, 0x200, 0x3FF]), st.integers(0, 0x3FF))
    datum = st.builds(lambda s, e, m: s << 18 | e << 10 | m, st.integers(0, 1), exponent, fraction)
    return st.lists(datum, min_size=count, max_size=count)


def dst_patterns(mode: AccumulateMode) -> st.SearchStrategy[int]:
    low, high = (113, 143) if mode.dst_is_float16 else (1, 254)
    shift = 0 if mode.is_32_bit else 13 if mode.five_bit_exponent else 16
    exponent = st.one_of(st.integers(max(low, 120), min(high, 135)), st.integers(low, high))
    fraction = st.integers(0, (0x7FFFFF >> shift)).map(lambda m: m << shift)
    number = st.builds(lambda s, e, m: s << 31 | e << 23 | m, st.integers(0, 1), exponent, fraction)
    return st.one_of(st.just(0), number)


def as_src(values: list[int]) -> np.ndarray:
    return np.array(values, np.int32)


@pytest.mark.parametrize("mode", MODES, ids=str)
@few
@given(data=st.data())
def test_accumulate(mode: AccumulateMode, data: st.DataObject) -> None:
    top = 60 if mode.dst_is_float16 else 300
    term = st.tuples(st.integers(0, top), st.integers(-(1 << 28), 1 << 28))
    sums = data.draw(st.lists(term, min_size=1, max_size=2))
    dst = data.draw(dst_patterns(mode))
    arrays = tuple(Sum(as_src([e]), as_src([v])) for e, v in sums)
    got = fpu.accumulate(arrays, np.array([dst], np.uint32), mode)
    assert int(got[0]) == expected_accumulate(sums, dst, mode)


def test_wormhole_mistakes_a_sum_of_minus_one_unit() -> None:
    """1.0 + (-1 - 2^-23) is -16 on Wormhole and -2^-23 on Blackhole (numerics.md §3.2, §11.1)."""
    term = (Sum(as_src([127]), as_src([-(1 << 23) - 1])),)
    one = np.array([0x3F800000], np.uint32)
    wormhole = fpu.accumulate(term, one, AccumulateMode(True, minus_one_quirk=True)).view(np.float32)[0]
    blackhole = fpu.accumulate(term, one, AccumulateMode(True)).view(np.float32)[0]
    assert wormhole == -16.0
    assert blackhole == -(2.0**-23)


@pytest.mark.parametrize("mode", MODES, ids=str)
@few
@given(data=st.data())
def test_elwadd(mode: AccumulateMode, data: st.DataObject) -> None:
    a, b = data.draw(sources(mode, 2))
    dst = data.draw(st.one_of(st.none(), dst_patterns(mode)))
    pair = sorted((fields(a), fields(b)), key=lambda f: (f[1], f[2]), reverse=True)
    (sign_x, e_x, m_x), (sign_y, e_y, m_y) = pair
    value = sign_x * m_x + sign_y * half_up(Fraction(m_y, 1 << (e_x - e_y)))
    exponent = e_x
    if mode.five_bit_exponent and mode.is_32_bit:
        exponent = e_x + 112 if e_x else 97
    wanted = expected_accumulate([(exponent, value << 13)], dst or 0, mode)
    got = fpu.elwadd(as_src([a]), as_src([b]), None if dst is None else np.array([dst], np.uint32), mode)
    assert int(got[0]) == wanted


@pytest.mark.parametrize("mode", MODES, ids=str)
@pytest.mark.parametrize("phase", PHASES)
@few
@given(data=st.data())
def test_elwmul(mode: AccumulateMode, phase: int, data: st.DataObject) -> None:
    a, b = data.draw(sources(mode, 2))
    dst = data.draw(dst_patterns(mode))
    part_a, part_b = slices(a, b, phase)
    bias = mode.product_bias(phase)
    exponent = fields(a)[1] + fields(b)[1] + bias
    absent = 0 in (fields(a)[1], fields(b)[1]) or exponent <= 0
    term = (max(bias, 0), 0) if absent else (exponent, (part_a * part_b) << 13)
    got = fpu.elwmul(as_src([a]), as_src([b]), np.array([dst], np.uint32), phase, mode)
    assert int(got[0]) == expected_accumulate([term], dst, mode)


@pytest.mark.parametrize("mode", MODES, ids=str)
@pytest.mark.parametrize("phase", PHASES)
@few
@given(data=st.data())
def test_mvmul(mode: AccumulateMode, phase: int, data: st.DataObject) -> None:
    a, b = data.draw(sources(mode, 16)), data.draw(sources(mode, 16))
    dst = data.draw(dst_patterns(mode))
    got = fpu.mvmul(as_src(b)[None], as_src(a)[:, None], np.array([[dst]], np.uint32), phase, mode)
    assert int(got[0, 0]) == expected_mvmul(b, a, dst, phase, mode)


def test_order_of_matrix_instructions() -> None:
    """A full tile runs phases outside and halves of k inside; pooling runs phases inside (numerics.md §4.1, §4.4)."""
    low, high = slice(0, 16), slice(16, 32)
    assert fpu.steps(32, 2, phases_inside=False) == [(0, low), (0, high), (1, low), (1, high)]
    assert fpu.steps(32, 2, phases_inside=True) == [(0, low), (1, low), (0, high), (1, high)]


# ----------------------------------------------------------------------------------------- the fast arrangement


def random_sources(rng: np.random.Generator, shape: tuple[int, int], low: int, high: int) -> np.ndarray:
    src = rng.integers(0, 2, shape) << 18 | rng.integers(low, high, shape) << 10 | rng.integers(0, 1024, shape)
    src[rng.random(shape) < 0.1] = 0
    return src.astype(np.int32)


@pytest.mark.parametrize("mode", MODES, ids=str)
@pytest.mark.parametrize("fidelity", FIDELITIES, ids=lambda f: f.name)
@pytest.mark.parametrize("spread", [(120, 135), (60, 150), (1, 90), (160, 255), (1, 255)], ids=str)
def test_blocked_matmul_equals_the_definition(
    mode: AccumulateMode, fidelity: MathFidelity, spread: tuple[int, int]
) -> None:
    rng = np.random.default_rng(7)
    low, high = (1, 32) if mode.five_bit_exponent else spread
    for rows, lanes, columns, inside in ((32, 32, 32, False), (5, 48, 7, True), (1, 16, 16, True), (40, 32, 96, False)):
        a, b = random_sources(rng, (lanes, columns), low, high), random_sources(rng, (rows, lanes), low, high)
        dst = fpu.matmul_definition(b[:, :16], a[:16], np.zeros((rows, columns), np.uint32), fidelity, mode)
        got = matmul.matmul(b, a, dst, fidelity, mode, inside)
        assert np.array_equal(got, fpu.matmul_definition(b, a, dst, fidelity, mode, inside))


def test_blocked_matmul_of_zeros() -> None:
    nothing = np.zeros((32, 32), np.int32)
    dst = np.full((32, 32), 0x3F800000, np.uint32)
    mode = AccumulateMode(True)
    assert np.array_equal(matmul.matmul(nothing, nothing, dst, MathFidelity.HiFi4, mode), dst)
