"""Every operation of the fast grade's vector unit against float64, in a 32-bit DST, with its documented error.

Inputs reach DST with all their bits (unpack_to_dest_mode), so that the error is the operation's own.
"""

# ruff: noqa: E501 - one line per operation

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn

F64 = npt.NDArray[np.float64]
F = ttnn.DataFormat
FAST = "emulator?numerics=fast"
PAGE = 4096
WIDE = ttnn.UnpackToDestMode.UnpackToDestFp32


def bits(value: float) -> str:
    """Return a float32's pattern as a C++ literal."""
    return f"0x{np.float32(value).view(np.uint32):08x}u"


def each(function: Callable[..., float]) -> Callable[..., F64]:
    return np.vectorize(function, otypes=[np.float64])


@dataclass(frozen=True)
class Case:
    """One call and what it should give.

    Attributes:
        call: the statements; x is DST tile 0, y tile 1, z tile 2, the result goes to tile 0.
        oracle: the same in float64.
        low, high: range of the ordinary inputs.
        ulp: largest error in units of the last place of float32; where the result's size allows it.
        absolute: an absolute error that is allowed besides, where the result crosses zero.
    """

    call: str
    oracle: Callable[..., Any]
    low: float = -8.0
    high: float = 8.0
    ulp: float = 0.5
    absolute: float = 0.0


def f32(value: float) -> float:
    return float(np.float32(value))


erf, erfc = each(math.erf), each(math.erfc)


def normal_cdf(x: F64) -> F64:
    return np.asarray(0.5 * erfc(-x / math.sqrt(2)))


def sigmoid(x: F64) -> F64:
    return np.asarray(1 / (1 + np.exp(-x)))


def softplus(x: F64) -> F64:
    return np.asarray(np.logaddexp(0, x))


