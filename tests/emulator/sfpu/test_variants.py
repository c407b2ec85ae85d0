"""Variants of operations: on PACK's section, on narrow integers, under older names; random numbers, quantisation."""

# ruff: noqa: E501 - one line per operation

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
HEAD = '#include "api/compute/eltwise_unary/sfpu_split_includes.h"'


def scalar(value: float) -> str:
    return f"0x{np.float32(value).view(np.uint32):08x}u"


def sigmoid(x: F64) -> F64:
    result: F64 = 1 / (1 + np.exp(-x))
    return result


def gelu_tanh(x: F64) -> F64:
    result: F64 = 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return result


SELU = (1.0507, 1.67326)
PACKED: list[tuple[str, Callable[[F64], Any]]] = [
    ("exp_packthread_tile_init(); exp_packthread_tile(0)", np.exp),
    ("gelu_tile_init_pack(); gelu_tile_pack(0)", lambda x: 0.5 * x * np.vectorize(math.erfc)(-x / np.sqrt(2))),
    ("gelu_tanh_tile_init_pack(); gelu_tanh_tile_pack(0)", gelu_tanh),
    ("hardsigmoid_tile_init_pack(); hardsigmoid_tile_pack(0)", lambda x: np.clip(x / 6 + 0.5, 0, 1)),
    (f"hardtanh_tile_init_pack(); hardtanh_tile_pack(0, {scalar(-1)}, {scalar(2)})", lambda x: np.clip(x, -1, 2)),
    (f"relu_max_tile_init_pack(); relu_max_tile_pack(0, {scalar(1.5)})", lambda x: np.clip(x, 0, 1.5)),
    (
        f"selu_tile_init_pack(); selu_tile_pack(0, {scalar(SELU[0])}, {scalar(SELU[1])})",
        lambda x: SELU[0] * np.where(x < 0, SELU[1] * np.expm1(x), x),
    ),
    ("sigmoid_tile_init_pack(); sigmoid_tile_pack(0)", sigmoid),
    ("silu_tile_init_pack(); silu_tile_pack(0)", lambda x: x * sigmoid(x)),
    (
        f"softplus_tile_init_pack(); softplus_tile_pack(0, {scalar(2)}, {scalar(0.5)}, {scalar(20)})",
        lambda x: np.log1p(np.exp(2 * x)) / 2,
    ),
    ("tanh_tile_init_pack(); tanh_tile_pack(0)", np.tanh),
]

# The operation runs on the section that PACK owns; its tile comes back by way of a copy.
ON_PACK = """
static uint8_t* const held = (uint8_t*)0x140000;  // in L1, behind the bench's tiles
tile_regs_commit(); tile_regs_wait();
{call};
__builtin_memcpy(held, tthal::tensix::pack_thread_tile(0), 4096);
tile_regs_release(); tile_regs_acquire();
__builtin_memcpy(tthal::tensix::math_tile(0), held, 4096);
"""


def numbers() -> F32:
    return np.random.default_rng(21).uniform(-6, 6, (32, 32)).astype(np.float32)


@pytest.fixture(scope="module")
def packed_results(lanes: Any) -> F32:
    bodies = [ON_PACK.format(call=call) for call, _ in PACKED]
    result: F32 = lanes.run_each(HEAD, bodies, numbers())[:, 0].view(np.float32)
    return result


@pytest.mark.parametrize("index", range(len(PACKED)), ids=[call.split("(")[0] for call, _ in PACKED])
def test_on_the_section_of_pack(packed_results: F32, index: int) -> None:
    expected = PACKED[index][1](numbers().astype(np.float64))
    # Four units in the last place, and what cancels near zero.
    assert np.allclose(packed_results[index], expected, rtol=4 * 2.0**-23, atol=2.0**-24)


