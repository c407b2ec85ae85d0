"""The fast grade: its written definition, and its distance from the exact grade."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthal.types import DataFormat, MathFidelity
from tthal_emulator.board.tensix_traits import BLACKHOLE_TENSIX
from tthal_emulator.tensix import fast
from tthal_emulator.tensix.grades import ExactFpu, FastFpu
from tthal_emulator.tensix.unpack import Source

few = settings(max_examples=40, deadline=None)

FIDELITIES = [MathFidelity.LoFi, MathFidelity.HiFi2, MathFidelity.HiFi3, MathFidelity.HiFi4]
REGISTERS = {False: DataFormat.Float16_b, True: DataFormat.Tf32}
Floats = npt.NDArray[np.float32]


def truncated(value: np.float32, significand_bits: int) -> np.float32:
    """Cut a significand (hidden one counted) toward zero, in float64 arithmetic."""
    mantissa, exponent = np.frexp(np.float64(value))
    return np.float32(np.ldexp(np.trunc(mantissa * 2.0**significand_bits) / 2.0**significand_bits, exponent))


def expected_factors(a: np.float32, b: np.float32, fidelity: MathFidelity) -> list[tuple[np.float32, np.float32]]:
    a5, a10, b7, b11 = truncated(a, 5), truncated(a, 10), truncated(b, 7), truncated(b, 11)
    return {
        MathFidelity.LoFi: [(a5, b7)],
        MathFidelity.HiFi2: [(a10, b7)],
        MathFidelity.HiFi3: [(a10, b7), (a5, np.float32(b11 - b7))],
        MathFidelity.HiFi4: [(a10, b11)],
    }[fidelity]


def random_source(rng: np.random.Generator, shape: tuple[int, ...], wide: bool, spread: int = 6) -> Source:
    """Random datums of a register format with exponents within ``spread`` of 1.0, some zeros."""
    fraction = rng.integers(0, 1 << 10, shape) if wide else rng.integers(0, 1 << 7, shape) << 3
    bits = rng.integers(0, 2, shape) << 18 | rng.integers(127 - spread, 127 + spread, shape) << 10 | fraction
    bits[rng.random(shape) < 0.05] = 0
    return Source(bits.astype(np.int32), REGISTERS[wide])


@pytest.mark.parametrize("fidelity", FIDELITIES, ids=lambda f: f.name)
@pytest.mark.parametrize("wide", [False, True])
def test_matmul_adds_each_product_in_ascending_k(fidelity: MathFidelity, wide: bool) -> None:
    rng = np.random.default_rng(3)
    b, a = random_source(rng, (3, 32), wide), random_source(rng, (32, 2), wide)
    left, right = fast.as_float32(b), fast.as_float32(a)
    dst = rng.standard_normal((3, 2)).astype(np.float32)
    expected = dst.copy()
    for r in range(3):
        for c in range(2):
            for k in range(32):
                for x, y in expected_factors(right[k, c], left[r, k], fidelity):
                    expected[r, c] = np.float32(expected[r, c] + np.float32(x * y))
    got = fast.matmul_accumulate(left, right, dst.view(np.uint32), fidelity)
    assert got.tobytes() == expected.tobytes()


def test_matmul_order_does_not_depend_on_the_block() -> None:
    rng = np.random.default_rng(4)
    b, a = (rng.standard_normal(shape).astype(np.float32) for shape in ((256, 32), (32, 160)))
    dst = rng.standard_normal((256, 160)).astype(np.float32).view(np.uint32)
    whole = fast.matmul_accumulate(b, a, dst, MathFidelity.HiFi4)
    for r, c in ((0, 0), (100, 7), (255, 159)):
        one = fast.matmul_accumulate(
            b[r : r + 1], a[:, c : c + 1].copy(), dst[r : r + 1, c : c + 1], MathFidelity.HiFi4
        )
        assert one[0, 0].tobytes() == whole[r, c].tobytes()


@pytest.mark.parametrize(
    ("value", "narrow", "wide"),
    [
        (0x3F808000, 0x3F810000, 0x3F808000),
        (0x3F807FFF, 0x3F800000, 0x3F807FFF),
        (0xBF808000, 0xBF810000, 0xBF808000),
        (0x7F7FFFFF, 0x7F800000, 0x7F7FFFFF),
        (0x80000000, 0x00000000, 0x00000000),
        (0x007FFFFF, 0x00000000, 0x00000000),
        (0xFFC12345, 0x7FC00000, 0x7FC00000),
        (0xFF800000, 0xFF800000, 0xFF800000),
    ],
)
def test_settling(value: int, narrow: int, wide: int) -> None:
    number = np.array([value], np.uint32).view(np.float32)
    assert int(fast.settle(number, is_32_bit=False)[0]) == narrow
    assert int(fast.settle(number, is_32_bit=True)[0]) == wide


@pytest.mark.parametrize(
    ("value", "pattern"),
    [(1.0, 0x3F800000), (1 + 2**-11, 0x3F802000), (2.0**-15, 0), (2.0**-14, 0x38800000), (-1e9, 0xC7FFE000)],
)
def test_settling_to_float16(value: float, pattern: int) -> None:
    settled = fast.settle(np.array([value], np.float32), is_32_bit=False, five_bit_exponent=True)
    assert int(settled[0]) == pattern


def test_infinite_operands_do_not_make_nan_from_their_low_part() -> None:
    infinity = np.array([np.inf], np.float32)
    factors = fast.fidelity_factors(np.ones(1, np.float32), infinity, MathFidelity.HiFi3)
    assert [float(b[0]) for _, b in factors] == [np.inf, 0.0]


# ----------------------------------------------------------------------------------------- against the exact grade


@pytest.mark.parametrize("fidelity", FIDELITIES, ids=lambda f: f.name)
@pytest.mark.parametrize("wide", [False, True])
@few
@given(seed=st.integers(0, 2**32 - 1))
def test_products_in_32_bit_dst_are_the_same(fidelity: MathFidelity, wide: bool, seed: int) -> None:
    """One product needs at most 21 bits: nothing is ever rounded (numerics.md §7.2)."""
    rng = np.random.default_rng(seed)
    a, b = random_source(rng, (8, 8), wide, 40), random_source(rng, (8, 8), wide, 40)
    dst = np.zeros((8, 8), np.uint32)
    exact, quick = _both(True, fidelity)
    assert np.array_equal(exact.multiply(a, b, dst), quick.multiply(a, b, dst))


@few
@given(seed=st.integers(0, 2**32 - 1), fidelity=st.sampled_from(FIDELITIES))
def test_products_in_16_bit_dst_differ_by_a_rounding_per_phase(seed: int, fidelity: MathFidelity) -> None:
    rng = np.random.default_rng(seed)
    a, b = random_source(rng, (8, 8), False), random_source(rng, (8, 8), False)
    exact, quick = (_numbers(f.multiply(a, b, np.zeros((8, 8), np.uint32))) for f in _both(False, fidelity))
    assert np.all(np.abs(exact - quick) <= 5 * 2.0**-8 * np.abs(quick))


@pytest.mark.parametrize("is_32_bit", [False, True])
@few
@given(seed=st.integers(0, 2**32 - 1), accumulate=st.booleans())
def test_sums_differ_by_the_alignment_of_the_smaller_operand(is_32_bit: bool, seed: int, accumulate: bool) -> None:
    """The FPU keeps 10 fraction bits at the larger operand's exponent; a 16-bit DST rounds each term once more."""
    rng = np.random.default_rng(seed)
    a, b = random_source(rng, (16, 16), is_32_bit), random_source(rng, (16, 16), is_32_bit)
    dst = _dst(rng, (16, 16), is_32_bit) if accumulate else None
    exact, quick = (_numbers(f.add(a, b, dst)) for f in _both(is_32_bit, MathFidelity.HiFi4))
    scale = np.abs(fast.as_float32(a)) + np.abs(fast.as_float32(b))
    scale = scale if dst is None else scale + np.abs(dst.view(np.float32))
    assert np.all(np.abs(exact - quick) <= (2.0**-10 if is_32_bit else 2.0**-6) * scale)