def gelu_tanh(x: F64) -> F64:
    return np.asarray(x * sigmoid(2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def gelu_slope(x: F64) -> F64:
    return np.asarray(normal_cdf(x) + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi))


def elu(slope: float) -> Callable[[F64], F64]:
    return lambda x: np.where(x < 0, slope * np.expm1(x), x)


def erfinv(y: float) -> float:
    low, high = -6.0, 6.0
    for _ in range(200):
        middle = (low + high) / 2
        if abs(y) < 0.5:
            below = math.erf(middle) < y
        else:
            below = math.erfc(-middle) < 1 + y if y < 0 else math.erfc(middle) > 1 - y
        low, high = (middle, high) if below else (low, middle)
    return (low + high) / 2


def zeta(s: float, x: float) -> float:
    n = 4000
    tail = (x + n) ** (1 - s) / (s - 1) + 0.5 * (x + n) ** -s + s / 12 * (x + n) ** (-s - 1)
    return math.fsum((x + k) ** -s for k in range(n)) + tail


def digamma(x: float) -> float:
    h, shift = 0.0, 0
    while x + shift < 40:
        h -= 1 / (x + shift)
        shift += 1
    z = x + shift
    return h + math.log(z) - 1 / (2 * z) - 1 / (12 * z**2) + 1 / (120 * z**4) - 1 / (252 * z**6)


def bessel(order: int) -> Callable[[float], float]:
    # The integral over half a period; the trapezoid rule converges at once.
    angles = (np.arange(400) + 0.5) * math.pi / 400

    def value(x: float) -> float:
        return float(np.mean(np.exp(x * np.cos(angles)) * np.cos(order * angles)))

    return value


UNARY = {
    "exp": Case("exp_tile_init(); exp_tile(0);", np.exp, -80, 80, 1.5),
    "exp, scaled": Case(
        "exp_tile_init(); exp_tile<false, true>(0, VectorMode::RC, 0x3F00);", lambda x: np.exp(x / 2), ulp=1.5
    ),
    "exp2": Case("exp2_tile_init(); exp2_tile(0);", np.exp2, -120, 120, 1.5),
    "expm1": Case("expm1_tile_init(); expm1_tile(0);", np.expm1, ulp=1),
    "log": Case("log_tile_init(); log_tile(0);", np.log, 1e-30, 1e30, 1.5),
    "log near 1": Case("log_tile_init(); log_tile(0);", np.log, 0.5, 2, 2.5),
    "log2": Case(f"log_with_base_tile_init(); log_with_base_tile(0, {bits(1 / math.log(2))});", np.log2, 1e-9, 1e9, 3),
    "log10, float16 factor": Case("log_with_base_tile_init(); log_with_base_tile(0, 0x36f3u);", np.log10, 2, 1e9, 3e3),
    "log1p": Case("log1p_tile_init(); log1p_tile(0);", np.log1p, -0.99, 50, 1),
    "sqrt": Case("sqrt_tile_init(); sqrt_tile(0);", np.sqrt, 0, 1e30),
    "rsqrt": Case("rsqrt_tile_init(); rsqrt_tile(0);", lambda x: 1 / np.sqrt(x), 1e-30, 1e30, 1.5),
    "recip": Case("recip_tile_init(); recip_tile(0);", lambda x: 1 / x, 1e-30, 1e30),
    "cbrt": Case("cbrt_tile_init(); cbrt_tile(0);", np.cbrt, -1e20, 1e20, 1),
    "square": Case("square_tile_init(); square_tile(0);", np.square),
    "abs": Case("abs_tile_init(); abs_tile(0);", np.abs),
    "negative": Case("negative_tile_init(); negative_tile(0);", np.negative),
    "sign": Case("sign_tile_init(); sign_tile(0);", np.sign),
    "signbit": Case("signbit_tile_init(); signbit_tile(0);", np.signbit),
    "identity": Case("identity_tile_init(); identity_tile(0);", lambda x: x),
    "sigmoid": Case("sigmoid_tile_init(); sigmoid_tile(0);", sigmoid, -80, 80, 3),
    "silu": Case("silu_tile_init(); silu_tile(0);", lambda x: x * sigmoid(x), -60, 60, 4),
    "tanh": Case("tanh_tile_init(); tanh_tile(0);", np.tanh, -10, 10, 2.5),
    "tanh_derivative": Case(
        "tanh_derivative_tile_init(); tanh_derivative_tile(0);", lambda x: np.cosh(x) ** -2, -20, 20, 6
    ),
    "tanhshrink": Case("tanhshrink_tile_init(); tanhshrink_tile(0);", lambda x: x - np.tanh(x), 1, 9, 4),
    "gelu": Case("gelu_tile_init(); gelu_tile(0);", lambda x: x * normal_cdf(x), -9, 9, 80),
    "gelu_tanh": Case("gelu_tanh_tile_init(); gelu_tanh_tile(0);", gelu_tanh, -5, 5, 60),
    "gelu_derivative": Case(
        "gelu_derivative_tile_init(); gelu_derivative_tile(0);", gelu_slope, -3, 9, 8, absolute=2e-7
    ),
    "erf": Case("erf_tile_init(); erf_tile(0);", erf, -5, 5, 3),
    "erfc": Case("erfc_tile_init(); erfc_tile(0);", erfc, -5, 9, 12),
    "erfinv": Case("erfinv_tile_init(); erfinv_tile(0);", each(erfinv), -0.9999, 0.9999, 1),
    "softplus": Case(
        f"softplus_tile_init(); softplus_tile(0, {bits(1)}, {bits(1)}, {bits(20)});", softplus, -80, 80, 3
    ),
    "softplus, beta": Case(
        f"softplus_tile_init(); softplus_tile(0, {bits(2)}, {bits(0.5)}, {bits(20)});",
        lambda x: softplus(2 * x) / 2,
        -9,
        9,
        3,
    ),
    "mish": Case("mish_tile_init<false>(); mish_tile<false>(0);", lambda x: x * np.tanh(softplus(x)), -20, 30, 8),
    "elu": Case(f"elu_tile_init(); elu_tile(0, {bits(1.5)});", elu(1.5), ulp=1.5),
    "celu": Case(
        f"celu_tile_init(); celu_tile(0, {bits(2.0)}, {bits(0.5)});",
        lambda x: np.where(x < 0, 2 * np.expm1(x / 2), x),
        ulp=1.5,
    ),
    "selu": Case(
        f"selu_tile_init(); selu_tile(0, {bits(1.0507010)}, {bits(1.6732632)});",
        lambda x: f32(1.0507010) * elu(f32(1.6732632))(x),
        ulp=2.5,
    ),
    "relu": Case("relu_tile_init(); relu_tile(0);", lambda x: np.maximum(x, 0)),
    "relu_max": Case(f"relu_max_tile_init(); relu_max_tile(0, {bits(6.0)});", lambda x: np.clip(x, 0, 6)),
    "relu_min": Case(f"relu_min_tile_init(); relu_min_tile(0, {bits(-1.5)});", lambda x: np.maximum(x, -1.5)),
    "leaky_relu": Case(
        f"leaky_relu_tile_init(); leaky_relu_tile(0, {bits(0.125)});", lambda x: np.where(x < 0, x / 8, x)
    ),
    "prelu": Case(f"prelu_tile_init(); prelu_tile(0, {bits(0.25)});", lambda x: np.where(x < 0, x / 4, x)),
    "hardsigmoid": Case(
        "hardsigmoid_tile_init(); hardsigmoid_tile(0);", lambda x: np.clip(x / 6 + 0.5, 0, 1), ulp=4, absolute=1e-7
    ),
    "hardmish": Case(
        "hardmish_tile_init(); hardmish_tile(0);", lambda x: x * np.clip(x / 2 + 1, 0, 1), ulp=3, absolute=3e-7
    ),
    "hardtanh": Case(f"hardtanh_tile_init(); hardtanh_tile(0, {bits(-2)}, {bits(3)});", lambda x: np.clip(x, -2, 3)),
    "clamp": Case(f"clamp_tile_init(); clamp_tile(0, {bits(-1)}, {bits(2)});", lambda x: np.clip(x, -1, 2)),
    "hardshrink": Case(
        f"hardshrink_tile_init(); hardshrink_tile(0, {bits(0.5)});", lambda x: np.where(np.abs(x) > 0.5, x, 0)
    ),
    "softshrink": Case(
        f"softshrink_tile_init(); softshrink_tile(0, {bits(0.5)});",
        lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0),
    ),
    "softsign": Case("softsign_tile_init(); softsign_tile(0);", lambda x: x / (1 + np.abs(x)), ulp=1.5),
    "softcap": Case(
        f"softcap_tile_init(); softcap_tile(0, {bits(4)}, {bits(0.25)});", lambda x: 4 * np.tanh(x / 4), ulp=3
    ),
    "threshold": Case(
        f"threshold_tile_init(); threshold_tile(0, {bits(1)}, {bits(-7)});", lambda x: np.where(x > 1, x, -7)
    ),
    "heaviside": Case(f"heaviside_tile_init(); heaviside_tile(0, {bits(0.5)});", lambda x: np.heaviside(x, 0.5)),
    "xielu": Case(
        f"xielu_tile_init(); xielu_tile(0, {bits(0.75)}, {bits(0.5)});",
        lambda x: x / 2 + np.where(x > 0, 0.75 * x * x, 0.5 * (np.expm1(np.minimum(x, -1e-6)) - x)),
        ulp=8,
        absolute=1e-6,
    ),
    "floor": Case("floor_tile_init(); floor_tile(0);", np.floor),
    "ceil": Case("ceil_tile_init(); ceil_tile(0);", np.ceil),
    "trunc": Case("trunc_tile_init(); trunc_tile(0);", np.trunc),
    "frac": Case("frac_tile_init(); frac_tile(0);", lambda x: x - np.trunc(x)),
    "round": Case("rounding_op_tile_init(); round_tile(0, 0);", np.round),
    "round to 2 places": Case("rounding_op_tile_init(); round_tile(0, 2);", lambda x: np.round(x, 2), absolute=0.0101),
    "sin": Case("sin_tile_init(); sin_tile(0);", np.sin, -1e4, 1e4, 1),
    "cos": Case("cos_tile_init(); cos_tile(0);", np.cos, -1e4, 1e4, 1),
    "tan": Case("tan_tile_init(); tan_tile(0);", np.tan, -1e3, 1e3, 1),
    "asin": Case("asin_tile_init(); asin_tile(0);", np.arcsin, -1, 1, 1),
    "acos": Case("acos_tile_init(); acos_tile(0);", np.arccos, -1, 1, 1),
    "atan": Case("atan_tile_init(); atan_tile(0);", np.arctan, -1e3, 1e3, 1),
    "sinh": Case("sinh_tile_init(); sinh_tile(0);", np.sinh, -80, 80, 1),
    "cosh": Case("cosh_tile_init(); cosh_tile(0);", np.cosh, -80, 80, 1),
    "asinh": Case("asinh_tile_init(); asinh_tile(0);", np.arcsinh, -1e5, 1e5, 1),
    "acosh": Case("acosh_tile_init(); acosh_tile(0);", np.arccosh, 1.0, 1e5, 1),
    "atanh": Case("atanh_tile_init(); atanh_tile(0);", np.arctanh, -0.999, 0.999, 1),
    "i0": Case("i0_tile_init(); i0_tile(0);", each(bessel(0)), -10, 10, 1),
    "i1": Case("i1_tile_init(); i1_tile(0);", each(bessel(1)), -10, 10, 1, absolute=1e-12),
    "digamma": Case("digamma_tile_init(); digamma_tile(0);", each(digamma), 0.1, 50, 1, absolute=1e-7),
    "polygamma": Case(
        f"polygamma_tile_init(); polygamma_tile(0, {bits(2)}, {bits(-2)});", each(lambda x: -2 * zeta(3, x)), 0.1, 30, 1
    ),
    "power": Case(f"power_tile_init(); power_tile(0, {bits(2.5)});", lambda x: x**2.5, 0, 100, 1),
    "power, iterative": Case("power_iterative_tile_init(); power_iterative_tile(0, 3);", lambda x: x**3, ulp=1.5),
    "rpow": Case(f"rpow_tile_init(); rpow_tile(0, {bits(1.5)});", lambda x: 1.5**x, ulp=1),
    "rdiv": Case(f"rdiv_tile_init(); rdiv_tile(0, {bits(3)});", lambda x: 3 / x),
    "rdiv, floor": Case(
        f"rdiv_tile_init(); rdiv_tile<RoundingMode::Floor>(0, {bits(30)});", lambda x: np.floor(30 / x), 0.7, 8
    ),
    "rsub": Case(f"rsub_tile_init(); rsub_tile(0, {bits(3)});", lambda x: 3 - x),
    "add_unary": Case(f"binop_with_scalar_tile_init(); add_unary_tile(0, {bits(1.25)});", lambda x: x + 1.25),
    "sub_unary": Case(f"binop_with_scalar_tile_init(); sub_unary_tile(0, {bits(1.25)});", lambda x: x - 1.25),
    "mul_unary": Case(f"binop_with_scalar_tile_init(); mul_unary_tile(0, {bits(1.25)});", lambda x: x * 1.25),
    "div_unary": Case(f"binop_with_scalar_tile_init(); div_unary_tile(0, {bits(1 / 4)});", lambda x: x / 4),
    "rsub_unary": Case(f"binop_with_scalar_tile_init(); rsub_unary_tile(0, {bits(1.25)});", lambda x: 1.25 - x),
    "unary_max": Case(f"unary_max_tile_init(); unary_max_tile(0, {bits(0.5)});", lambda x: np.maximum(x, 0.5)),
    "unary_min": Case(f"unary_min_tile_init(); unary_min_tile(0, {bits(0.5)});", lambda x: np.minimum(x, 0.5)),
    "fmod": Case(f"fmod_tile_init({bits(1.5)}, {bits(1 / 1.5)}); fmod_tile(0);", lambda x: np.fmod(x, 1.5)),
    "remainder": Case(
        f"remainder_tile_init({bits(1.5)}, {bits(1 / 1.5)}); remainder_tile(0);",
        lambda x: np.mod(x, 1.5),
        absolute=1e-6,
    ),
    "eqz": Case("eqz_tile_init(); eqz_tile(0);", lambda x: x == 0),
    "nez": Case("nez_tile_init(); nez_tile(0);", lambda x: x != 0),
    "gtz": Case("gtz_tile_init(); gtz_tile(0);", lambda x: x > 0),
    "gez": Case("gez_tile_init(); gez_tile(0);", lambda x: x >= 0),
    "ltz": Case("ltz_tile_init(); ltz_tile(0);", lambda x: x < 0),
    "lez": Case("lez_tile_init(); lez_tile(0);", lambda x: x <= 0),
    "unary_eq": Case(f"unary_eq_tile_init(); unary_eq_tile(0, {bits(1)});", lambda x: x == 1),
    "unary_ne": Case(f"unary_ne_tile_init(); unary_ne_tile(0, {bits(1)});", lambda x: x != 1),
    "unary_gt": Case(f"unary_gt_tile_init(); unary_gt_tile(0, {bits(1)});", lambda x: x > 1),
    "unary_ge": Case(f"unary_ge_tile_init(); unary_ge_tile(0, {bits(1)});", lambda x: x >= 1),
    "unary_lt": Case(f"unary_lt_tile_init(); unary_lt_tile(0, {bits(1)});", lambda x: x < 1),
    "unary_le": Case(f"unary_le_tile_init(); unary_le_tile(0, {bits(1)});", lambda x: x <= 1),
    "logical_not": Case("logical_not_tile_init(); logical_not_tile<DataFormat::Float32>(0);", lambda x: x == 0),
    "isinf": Case("isinf_tile_init(); isinf_tile(0);", np.isinf),
    "isposinf": Case("isposinf_tile_init(); isposinf_tile(0);", np.isposinf),
    "isneginf": Case("isneginf_tile_init(); isneginf_tile(0);", np.isneginf),
    "isnan": Case("isnan_tile_init(); isnan_tile(0);", np.isnan),
    "isfinite": Case("isfinite_tile_init(); isfinite_tile(0);", np.isfinite),
    "fill": Case("fill_tile_init(); fill_tile(0, 2.5f);", lambda x: np.full_like(x, 2.5)),
    "fill, pattern": Case(f"fill_tile_init(); fill_tile_bitcast(0, {bits(-0.5)});", lambda x: np.full_like(x, -0.5)),
    "cumsum": Case(
        "cumsum_tile_init(); cumsum_tile(0);",
        lambda x: np.cumsum(x.reshape(32, 32), 0).reshape(x.shape),
        ulp=16,
        absolute=2e-5,
    ),
    "rotate90": Case(
        "alt_complex_rotate90_tile_init(); alt_complex_rotate90_tile(0);",
        lambda x: np.stack([-x.reshape(-1, 2)[:, 1], x.reshape(-1, 2)[:, 0]], 1).reshape(x.shape),
    ),
}

