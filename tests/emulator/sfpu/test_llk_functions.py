"""Functions of the low-level layer for custom vector code, against float64; first columns of attention kernels."""

# ruff: noqa: E501 - C++

from __future__ import annotations

from collections.abc import Callable
from math import erf
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tthal.errors import CompileError

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
Ramp = Callable[..., F32]

HEAD = """
#include "ckernel_sfpu_exp.h"
#include "ckernel_sfpu_gelu.h"
#include "ckernel_sfpu_recip.h"
#include "ckernel_sfpu_sigmoid.h"
#include "sfpu/ckernel_sfpu_converter.h"
#include "sfpu/ckernel_sfpu_polyval.h"
#include "experimental/llk_sfpu/ckernel_sfpu_sdpa.h"
using namespace ckernel::sfpu;
template <typename Function>
void on_face(Function function) {
    for (int vector = 0; vector < 8; vector++) {
        const sfpi::vFloat x = sfpi::dst_reg[0];
        sfpi::dst_reg[0] = function(x);
        sfpi::dst_reg++;
    }
}
#define EVERY(expression) \\
    _llk_math_eltwise_unary_sfpu_params_([] { on_face([](sfpi::vFloat x) { return sfpi::vFloat(expression); }); }, 0)
"""


def sigmoid(x: F64) -> F64:
    return 1 / (1 + np.exp(-x))


def rounded(values: F64) -> F32:
    """The nearest bfloat16 of values none of which lies halfway."""
    bits = values.astype(np.float32).view(np.uint32).astype(np.uint64) + 0x8000
    return (bits & 0xFFFF0000).astype(np.uint32).view(np.float32)


@pytest.mark.parametrize(
    ("expression", "oracle", "low", "high"),
    [
        ("sfpu_reciprocal_iter<2>(x)", lambda x: 1 / x, 0.01, 50.0),
        ("sfpu_reciprocal_iter<0>(x)", lambda x: 1 / x, -50.0, -0.01),
        ("_sfpu_reciprocal_<2>(x)", lambda x: 1 / x, 0.01, 50.0),
        ("_sfpu_exp_21f_bf16_<true>(x)", np.exp, -20.0, 20.0),
        ("_sfpu_exp_21f_<true>(x)", np.exp, -20.0, 20.0),
        ("sfpi::vFloat(sfpi::vInt(_float_to_int32_(x) << 23).get())", lambda x: (np.trunc(x).astype(np.int32) << 23).view(np.float32), 1.0, 200.0),
        ("sfpi::vFloat(sfpi::vInt(_float_to_int32_positive_(x) << 23).get())", lambda x: (np.trunc(-x).astype(np.int32) << 23).view(np.float32), -200.0, -1.0),
        ("_sfpu_exp_accurate_<true>(x)", np.exp, -80.0, 80.0),
        ("(_ckernel_sfpu_exp_accurate_<true, true>(x, 0xBF80))", lambda x: np.exp(-x), -20.0, 20.0),
        ("(_ckernel_sfpu_exp_accurate_<false, true>(x, 0xBF80))", np.exp, -20.0, 20.0),
        ("_sfpu_sigmoid_<true>(x)", sigmoid, -20.0, 20.0),
        ("PolynomialEvaluator::eval(x, 0.5f, -2.0f, sfpi::vFloat(3.0f))", lambda x: 0.5 - 2 * x + 3 * x * x, -4.0, -0.5),
        ("x * Converter::as_float(0x40490FDB)", lambda x: x * np.float64(np.float32(np.pi)), -4.0, 4.0),
    ],
)  # fmt: skip
def test_functions_of_a_vector(
    lanes: Any, ramp: Ramp, expression: str, oracle: Callable[[F64], F64], low: float, high: float
) -> None:
    x = ramp(low, high)
    body = f"sfpu_reciprocal_init<false>(); _init_reciprocal_<false, false>(); recip_init<false, false>(); sigmoid_init<false>(); EVERY({expression});"
    np.testing.assert_allclose(lanes.floats(HEAD, body, x)[0], oracle(x.astype(np.float64)), rtol=1e-6)