WORDS: list[tuple[str, Callable[[Any], Any]]] = [
    ("eqz_tile_uint32(0)", lambda x: x == 0),
    ("nez_tile_uint32(0)", lambda x: x != 0),
    ("logical_not_unary_tile_uint32(0)", lambda x: x == 0),
    ("relu_max_tile_uint32(0, 0x80000005u)", lambda x: np.minimum(x, 0x80000005)),
    ("relu_min_tile_uint32(0, 0x80000005u)", lambda x: np.maximum(x, 0x80000005)),
    ("unary_max_uint32_tile_init(); unary_max_uint32_tile(0, 0x7FFFFFFFu)", lambda x: np.maximum(x, 0x7FFFFFFF)),
    ("unary_min_uint32_tile_init(); unary_min_uint32_tile(0, 0x7FFFFFFFu)", lambda x: np.minimum(x, 0x7FFFFFFF)),
    (
        "unary_min_int32_tile_init(); unary_min_int32_tile(0, -5)",
        lambda x: np.minimum(x.view(np.int32), -5).view(np.uint32),
    ),
    ("logical_not_unary_tile_init(); logical_not_unary_tile_int32(0)", lambda x: x == 0),
    ("nez_tile_init(); nez_tile_int32(0)", lambda x: x != 0),
    ("gez_tile_init(); gez_tile_int32(0)", lambda x: x.view(np.int32) >= 0),
    ("lez_tile_init(); lez_tile_int32(0)", lambda x: x.view(np.int32) <= 0),
    ("unary_eq_tile_init(); unary_eq_tile_int32(0, 5)", lambda x: x == 5),
    ("unary_ne_tile_init(); unary_ne_tile_int32(0, 5)", lambda x: x != 5),
    ("unary_lt_tile_init(); unary_lt_tile_int32(0, 5)", lambda x: x.view(np.int32) < 5),
    ("unary_ge_tile_init(); unary_ge_tile_int32(0, 5)", lambda x: x.view(np.int32) >= 5),
]


@pytest.mark.parametrize(("call", "oracle"), WORDS, ids=[call for call, _ in WORDS])
def test_words(lanes: Any, call: str, oracle: Callable[[Any], Any]) -> None:
    x = np.random.default_rng(3).integers(0, 2**32, (32, 32), np.uint64).astype(np.uint32)
    x[0, :4] = [0, 5, 0x80000005, 0x7FFFFFFF]
    assert np.array_equal(lanes.run(HEAD, f"{call};", x)[0], oracle(x).astype(np.uint32))


def test_stochastic_rounding_takes_either_neighbour_as_often_as_its_distance_says(lanes: Any) -> None:
    head = '#include "api/compute/eltwise_unary/rounding.h"'
    x = np.full((4, 32, 32), 1.0, np.float32)
    x[1:] += np.array([0.25, 0.5, 0.875], np.float32)[:, None, None] * 2.0**-7
    body = "init_prng_seed(5); for (uint32_t tile = 0; tile < 4; tile++) stochastic_round_tile(tile);"
    found = lanes.run(head, body, -x, outputs=4).view(np.float32)
    assert np.array_equal(np.unique(found), [-1 - 2.0**-7, -1])
    # Four standard deviations of 1024 draws.
    assert np.allclose((found < -1).mean((1, 2)), [0, 0.25, 0.5, 0.875], atol=4 * 0.5 / 32)
    assert (found[0] == -1).all()
    infinite = np.full((32, 32), np.inf, np.float32)
    assert np.array_equal(lanes.run(head, "stochastic_round_tile(0);", infinite)[0].view(np.float32), infinite)


HALVES: list[tuple[str, Callable[[Any], Any]]] = [
    ("eqz_tile_uint16(0)", lambda x: x == 0),
    ("nez_tile_uint16(0)", lambda x: x != 0),
    ("relu_max_tile_uint16(0, 40000)", lambda x: np.minimum(x, 40000)),
    ("relu_min_tile_uint16(0, 40000)", lambda x: np.maximum(x, 40000)),
    ("logical_not_unary_tile_uint16(0)", lambda x: x == 0),
]