BINARY = {
    "add": Case("add_binary_tile_init(); add_binary_tile(0, 1, 0);", np.add),
    "sub": Case("sub_binary_tile_init(); sub_binary_tile(0, 1, 0);", np.subtract),
    "rsub": Case("rsub_binary_tile_init(); rsub_binary_tile(0, 1, 0);", lambda x, y: y - x),
    "mul": Case("mul_binary_tile_init(); mul_binary_tile(0, 1, 0);", np.multiply),
    "div": Case("div_binary_tile_init(); div_binary_tile(0, 1, 0);", np.divide),
    "power": Case("power_binary_tile_init(); power_binary_tile(0, 1, 0);", np.power, 0.1, 8, 1),
    "eq": Case("eq_binary_tile_init(); eq_binary_tile(0, 1, 0);", np.equal),
    "ne": Case("ne_binary_tile_init(); ne_binary_tile(0, 1, 0);", np.not_equal),
    "lt": Case("lt_binary_tile_init(); lt_binary_tile(0, 1, 0);", np.less),
    "gt": Case("gt_binary_tile_init(); gt_binary_tile(0, 1, 0);", np.greater),
    "le": Case("le_binary_tile_init(); le_binary_tile(0, 1, 0);", np.less_equal),
    "ge": Case("ge_binary_tile_init(); ge_binary_tile(0, 1, 0);", np.greater_equal),
    "max": Case("binary_max_tile_init(); binary_max_tile(0, 1, 0);", np.maximum),
    "min": Case("binary_min_tile_init(); binary_min_tile(0, 1, 0);", np.minimum),
    "atan2": Case("atan2_binary_tile_init(); atan2_binary_tile(0, 1, 0);", np.arctan2, ulp=1),
    "xlogy": Case("xlogy_binary_tile_init(); xlogy_binary_tile(0, 1, 0);", lambda x, y: np.where(x == 0, 0, x * np.log(y)), 0.1, 8, 6),
    "logaddexp": Case("logaddexp_binary_tile_init(); logaddexp_binary_tile(0, 1, 0);", np.logaddexp, 0, 8, 3),
    "logaddexp2": Case("logaddexp2_binary_tile_init(); logaddexp2_binary_tile(0, 1, 0);", np.logaddexp2, 0, 8, 3),
    "fmod": Case("fmod_binary_tile_init(); fmod_binary_tile(0, 1, 0);", np.fmod, 0.1, 8),
    "remainder": Case("remainder_binary_tile_init(); remainder_binary_tile(0, 1, 0);", np.mod, 0.1, 8),
    "isclose": Case(
        f"isclose_binary_tile_init(); isclose_binary_tile(0, 1, 0, {bits(0.25)}, {bits(0.5)});",
        lambda x, y: np.abs(x - y) <= 0.5 + 0.25 * np.abs(y),
    ),
    "mask": Case("mask_tile_init(); mask_tile(0, 1);", lambda x, y: np.where(y == 0, 0, x)),
    "mask_posinf": Case("mask_tile_init(); mask_posinf_tile(0, 1);", lambda x, y: np.where(y == 0, np.inf, x)),
    "logsigmoid": Case("logsigmoid_tile_init(); logsigmoid_tile(0, 1, 0);", lambda x, y: np.where(x > 4, -np.log1p(y), -softplus(-x)), 0.1, 8, 3),
    "add, in place": Case("add_binary_tile_init(); add_binary_tile(0, 1);", np.add),
    "where": Case("where_tile_init(); where_tile<DataFormat::Float32>(0, 1, 2, 0);", lambda x, y, z: np.where(x != 0, y, z)),
    "lerp": Case("lerp_tile_init(); lerp_tile<DataFormat::Float32>(0, 1, 2, 0);", lambda x, y, z: x + z * (y - x), ulp=4, absolute=8e-6),
    "mac": Case("mac_tile_init<DataFormat::Float32>(); mac_tile<DataFormat::Float32>(0, 1, 2, 0);", lambda x, y, z: x * y + z, ulp=2, absolute=8e-6),
    "addcmul": Case(
        f"addcmul_tile_init(); addcmul_tile<DataFormat::Float32>(0, 1, 2, 0, {bits(0.5)});",
        lambda x, y, z: x + 0.5 * y * z,
        ulp=2,
        absolute=8e-6,
    ),
    "addcdiv": Case(
        f"addcdiv_tile_init(); addcdiv_tile<DataFormat::Float32>(0, 1, 2, 0, {bits(0.5)});",
        lambda x, y, z: x + 0.5 * y / z,
        0.5,
        8,
        ulp=2,
    ),
    "snake_beta": Case(
        "snake_beta_tile_init(); snake_beta_tile<DataFormat::Float32>(0, 1, 2, 0);",
        lambda x, y, z: x + np.sin(x * y) ** 2 / z,
        0.5,
        8,
        ulp=4,
        absolute=1e-5,
    ),
}  # fmt: skip