def test_results_for_a_16_bit_dst_are_rounded(lanes: Any, ramp: Ramp) -> None:
    x = rounded(ramp(-3.0, 3.0).astype(np.float64))
    bodies = [f"EVERY({name}<false>(x));" for name in ("_sfpu_exp_21f_bf16_", "_sfpu_sigmoid_")]
    found = lanes.run_each(HEAD, bodies, x, wide=False).view(np.float32)[:, 0]
    # Float32 may round the other way only where the value is within an ulp of the middle.
    for result, exact in zip(found, (np.exp(x.astype(np.float64)), sigmoid(x.astype(np.float64))), strict=True):
        assert np.mean(result == rounded(exact)) > 0.999
        np.testing.assert_allclose(result, exact, rtol=2**-8)


def test_the_integer_that_makes_a_power_of_2(lanes: Any, ramp: Ramp) -> None:
    x = ramp(-2.0, 300.0)
    found = lanes.run(HEAD, "EVERY(sfpi::as<sfpi::vFloat>(_float_to_int32_for_exp_21f_(x)));", x)[0]
    expected = np.floor(np.clip(x.astype(np.float64), 0, 255) * 2**23).astype(np.uint32)
    # DST keeps no denormals.
    assert np.array_equal(found, np.where(expected < 0x800000, 0, expected))


FACES = "MATH(SFPU_UNARY_CALL(DST_SYNC_MODE, DST_ACCUM_MODE, {}, {}, 0, VectorMode::RC{}))"


@pytest.mark.parametrize(
    ("body", "oracle"),
    [
        ("SFPU_UNARY_INIT_FN(silu, ckernel::sfpu::silu_init, (true));" + FACES.format("calculate_silu", "(DST_ACCUM_MODE, 8)", "") + ";",
         lambda x: x * sigmoid(x)),
        ("gelu_init<true>();" + FACES.format("calculate_gelu", "(true, DST_ACCUM_MODE, 8)", "") + ";", None),
        *[(FACES.format("calculate_binop_with_scalar", f"(APPROX, {name}, 8, DST_ACCUM_MODE)", ", 0x40200000") + ";", oracle)
          for name, oracle in (("ADD_UNARY", lambda x: x + 2.5), ("SUB_UNARY", lambda x: x - 2.5), ("MUL_UNARY", lambda x: x * 2.5),
                               ("DIV_UNARY", lambda x: x * 2.5), ("RSUB_UNARY", lambda x: 2.5 - x))],
    ],
)  # fmt: skip
def test_functions_of_faces(lanes: Any, ramp: Ramp, body: str, oracle: Callable[[F64], F64] | None) -> None:
    gelu = np.vectorize(lambda v: v * 0.5 * (1 + erf(v / 2**0.5)))
    x = ramp(-3.0, 5.0)
    found = lanes.floats(HEAD, "_init_sfpu_config_reg();" + body, x)[0]
    np.testing.assert_allclose(found, (oracle or gelu)(x.astype(np.float64)), rtol=2e-6, atol=3e-7)


@pytest.mark.parametrize(
    ("operation", "oracle"),
    [("ADD", np.add), ("SUB", np.subtract), ("RSUB", lambda a, b: b - a), ("MUL", np.multiply), ("DIV", np.divide)],
)
def test_two_tiles_into_a_third(lanes: Any, ramp: Ramp, operation: str, oracle: Callable[[F32, F32], F32]) -> None:
    a, b = ramp(-3.0, 5.0), ramp(9.0, 1.0)
    body = (
        f"SFPU_BINARY_CALL(DST_SYNC_MODE, DST_ACCUM_MODE, calculate_sfpu_binary, (true, ckernel::BinaryOp::{operation},"
        " 8, DST_ACCUM_MODE), 0, 1, 2, VectorMode::RC);"
    )
    assert np.array_equal(lanes.floats(HEAD, body, [a, b, a], 3)[2], oracle(a, b))


def test_other_operations_of_two_tiles_do_not_compile(lanes: Any, ramp: Ramp) -> None:
    with pytest.raises(CompileError, match="ADD, SUB, RSUB, MUL and DIV are emulated"):
        lanes.run(HEAD, "calculate_sfpu_binary<true, ckernel::BinaryOp::POW>(0, 1, 0);", ramp(0, 1))


# ---- first columns


