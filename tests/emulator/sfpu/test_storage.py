"""What a 16-bit DST keeps of a result: cut off, rounded half away from zero, or half to even."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

F32 = npt.NDArray[np.float32]
U32 = npt.NDArray[np.uint32]
UPPER = np.uint32(0xFFFF0000)
HEAD = "\n".join(
    f'#include "api/compute/{name}.h"'
    for name in (
        "eltwise_binary_sfpu",
        "eltwise_unary/addcdiv",
        "eltwise_unary/addcmul",
        "eltwise_unary/binop_with_scalar",
        "eltwise_unary/identity",
        "eltwise_unary/lerp",
        "eltwise_unary/rsub",
        "eltwise_unary/sqrt",
        "eltwise_unary/typecast",
    )
)


def cut(x: F32) -> U32:
    kept: U32 = x.view(np.uint32) & UPPER
    return kept


def half_away(x: F32) -> U32:
    kept: U32 = (x.view(np.uint32) + np.uint32(0x8000)) & UPPER
    return kept


def half_even(x: F32) -> U32:
    bits = x.view(np.uint32)
    kept: U32 = (bits + np.uint32(0x7FFF) + (bits >> 16 & 1)) & UPPER
    return kept


def operands() -> F32:
    """Three tiles; sums of the first two and products with powers of two often lie halfway between bfloat16s."""
    rng = np.random.default_rng(12)
    halves = (rng.integers(128, 256, (32, 32)) + 0.5).astype(np.float32)
    return np.stack([halves, np.full((32, 32), 2, np.float32), rng.uniform(1, 2, (32, 32)).astype(np.float32)])


def scalar(value: float) -> str:
    return f"0x{np.float32(value).view(np.uint32):08x}u"


ONE = np.float32(1)
CASES: list[tuple[str, Any, Any]] = [
    ("add_binary_tile(0, 2, 0)", cut, lambda x, y, z: x + z),
    ("add_binary_tile(0, 2)", cut, lambda x, y, z: x + z),
    ("sub_binary_tile(0, 2, 0)", cut, lambda x, y, z: x - z),
    ("rsub_binary_tile(0, 2, 0)", cut, lambda x, y, z: z - x),
    ("add_binary_tile<DstRoundingMode::NearestEven>(0, 2, 0)", half_even, lambda x, y, z: x + z),
    ("mul_binary_tile(0, 1, 0)", half_even, lambda x, y, z: x * y),
    ("div_binary_tile(0, 1, 0)", half_even, lambda x, y, z: x / y),
    (f"add_unary_tile(0, {scalar(1)})", cut, lambda x, y, z: x + ONE),
    (f"mul_unary_tile(0, {scalar(2)})", cut, lambda x, y, z: x * 2),
    (f"div_unary_tile(0, {scalar(0.5)})", cut, lambda x, y, z: x / 2),
    (f"rsub_unary_tile(0, {scalar(1)})", half_even, lambda x, y, z: ONE - x),
    (f"rsub_tile(0, {scalar(1)})", half_even, lambda x, y, z: ONE - x),
    ("square_tile(0)", half_even, lambda x, y, z: x * x),
    ("sqrt_tile(0)", half_away, lambda x, y, z: np.sqrt(x)),
    ("lerp_tile<DataFormat::Float16_b>(0, 1, 2, 0)", half_even, lambda x, y, z: x + z * (y - x)),
    (
        f"addcmul_tile<DataFormat::Float16_b>(0, 1, 2, 0, {scalar(1)})",
        half_away,
        lambda x, y, z: x + ONE * y * z,
    ),
    (f"addcdiv_tile<DataFormat::Float16_b>(0, 2, 1, 0, {scalar(1)})", half_even, lambda x, y, z: x + ONE * z / y),
    ("identity_tile(0)", cut, lambda x, y, z: x),
    ("abs_tile(0)", cut, lambda x, y, z: x),
]


@pytest.fixture(scope="module")
def results(lanes: Any) -> U32:
    """Every case on the same tiles, in one kernel."""
    data: U32 = lanes.run_each(HEAD, [f"{call};" for call, _, _ in CASES], operands(), wide=False)[:, 0]
    return data


@pytest.mark.parametrize("index", range(len(CASES)), ids=[call for call, _, _ in CASES])
def test_a_16_bit_dst(results: U32, index: int) -> None:
    _, kept, oracle = CASES[index]
    exact = np.asarray(oracle(*operands()), np.float32)
    assert np.array_equal(results[index], kept(exact))


def test_the_three_ways_differ_on_these_numbers() -> None:
    x = operands()[0]
    assert not np.array_equal(cut(x), half_even(x))
    assert not np.array_equal(half_away(x), half_even(x))


def test_rounding_takes_nan_for_infinity_and_drops_the_sign_of_zero(lanes: Any) -> None:
    x = np.zeros((32, 32), np.float32)
    x[0, :3] = [np.nan, -0.0, np.inf]
    result = lanes.run(HEAD, "sqrt_tile(0);", x, wide=False)[0]
    assert result[0, :3].tolist() == [0x7F800000, 0, 0x7F800000]


def test_nothing_times_anything_is_nothing_in_16_bits_only(lanes: Any) -> None:
    x = np.zeros((2, 32, 32), np.float32)
    x[1] = np.inf
    assert np.array_equal(lanes.floats(HEAD, "mul_binary_tile(0, 1, 0);", x, wide=False)[0], np.zeros((32, 32)))
    assert np.isnan(lanes.floats(HEAD, "mul_binary_tile(0, 1, 0);", x)[0]).all()


def test_an_approximating_exponential_scales_as_its_initialisation_says(lanes: Any) -> None:
    x = np.random.default_rng(1).uniform(-8, 2, (32, 32)).astype(np.float32)
    bodies = [
        f"exp_tile_init<true, {scalar(0.5)}>(); exp_tile<true>(0);",
        f"exp_tile_init<true, {scalar(0.5)}>(); exp_tile_init<true>(); exp_tile<true>(0);",
        f"exp_tile_init<false, {scalar(0.5)}>(); exp_tile<false>(0);",
        "exp_tile_init(); exp_tile<false, true>(0, VectorMode::RC, 0x4000);",
    ]
    exact = x.astype(np.float64)
    results = lanes.run_each(HEAD, bodies, x)[:, 0].view(np.float32)
    for result, factor in zip(results, (0.5, 1, 1, 2), strict=True):
        assert np.allclose(result, np.exp(exact * factor), rtol=3 * 2.0**-23, atol=0)