INCLUDES = """
#include "api/compute/compute_kernel_api.h"
#include "api/compute/eltwise_unary/sfpu_split_includes.h"
#include "api/compute/eltwise_binary_sfpu.h"
#include "api/compute/atan2.h"
#include "api/compute/binary_fmod.h"
#include "api/compute/binary_max_min.h"
#include "api/compute/binary_remainder.h"
#include "api/compute/cumsum.h"
#include "api/compute/isclose.h"
#include "api/compute/logaddexp.h"
#include "api/compute/logaddexp2.h"
#include "api/compute/logsigmoid.h"
#include "api/compute/mask.h"
#include "api/compute/xlogy.h"
"""


def kernel(cases: dict[str, Case]) -> str:
    """Return a kernel that copies tiles 0 to 2 of three buffers to DST and carries out the case of its argument."""
    arms = "\n".join(f"        case {i}: {{ {case.call} }} break;" for i, case in enumerate(cases.values()))
    return INCLUDES + FRAME.replace("@ARMS@", arms)


FRAME = """
void calculate(uint32_t what) {
    switch (what) {
@ARMS@
    }
}
void kernel_main() {
    init_sfpu(0, 16);
    for (uint32_t cb = 0; cb < 3; cb++) cb_wait_front(cb, 1);
    cb_reserve_back(16, 1);
    tile_regs_acquire();
    for (uint32_t cb = 0; cb < 3; cb++) { copy_tile_init(cb); copy_tile(cb, 0, cb); }
    calculate(get_arg_val<uint32_t>(0));
    tile_regs_commit();
    tile_regs_wait();
    pack_tile(0, 16);
    tile_regs_release();
    cb_push_back(16, 1);
}
"""