def column(tile: F32) -> F64:
    return tile[:, 0].astype(np.float64)


@pytest.mark.parametrize(
    ("call", "oracle"),
    [
        ("calculate_recip_first_column, (DST_ACCUM_MODE), 0, VectorMode::C", lambda x: 1 / x),
        ("calculate_exponential_first_column, (false, 0xBF80, DST_ACCUM_MODE), 0, VectorMode::C", lambda x: np.exp(-x)),
        ("calculate_exponential_first_column, (true, 0x4000, DST_ACCUM_MODE), 0, VectorMode::C", lambda x: np.exp(2 * x)),
        ("calculate_softplus_first_column, (DST_ACCUM_MODE), 0, VectorMode::C, 0x40000000, 0x3F000000, 0x41A00000",
         lambda x: np.log1p(np.exp(2 * x)) / 2),
    ],
)  # fmt: skip
def test_the_first_column(lanes: Any, ramp: Ramp, call: str, oracle: Callable[[F64], F64]) -> None:
    x = ramp(0.5, 14.0).T
    found = lanes.floats(HEAD, f"MATH(SFPU_UNARY_CALL(DST_SYNC_MODE, DST_ACCUM_MODE, {call}));", x)[0]
    np.testing.assert_allclose(found[:, 0], oracle(column(x)), rtol=1e-6)
    assert np.array_equal(found[:, 1::2], x[:, 1::2])
    assert np.array_equal(found[:, 16:], x[:, 16:])


def test_kernels_may_step_through_dst_themselves(lanes: Any, ramp: Ramp) -> None:
    x = ramp(0.5, 14.0).T
    step = "TTI_SETRWC(p_setrwc::CLR_NONE, p_setrwc::CR_D, 8, 0, 0, p_setrwc::SET_D);"
    body = f"""
        TTI_STALLWAIT(p_stall::STALL_SFPU, p_stall::MATH);
        math::set_addr_mod_base();
        for (int face = 0; face < 2; face++) {{
            calculate_recip_first_column<DST_ACCUM_MODE>();
            {step} {step} {step} {step}
        }}
        math::clear_addr_mod_base();
        sfpi::dst_reg[1] = 1.0f;
    """
    found = lanes.floats(HEAD, body, x)[0]
    np.testing.assert_allclose(found[:, 0], 1 / column(x), rtol=1e-6)
    assert np.all(found[:4, 1:16:2] == 1)
    assert np.array_equal(found[:, 16:], x[:, 16:])


def test_other_counters_do_not_compile(lanes: Any, ramp: Ramp) -> None:
    with pytest.raises(CompileError, match="TTI_SETRWC is emulated for steps of the DST counter"):
        lanes.run(HEAD, "TTI_SETRWC(p_setrwc::CLR_AB, 0, 0, 0, 0, p_setrwc::SET_ABD);", ramp(0, 1))


@pytest.mark.parametrize("four_tiles", [False, True])
def test_joining_softmax_statistics(lanes: Any, four_tiles: bool) -> None:
    rng = np.random.default_rng(4)
    maxima, sums = rng.uniform(-2, 2, (2, 32, 32)).astype(np.float32), rng.uniform(1, 9, (2, 32, 32)).astype(np.float32)
    filler = np.zeros((32, 32), np.float32)
    operands = [*maxima, sums[1] if four_tiles else filler, sums[0], filler if four_tiles else sums[1]]
    reuse = str(four_tiles).lower()
    call = f"calculate_fused_max_sub_exp_add_tile, (DST_ACCUM_MODE, {reuse}), 0, VectorMode::C, 0x3F00"
    found = lanes.floats(HEAD, f"MATH(SFPU_UNARY_CALL(DST_SYNC_MODE, DST_ACCUM_MODE, {call}));", operands, 4)
    before, worker = column(maxima[0]), column(maxima[1])
    larger = np.maximum(before, worker)
    factors = np.exp((before - larger) / 2), np.exp((worker - larger) / 2)
    for tile, expected in enumerate([*factors, larger]):
        np.testing.assert_allclose(found[tile, :, 0], expected, rtol=1e-6)
    np.testing.assert_allclose(found[3, :, 0], factors[0] * column(sums[0]) + factors[1] * column(sums[1]), rtol=1e-6)