@pytest.mark.parametrize("fidelity", FIDELITIES, ids=lambda f: f.name)
@pytest.mark.parametrize("is_32_bit", [False, True])
@few
@given(seed=st.integers(0, 2**32 - 1))
def test_matmul_stays_within_its_bound(fidelity: MathFidelity, is_32_bit: bool, seed: int) -> None:
    """Each product loses at most 2^-11 of its group's largest, 8 products a group: 2^-8 of the sum of magnitudes.

    A 16-bit DST adds three roundings of 2^-9 of the running magnitude per instruction.
    """
    rng = np.random.default_rng(seed)
    b, a = random_source(rng, (16, 32), is_32_bit), random_source(rng, (32, 16), is_32_bit)
    dst = _dst(rng, (16, 16), is_32_bit)
    exact, quick = (_numbers(f.matmul(b, a, dst)) for f in _both(is_32_bit, fidelity))
    scale = np.abs(fast.as_float32(b)) @ np.abs(fast.as_float32(a)) + np.abs(dst.view(np.float32))
    instructions = 2 * max(1, int(fidelity))
    bound = 2.0**-7 + (0 if is_32_bit else 3 * instructions * 2.0**-8)
    assert np.all(np.abs(exact - quick) <= bound * scale)


@pytest.mark.parametrize("fidelity", FIDELITIES, ids=lambda f: f.name)
def test_matmul_of_small_integers_is_the_same(fidelity: MathFidelity) -> None:
    """Nothing rounds when products and partial sums are multiples of every unit (numerics.md §7.5)."""
    rng = np.random.default_rng(11)
    b, a = (_integers(rng, shape, top) for shape, top in (((32, 32), 8), ((32, 32), 8)))
    dst = np.zeros((32, 32), np.uint32)
    exact, quick = (_numbers(f.matmul(b, a, dst)) for f in _both(True, fidelity))
    assert np.array_equal(exact, quick)
    assert np.array_equal(quick, fast.as_float32(b).astype(np.float64) @ fast.as_float32(a).astype(np.float64))


def _both(is_32_bit: bool, fidelity: MathFidelity) -> tuple[ExactFpu, FastFpu]:
    return ExactFpu(BLACKHOLE_TENSIX, is_32_bit, fidelity), FastFpu(is_32_bit, fidelity)


def _numbers(bits: npt.NDArray[np.uint32]) -> npt.NDArray[np.float64]:
    return bits.view(np.float32).astype(np.float64)


def _dst(rng: np.random.Generator, shape: tuple[int, int], is_32_bit: bool) -> npt.NDArray[np.uint32]:
    bits = rng.standard_normal(shape).astype(np.float32).view(np.uint32)
    return bits if is_32_bit else bits & np.uint32(0xFFFF0000)


def _integers(rng: np.random.Generator, shape: tuple[int, int], top: int) -> Source:
    numbers = rng.integers(-top + 1, top, shape).astype(np.float32)
    return Source((numbers.view(np.uint32) >> np.uint32(13)).view(np.int32), DataFormat.Float16_b)