def inputs_of(case: Case) -> list[npt.NDArray[np.float32]]:
    """Return three matrices of numbers of the case's range, with its ends, small whole numbers and zeros among them."""
    rng = np.random.default_rng(7)
    wide = case.low > 0 and case.high / case.low > 1e6
    found = []
    for _ in range(3):
        x = rng.uniform(case.low, case.high, 1024)
        if wide:
            x = np.exp(rng.uniform(math.log(case.low), math.log(case.high), 1024))
        elif case.low < 0:
            x[:32] = np.resize([0.0, 1.0, -1.0, 0.5], 32) if case.high >= 1 else 0.0
            x[32:64] = rng.uniform(-1e-3, 1e-3, 32)
        x[-2:] = case.low, case.high
        found.append(x.astype(np.float32))
    return found


def rows_to_page(values: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    faces = values.reshape(2, 16, 2, 16).swapaxes(1, 2)
    return np.ascontiguousarray(faces).reshape(1, -1).view(np.uint8)


def page_to_rows(page: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    return page.view(np.float32).reshape(2, 2, 16, 16).swapaxes(1, 2).reshape(-1)


def run(bench: Any, tensor: Any, source: str, values: list[npt.NDArray[np.float32]], what: int) -> Any:
    inputs = [tensor(cb, F.Float32, rows_to_page(value)) for cb, value in enumerate(values)]
    out = tensor(16, F.Float32, np.zeros((1, PAGE), np.uint8))
    modes = [WIDE] * 3
    return page_to_rows(bench.run(source, inputs, [out], [what], fp32_dest_acc_en=True, unpack_to_dest_mode=modes)[0])


def check(case: Case, got: npt.NDArray[np.float32], values: list[npt.NDArray[np.float32]], operands: int) -> None:
    with np.errstate(all="ignore"):
        wanted = np.asarray(case.oracle(*(v.astype(np.float64) for v in values[:operands])), np.float64)
        rounded = wanted.astype(np.float32)
        unit = np.spacing(np.maximum(np.abs(rounded), np.finfo(np.float32).tiny)).astype(np.float64)
        error = np.abs(got.astype(np.float64) - wanted)
        allowed = (case.ulp + 1e-9) * unit + case.absolute
    same = (got == rounded) | (np.isnan(got) & np.isnan(wanted))
    # Denormal results are stored as zeros.
    same |= (np.abs(wanted) < np.finfo(np.float32).tiny) & (got == 0)
    wrong = np.flatnonzero(~(same | (error <= allowed)))
    worst = float(np.max(np.where(same, 0, error / unit)))
    assert wrong.size == 0, (
        f"{wrong.size} wrong, worst {worst:.2f} ulp; first: f({[float(v[wrong[0]]) for v in values[:operands]]}) = "
        f"{got[wrong[0]]!r}, not {wanted[wrong[0]]!r}"
    )


@pytest.mark.parametrize("name", UNARY)
def test_one_tile(name: str, benches: Callable[[str], Any], tensor: Any) -> None:
    case = UNARY[name]
    values = inputs_of(case)
    got = run(benches(FAST), tensor, kernel(UNARY), values, list(UNARY).index(name))
    check(case, got, values, 1)


@pytest.mark.parametrize("name", BINARY)
def test_two_and_three_tiles(name: str, benches: Callable[[str], Any], tensor: Any) -> None:
    case = BINARY[name]
    values = inputs_of(case)
    got = run(benches(FAST), tensor, kernel(BINARY), values, list(BINARY).index(name))
    check(case, got, values, case.oracle.__code__.co_argcount if hasattr(case.oracle, "__code__") else 2)


@pytest.mark.parametrize("name", ["isinf", "isposinf", "isneginf", "isnan", "isfinite", "sigmoid", "tanh", "exp", "log", "erf",
                                  "erfc", "silu", "gelu", "gelu_tanh", "softsign", "sqrt", "recip", "rsqrt", "relu", "exp2"])  # fmt: skip
def test_special_values(name: str, benches: Callable[[str], Any], tensor: Any) -> None:
    special = np.resize(np.array([np.inf, -np.inf, np.nan, 0.0, -0.0, 3e38, -3e38, 1e-38], np.float32), 1024)
    got = run(benches(FAST), tensor, kernel(UNARY), [special] * 3, list(UNARY).index(name))[:8]
    # Limits where the formula of the oracle has none.
    limits = {"silu": [np.inf, 0.0], "gelu": [np.inf, 0.0], "gelu_tanh": [np.inf, 0.0], "softsign": [1.0, -1.0]}
    with np.errstate(all="ignore"):
        wanted = np.asarray(UNARY[name].oracle(special[:8].astype(np.float64)), np.float64)
    if name in limits:
        wanted[:2] = limits[name]
    if name == "relu":
        wanted[2] = got[2]  # which operand of a comparison with NaN wins is nobody's promise
    tiny = np.abs(wanted) < np.finfo(np.float32).tiny
    close = np.isclose(got, wanted.astype(np.float32), rtol=1e-5, atol=0, equal_nan=True) | (
        tiny & (np.abs(got) < 1e-37)
    )
    assert close.all(), f"got {got}, not {wanted}"