@pytest.mark.parametrize(("call", "oracle"), HALVES, ids=[call for call, _ in HALVES])
def test_halves_of_words_in_both_modes(lanes: Any, call: str, oracle: Callable[[Any], Any]) -> None:
    x = np.random.default_rng(3).integers(0, 2**16, (32, 32)).astype(np.uint32)
    x[0, 0] = 0
    expected = oracle(x).astype(np.uint32)
    assert np.array_equal(lanes.run(HEAD, f"{call};", x)[0], expected * 0x10001)
    assert np.array_equal(lanes.run(HEAD, f"{call};", x << 16, wide=False)[0], expected << 16)


FORMER_HEADS = """
#include "compute_kernel_api/add_int32_sfpu.h"
#include "compute_kernel_api/binary_bitwise_sfpu.h"
#include "compute_kernel_api/binary_comp.h"
#include "compute_kernel_api/binary_shift.h"
#include "compute_kernel_api/eltwise_unary/where.h"
#include "compute_kernel_api/mul_int32_sfpu.h"
#include "compute_kernel_api/sub_int_sfpu.h"
"""
Words = npt.NDArray[np.uint32]
FORMER: dict[str, Callable[[Words, Words], Any]] = {
    "add_int32_tile_init(); add_int32_tile": lambda a, b: a + b,
    "add_int_tile_init(); add_uint32_tile": lambda a, b: a + b,
    "sub_int_tile_init(); sub_int32_tile": lambda a, b: a - b,
    "sub_int_tile_init(); sub_uint32_tile": lambda a, b: a - b,
    "rsub_int32_tile_init(); rsub_int32_tile": lambda a, b: b - a,
    "mul_int32_tile_init(); mul_int32_tile": lambda a, b: a * b,
    "mul_int_tile_init(); mul_uint32_tile": lambda a, b: a * b,
    "bitwise_and_binary_tile": lambda a, b: a & b,
    "bitwise_or_binary_tile": lambda a, b: a | b,
    "bitwise_xor_binary_tile": lambda a, b: a ^ b,
    "bitwise_and_uint32_binary_tile": lambda a, b: a & b,
    "bitwise_or_uint32_binary_tile": lambda a, b: a | b,
    "bitwise_xor_uint32_binary_tile": lambda a, b: a ^ b,
    "binary_left_shift_tile": lambda a, b: a << b,
    "binary_left_shift_int32_tile": lambda a, b: a << b,
    "binary_left_shift_uint32_tile": lambda a, b: a << b,
    "binary_right_shift_tile": lambda a, b: a.view(np.int32) >> b.view(np.int32),
    "binary_right_shift_int32_tile": lambda a, b: a.view(np.int32) >> b.view(np.int32),
    "binary_right_shift_uint32_tile": lambda a, b: a >> b,
    "binary_logical_right_shift_tile": lambda a, b: a >> b,
    "binary_logical_right_shift_int32_tile": lambda a, b: a >> b,
    "binary_logical_right_shift_uint32_tile": lambda a, b: a >> b,
    "lt_int32_tile_init(); lt_int32_tile": lambda a, b: a.view(np.int32) < b.view(np.int32),
    "gt_int32_tile_init(); gt_int32_tile": lambda a, b: a.view(np.int32) > b.view(np.int32),
    "le_int32_tile_init(); le_int32_tile": lambda a, b: a.view(np.int32) <= b.view(np.int32),
    "ge_int32_tile_init(); ge_int32_tile": lambda a, b: a.view(np.int32) >= b.view(np.int32),
}
FORMER_HALVES: dict[str, Callable[[Words, Words], Any]] = {
    "add_uint16_tile": lambda a, b: a + b,
    "sub_uint16_tile": lambda a, b: a - b,
    "mul_uint16_tile": lambda a, b: a * b,
    "bitwise_and_uint16_binary_tile": lambda a, b: a & b,
    "bitwise_or_uint16_binary_tile": lambda a, b: a | b,
    "bitwise_xor_uint16_binary_tile": lambda a, b: a ^ b,
}


def pairs(bits: int) -> tuple[Words, Words]:
    a = np.random.default_rng(4).integers(0, 2**bits, (32, 32), np.uint64).astype(np.uint32)
    return a, np.random.default_rng(5).integers(0, 31, (32, 32)).astype(np.uint32)


def test_names_of_2025_that_said_the_format(lanes: Any) -> None:
    a, b = pairs(32)
    found = lanes.run_each(FORMER_HEADS, [f"{call}(0, 1, 0);" for call in FORMER], np.stack([a, b]))[:, 0]
    for (call, oracle), result in zip(FORMER.items(), found, strict=True):
        assert np.array_equal(result, oracle(a, b).astype(np.uint32)), call


def test_names_of_2025_for_halves_of_words(lanes: Any) -> None:
    a, b = pairs(16)
    bodies = [f"{call}(0, 1, 0);" for call in FORMER_HALVES]
    found = lanes.run_each(FORMER_HEADS, bodies, np.stack([a, b]) << 16, wide=False)[:, 0]
    for (call, oracle), result in zip(FORMER_HALVES.items(), found, strict=True):
        assert np.array_equal(result >> 16, oracle(a, b) & 0xFFFF), call


def test_a_choice_of_unsigned_words(lanes: Any) -> None:
    a, b = pairs(32)
    found = lanes.run(FORMER_HEADS, "where_uint32_tile(0, 1, 0, 2);", np.stack([a & 1, b]), outputs=3)[2]
    assert np.array_equal(found, np.where(a & 1, b, 0))


FLOATS: list[tuple[str, Callable[[F32], Any]]] = [
    # As clients up to 2025 write it; since then the bits of 3.0f.
    ("power_tile_init(); power_tile(0, 3)", lambda x: x**3),
    ("add_unary_tile_init(); add_unary_tile(0, 0x3F800000u)", lambda x: x + 1),
    ("sub_unary_tile_init(); sub_unary_tile(0, 0x3F800000u)", lambda x: x - 1),
    ("mul_unary_tile_init(); mul_unary_tile(0, 0x40400000u)", lambda x: x * 3),
    ("div_unary_tile_init(); div_unary_tile(0, 0x3E800000u)", lambda x: x / 4),
    ("rsub_unary_tile_init(); rsub_unary_tile(0, 0x3F800000u)", lambda x: 1 - x),
    ("round_tile_init(); round_tile(0, 0)", np.round),
    ("rounding_op_tile_init(); frac_tile_float32(0)", lambda x: x - np.trunc(x)),
    ("eltwise_binary_sfpu_init(); add_binary_tile(0, 0, 0)", lambda x: x + x),
    ("fill_tile(1, 2.0f); copy_dest_values_init(); copy_dest_values<DataFormat::Float32>(1, 0)", lambda x: 0 * x + 2),
    # Settings that choose approximations on hardware; here the result is the same (docs/numerics.md).
    ("recip_tile_init<ReciprocalDestAcc::FP32, ReciprocalApproxMode::Precise>(); recip_tile<ReciprocalDestAcc::FP32>(0)", lambda x: 1 / x),
    ("square_tile(0); rsqrt_tile_init<RsqrtMode::Fast>(); rsqrt_tile<RsqrtMode::Fast>(0)", lambda x: 1 / np.abs(x)),
    (
        "exp_tile_init<true>(); exp_tile<true, false, InputClamping::None>(0, VectorMode::RC, EXP_SCALE_ONE)",
        lambda x: np.exp(x.astype(np.float64)),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("call", "oracle"), FLOATS, ids=[call.split("(")[0] for call, _ in FLOATS])
def test_names_and_settings_that_change_nothing(lanes: Any, call: str, oracle: Callable[[F32], Any]) -> None:
    head = f'{HEAD}\n#include "api/compute/copy_dest_values.h"\n#include "api/compute/eltwise_binary_sfpu.h"'
    x = numbers()
    # Exact where one IEEE operation does it; two units in the last place for the exponential and the root.
    assert np.allclose(lanes.floats(head, f"{call};", x)[0], oracle(x), rtol=2 * 2.0**-23, atol=0)


@pytest.mark.parametrize(
    ("mode", "iterations", "rows"),
    [
        # Rows of each of the four faces; an iteration is two rows of a face, and runs on into the next face.
        ("RC", 8, (16, 16, 16, 16)),
        ("RC", 4, (8, 8, 8, 8)),
        ("None", 8, (16, 0, 0, 0)),
        ("None", 32, (16, 16, 16, 16)),
        ("None", 12, (16, 8, 0, 0)),
        ("C", 4, (8, 0, 8, 0)),
        ("R", 4, (8, 8, 0, 0)),
    ],
)
def test_iterations_run_through_the_faces(lanes: Any, mode: str, iterations: int, rows: tuple[int, ...]) -> None:
    x = np.stack([numbers(), numbers() + 1])
    settings = f"false, false, InputClamping::ClampToNegative, {iterations}"
    on_pack = ON_PACK.format(call=f"exp_packthread_tile<{settings}>(0, VectorMode::{mode})")
    results = lanes.run_each(HEAD, [f"exp_tile<{settings}>(0, VectorMode::{mode});", on_pack], x, 2).view(np.float32)
    expected = x[0].copy()
    for face, count in enumerate(rows):
        place = np.s_[face // 2 * 16 : face // 2 * 16 + count, face % 2 * 16 : face % 2 * 16 + 16]
        expected[place] = np.exp(x[0][place].astype(np.float64))
    for result in results:
        assert np.allclose(result[0], expected, rtol=2 * 2.0**-23, atol=0)
    assert np.array_equal(results[0, 1], x[1])


def test_older_names(lanes: Any) -> None:
    x = numbers()
    x[0, :2] = 0
    calls = ["floor_tile_float32(0)", "ceil_tile_float32(0)", "trunc_tile_float32(0)", "logical_not_unary_tile(0)"]
    results = lanes.run_each(HEAD, [f"{call};" for call in calls], x)[:, 0].view(np.float32)
    assert np.array_equal(results, np.stack([np.floor(x), np.ceil(x), np.trunc(x), (x == 0).astype(np.float32)]))
    chosen = lanes.floats(HEAD, "where_fp32_tile(0, 1, 2, 0);", np.stack([x, x + 1, x + 2]))[0]
    assert np.array_equal(chosen, np.where(x != 0, x + 1, x + 2))


def test_the_next_bfloat16(lanes: Any) -> None:
    x, y = numbers().view(np.uint32) & np.uint32(0xFFFF0000), numbers()[::-1].copy().view(np.uint32)
    head = '#include "api/compute/nextafter.h"'
    body = "nextafter_bf16_binary_tile_init(); nextafter_bf16_binary_tile(0, 1, 0);"
    result = lanes.run(head, body, np.stack([x, y]))[0]
    here, there = x.view(np.float32), y.view(np.float32)
    away = (there > here) == (here > 0)
    expected = np.where(away, x + np.uint32(0x10000), x - np.uint32(0x10000))
    assert np.array_equal(result, np.where(here == there, x, expected))


def test_random_numbers_are_uniform_and_repeat_with_their_seed(lanes: Any) -> None:
    head = '#include "api/compute/eltwise_unary/rand.h"'
    draw = f"rand_tile(0, {scalar(2)}, {scalar(3)});"
    bodies = [f"rand_tile_init(7); {draw}", draw, f"rand_tile_init(7); {draw}", f"rand_tile_init(7, 1); {draw}"]
    first, second, again, stream = lanes.run_each(head, bodies, np.zeros((32, 32), np.float32))[:, 0].view(np.float32)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, stream)
    for tile in (first, second, stream):
        assert tile.min() >= 2
        assert tile.max() < 5
        # The mean of 1024 uniform numbers has a deviation of 3 / sqrt(12 * 1024); five of them.
        assert abs(tile.mean() - 3.5) < 5 * 3 / np.sqrt(12 * 1024)
        assert abs(tile.var() - 9 / 12) < 0.1


def test_dropout_drops_its_share_and_scales_the_rest(lanes: Any) -> None:
    head = '#include "api/compute/eltwise_unary/dropout.h"'
    x = np.random.default_rng(1).uniform(1, 2, (32, 32)).astype(np.float32)
    body = f"dropout_kernel_init(3); dropout_tile(0, {int(0.25 * 2**31)}u, {scalar(4 / 3)});"
    first, again = lanes.run_each(head, [body, body], x)[:, 0].view(np.float32)
    assert np.array_equal(first, again)
    kept = first != 0
    assert np.array_equal(first[kept], (x * np.float32(4 / 3))[kept])
    assert abs(kept.mean() - 0.75) < 5 * np.sqrt(0.25 * 0.75 / 1024)


def away(x: F64) -> F64:
    result: F64 = np.copysign(np.floor(np.abs(x) + 0.5), x)
    return result


QUANTISERS: list[tuple[str, str, Callable[[F64], Any]]] = [
    ("quant_tile_init", "quant_tile", lambda y: np.clip(away(y), -127, 127)),
    ("quant_uint8_tile_init", "quant_tile", lambda y: np.clip(away(y), 0, 255)),
    ("quant_int8_tile_init", "quant_int8_tile", lambda y: np.clip(np.floor(y + 128.5), 0, 255) - 128),
    ("requant_tile_init", "requant_tile", lambda y: np.clip(away(y), -127, 127)),
    ("requant_uint8_tile_init", "requant_tile", lambda y: np.clip(away(y), 0, 255)),
    ("requant_int8_tile_init", "requant_int8_tile", lambda y: np.clip(np.floor(y + 128.5), 0, 255) - 128),
    ("requant_int8_in_tile_init", "requant_int8_in_tile", lambda y: np.clip(away(y), -127, 127)),
    ("requant_int8_in_uint8_out_tile_init", "requant_int8_in_tile", lambda y: np.clip(away(y), 0, 255)),
    (
        "requant_int8_in_int8_out_tile_init",
        "requant_int8_in_int8_out_tile",
        lambda y: np.clip(np.floor(y + 128.5), 0, 255) - 128,
    ),
]


@pytest.mark.parametrize(("init", "call", "oracle"), QUANTISERS, ids=[init for init, _, _ in QUANTISERS])
def test_quantisation(lanes: Any, init: str, call: str, oracle: Callable[[F64], Any]) -> None:
    rng = np.random.default_rng(5)
    # A quarter and a half: products and sums are exact, and many lie halfway between integers.
    scale = np.full((32, 32), 0.25, np.float32)
    if call.startswith("quant"):
        x: Any = rng.integers(-700, 700, (32, 32)).astype(np.float32)
        words = x.view(np.uint32)
    else:
        x = rng.integers(-128, 128, (32, 32)).astype(np.int32)
        words = (x & 0xFF if "int8_in" in call else x).view(np.uint32)
        scale[:] = 1.5
    body = f"{init}({scalar(0.5)}); {call}(0, 1, 0);"
    result = lanes.run('#include "api/compute/quantization.h"', body, np.stack([words, scale.view(np.uint32)]))[0]
    expected = oracle(x.astype(np.float64) * scale + 0.5).astype(np.int64)
    as_bytes = init in ("quant_int8_tile_init", "requant_int8_tile_init", "requant_int8_in_int8_out_tile_init")
    expected = expected & 0xFF if as_bytes else expected
    assert np.array_equal(result.view(np.int32), expected)


@pytest.mark.parametrize(
    ("init", "call"), [("dequant_tile_init", "dequant_tile"), ("dequant_int8_tile_init", "dequant_int8_tile")]
)
def test_dequantisation(lanes: Any, init: str, call: str) -> None:
    x = np.random.default_rng(5).integers(-128, 128, (32, 32)).astype(np.int32)
    words = (x & 0xFF if "int8" in call else x).view(np.uint32)
    scale = np.full((32, 32), 0.25, np.float32)
    body = f"{init}({scalar(-3)}); {call}(0, 1, 0);"
    result = lanes.run('#include "api/compute/quantization.h"', body, np.stack([words, scale.view(np.uint32)]))[0]
    assert np.array_equal(result.view(np.float32), ((x - 3) * 0.25).astype(np.float32))


ON_BLACKHOLE = {"situ_glu_tile_init"}
NO_CALLS = {"rows_in_last_tile"}
"""A variable of a host program that is in the list for its spelling."""


def test_every_name_that_host_programs_inject_is_declared(lanes: Any) -> None:
    folder = os.environ.get("TTHAL_REFERENCE")
    if not folder:
        pytest.skip("TTHAL_REFERENCE, the folder of reference material, is not set")
    names = json.loads((Path(folder) / "reference" / "device-api-injected-names.json").read_text())
    headers = (
        "add_int_sfpu",
        "atan2",
        "binary_bitwise_sfpu",
        "binary_comp",
        "binary_fmod",
        "binary_max_min",
        "binary_remainder",
        "binary_shift",
        "div_int32_floor",
        "div_int32_sfpu",
        "eltwise_binary_sfpu",
        "gcd",
        "isclose",
        "lcm",
        "logaddexp",
        "logaddexp2",
        "mul_int_sfpu",
        "nextafter",
        "quantization",
        "sub_int_sfpu",
        "xlogy",
    )
    head = "\n".join([HEAD, *(f'#include "api/compute/{name}.h"' for name in headers)])
    wanted = sorted(set(names) - ON_BLACKHOLE - NO_CALLS)
    lanes.run(head, "\n".join(f"using ckernel::{name};" for name in wanted), numbers())


EXP_HEAD = """
#include "api/compute/eltwise_unary/exp.h"
#define EXP_OF(mode, vectors) exp_tile<false, false, InputClamping::ClampToNegative, vectors>(0, mode);
"""


def in_vectors(tile: F32) -> F32:
    """A tile's numbers as dst_reg counts them: vectors of four rows by eight columns, even ones before odd ones."""
    faces = tile.reshape(2, 16, 2, 16).swapaxes(1, 2)
    quads = faces.reshape(4, 4, 4, 8, 2)  # face, four rows of it, row, column pair, parity
    return np.moveaxis(quads, 4, 2).reshape(32, 32)


@pytest.mark.parametrize(
    ("mode", "vectors", "chosen"),
    [
        ("VectorMode::None", 32, range(32)),
        ("VectorMode::None", 12, range(12)),
        ("VectorMode::None", 3, range(3)),
        ("VectorMode::C", 4, [0, 1, 2, 3, 16, 17, 18, 19]),
        ("VectorMode::R", 5, [0, 1, 2, 3, 4, 8, 9, 10, 11, 12]),
        ("VectorMode::RC", 8, range(32)),
    ],
)
def test_the_vectors_of_an_exponential(
    lanes: Any, ramp: Callable[..., F32], mode: str, vectors: int, chosen: Sequence[int]
) -> None:
    x = ramp(-3.0, 3.0)
    body = f"exp_tile_init(); EXP_OF({mode}, {vectors})"
    found = lanes.floats(EXP_HEAD, body, [x, x], 2)
    expected = in_vectors(x).astype(np.float64)
    expected[list(chosen)] = np.exp(expected[list(chosen)])
    np.testing.assert_allclose(in_vectors(found[0]), expected, rtol=1e-6)
    assert np.array_equal(found[1], x)
