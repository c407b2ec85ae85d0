"""Custom code for the vector unit: what kernels write with sfpi gives what the same formulas give in numpy."""

# ruff: noqa: E501 - one line per operation

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tthal.errors import CompileError, KernelError

F32 = npt.NDArray[np.float32]

# A face function as kernels up to 0.66 write it: nothing qualified, called through the LLK entry.
SMOOTHSTEP = """
#ifdef TRISC_MATH
void smooth_face(float low, float high) {
    const float scale = 1.0f / (high - low);
    for (size_t i = 0; i < 8; i++) {
        vFloat x = dst_reg[i];
        vFloat t = (x - low) * scale;
        v_if(t < 0.0f) { t = 0.0f; }
        v_elseif(t > 1.0f) { t = 1.0f; }
        v_endif;
        vFloat result = t * t * (3.0f - 2.0f * t);
        dst_reg[i] = result;
    }
}
#endif
"""

# e^x: x = n ln 2 + r, a polynomial for e^r, and n into the exponent.
POLYNOMIAL_EXP = """
namespace ckernel::sfpu {
template <int terms>
inline void exp_face(float scale) {
    using namespace sfpi;
    for (int i = 0; i < 8; i++) {
        vFloat x = dst_reg[0] * scale;
        vFloat n_float = x * 1.442695f + 12582912.0f;
        vInt n = as<vInt>(n_float) - 0x4B400000;
        n_float -= 12582912.0f;
        vFloat r = x - n_float * 0.693359375f;
        r = r - n_float * -2.12194440e-4f;
        vFloat p = 1.0f;
        float divisor = terms;
        for (int k = terms; k > 0; k--) p = p * r * (1.0f / k) + 1.0f;
        vInt exponent = exexp(p, ExponentMode::NoDebias) + n;
        vFloat y = setexp(p, exponent);
        v_if(exponent <= 0) { y = 0.0f; }
        v_endif;
        dst_reg[0] = y;
        dst_reg++;
    }
}
}
"""


def smoothstep(x: F32, low: float, high: float) -> F32:
    t = np.clip((x - np.float32(low)) * np.float32(1 / (high - low)), 0, 1).astype(np.float32)
    result: F32 = (t * t * (np.float32(3) - np.float32(2) * t)).astype(np.float32)
    return result


def in_face(statements: str) -> str:
    """A function that works on a face, vector by vector, as v."""
    return f"""
void custom_face() {{
    using namespace sfpi;
    for (int i = 0; i < 8; i++) {{
        {statements}
        dst_reg++;
    }}
}}
"""


CALL = "MATH((_llk_math_eltwise_unary_sfpu_params_(custom_face, 0, VectorMode::RC)));"


def test_smoothstep_as_in_the_tutorial(lanes: Any, ramp: Callable[..., F32]) -> None:
    x = ramp(-3, 4)
    call = "MATH((_llk_math_eltwise_unary_sfpu_params_<false>(smooth_face, 0, VectorMode::RC, -1.0f, 2.0f)));"
    assert np.array_equal(lanes.floats(SMOOTHSTEP, call, x)[0], smoothstep(x, -1, 2))


def test_the_tutorials_own_headers(lanes: Any, ramp: Callable[..., F32]) -> None:
    head = """
#include "experimental/llk_sfpu/ckernel_sfpu_custom_add.h"
#include "experimental/llk_sfpu/ckernel_sfpu_smoothstep.h"
"""
    x = np.stack([ramp(-3, 4), ramp(10, 20)])
    body = """
    MATH(SFPU_BINARY_CALL_NO_TEMPLATE_ARGS(DST_SYNC_MODE, DST_ACCUM_MODE, my_add_tile_face, 0, 1, 2, VectorMode::RC));
    MATH(SFPU_UNARY_CALL_NO_TEMPLATE_ARGS(
        DST_SYNC_MODE, DST_ACCUM_MODE, smoothstep_tile_face, 0, VectorMode::RC, -1.0f, 2.0f, 1.0f / 3.0f));
    """
    result = lanes.floats(head, body, x, 3)
    assert np.array_equal(result[2], x[0] + x[1])
    assert np.array_equal(result[1], x[1])
    assert np.array_equal(result[0], smoothstep(x[0], -1, 2))


# How the vendor's headers set up and call functions of ckernel::sfpu; the constants tell whether initialisations ran.
BY_MACROS = """
namespace ckernel::sfpu {
inline void set_up() { sfpi::vConstFloatPrgm0 = 1.0f; }
template <int times>
sfpi_inline void set_up_times() { sfpi::vConstFloatPrgm1 = float(times); }
template <int times>
inline void set_up_with(float value) { sfpi::vConstFloatPrgm2 = times * value; }
template <int times>
inline void add_scaled(uint32_t a, uint32_t b, uint32_t out) {
    using namespace sfpi;
    for (int i = 0; i < 8; i++) {
        dst_reg[32 * out] = vFloat(dst_reg[32 * a]) * float(times) + vFloat(dst_reg[32 * b]) + vFloat(vConstFloatPrgm0);
        dst_reg++;
    }
}
template <int times>
inline void add_three(uint32_t a, uint32_t b, uint32_t c, uint32_t out) {
    using namespace sfpi;
    for (int i = 0; i < 8; i++) {
        dst_reg[32 * out] = vFloat(dst_reg[32 * a]) + vFloat(dst_reg[32 * b]) + vFloat(dst_reg[32 * c]) * vConstFloatPrgm1
            + float(times) * vFloat(vConstFloatPrgm2);
        dst_reg++;
    }
}
}
"""
MACRO_CALLS = [
    "MATH(SFPU_UNARY_INIT(unused)); MATH(SFPU_BINARY_INIT(unused)); MATH(SFPU_BINARY_INIT_FN_NO_ARGS(unused, sfpu::set_up));"
    "MATH(SFPU_BINARY_CALL(DST_SYNC_MODE, DST_ACCUM_MODE, add_scaled, (2), 0, 1, 0, VectorMode::RC));",
    "MATH(SFPU_UNARY_INIT_FN(unused, sfpu::set_up_times, (3))); MATH(SFPU_UNARY_INIT_FN_ARGS(unused, sfpu::set_up_with, (2), 0.5f));"
    "MATH(SFPU_TERNARY_CALL(DST_SYNC_MODE, DST_ACCUM_MODE, add_three, (4), 0, 1, 2, 0, VectorMode::RC));",
    "vConstFloatPrgm2 = 0.0f; MATH(SFPU_BINARY_INIT_FN(unused, sfpu::set_up_times, (7)));"
    "MATH((llk_math_eltwise_unary_sfpu_init<SfpuType::unused, false>()));"
    "MATH((llk_math_eltwise_binary_sfpu_init<SfpuType::unused, false>()));"
    "MATH((_llk_math_eltwise_binary_sfpu_params_<false>(sfpu::add_scaled<1>, 0, 1, 0, (int)VectorMode::RC)));"
    "MATH((_llk_math_eltwise_ternary_sfpu_params_(sfpu::add_three<1>, 0, 1, 2, 0, VectorMode::RC)));",
]


def test_functions_called_by_the_vendors_macros(lanes: Any) -> None:
    x = np.random.default_rng(9).integers(-50, 50, (3, 32, 32)).astype(np.float32)
    results = lanes.run_each(BY_MACROS, MACRO_CALLS, x)[:, 0].view(np.float32)
    assert np.array_equal(results[0], x[0] * 2 + x[1] + 1)
    assert np.array_equal(results[1], x[0] + x[1] + x[2] * 3 + 4 * (2 * 0.5))
    assert np.array_equal(results[2], (x[0] + x[1] + 1) + x[1] + x[2] * 7)


def test_a_polynomial_exponential(lanes: Any, ramp: Callable[..., F32]) -> None:
    x = ramp(-86, 86)
    call = "MATH((SFPU_UNARY_CALL(DST_SYNC_MODE, DST_ACCUM_MODE, exp_face, (8), 0, VectorMode::RC, 1.0f)));"
    result = lanes.floats(POLYNOMIAL_EXP, call, x)[0]
    # |r| <= ln(2)/2: the ninth term is below 3e-10 of the result; ten roundings of 2^-24 and the reduction remain.
    assert np.allclose(result, np.exp(x.astype(np.float64)), rtol=1e-6, atol=0)


@pytest.mark.parametrize(("mode", "faces"), [("R", (0, 1)), ("C", (0, 2)), ("RC", (0, 1, 2, 3)), ("RC_custom", (0,))])
def test_vector_modes_choose_faces(lanes: Any, ramp: Callable[..., F32], mode: str, faces: tuple[int, ...]) -> None:
    x = ramp(1, 2)
    head = in_face("dst_reg[0] = vFloat(dst_reg[0]) * 2.0f;")
    call = f"MATH((_llk_math_eltwise_unary_sfpu_params_(custom_face, 0, VectorMode::{mode})));"
    expected = x.copy()
    for face in faces:
        expected[face // 2 * 16 : face // 2 * 16 + 16, face % 2 * 16 : face % 2 * 16 + 16] *= 2
    assert np.array_equal(lanes.floats(head, call, x)[0], expected)


def test_a_vector_is_four_rows_by_eight_columns_of_one_parity(lanes: Any) -> None:
    head = in_face("dst_reg[0] = vInt(vConstTileId) + i * 1000;")
    result = lanes.run(head, CALL, np.zeros((32, 32), np.uint32))[0].astype(np.int64)
    row, column = np.indices((32, 32))
    vector = row % 16 // 4 * 2 + column % 2
    lane = row % 4 * 8 + column % 16 // 2
    assert np.array_equal(result, vector * 1000 + 2 * lane)


BRANCHES = """
vFloat x = dst_reg[0];
vInt which = 0;
v_if(x < -1.0f) {
    which = 1;
    v_and(x > -2.0f);
    which = 2;
}
v_elseif(x < 0.0f || x == 0.5f) {
    which = 3;
    v_if(x == 0.5f) { which += 10; }
    v_else { which += 20; }
    v_endif;
}
v_elseif(!(x >= 2.0f)) { which = 4; }
v_else {
    v_block { v_and(x > 3.0f && x < 3.5f); which = 5; } v_endblock
    which += 100;
}
v_endif;
dst_reg[0] = which;
"""


def branches(x: F32) -> npt.NDArray[np.int64]:
    left = np.where((x < -1) & (x > -2), 2, 1)
    middle = np.where(x == 0.5, 13, 23)
    right = np.where((x > 3) & (x < 3.5), 105, 100)
    return np.where(x < -1, left, np.where((x < 0) | (x == 0.5), middle, np.where(x < 2, 4, right)))


def test_branches_nest(lanes: Any, ramp: Callable[..., F32]) -> None:
    x = ramp(-4, 4, (32, 32))
    x[0, 0:3] = [0.5, -1.0, 2.0]
    result = lanes.run(in_face(BRANCHES), CALL, x)[0].astype(np.int64)
    below = x <= -2
    assert np.array_equal(result[~below], branches(x)[~below])
    # Lanes that v_and turned off take the next branch whose condition holds: x < 0.
    assert set(result[below]) == {23}


EXPRESSIONS: list[tuple[str, Callable[[F32], Any]]] = [
    ("dst_reg[0] = x * 2.0f + 1.0f", lambda x: x * 2 + 1),
    ("dst_reg[0] = -x", lambda x: -x),
    ("dst_reg[0] = abs(x) - 0.5f", lambda x: np.abs(x) - 0.5),
    ("x += 3.0f; x -= 1.0f; x *= 2.0f; dst_reg[0] = x", lambda x: (x + 3 - 1) * 2),
    ("dst_reg[0] = dst_reg[0] + dst_reg[0]", lambda x: x + x),
    ("dst_reg[0] = 1.5f - x", lambda x: 1.5 - x),
    ("dst_reg[0] = max(min(x, 1.0f), vFloat(-1.0f))", lambda x: np.clip(x, -1, 1)),
    ("dst_reg[0] = clamp(x, -0.5f, 0.25f)", lambda x: np.clip(x, -0.5, 0.25)),
    ("dst_reg[0] = setsgn(x, 1)", lambda x: -np.abs(x)),
    ("dst_reg[0] = copysgn(vFloat(2.0f), x)", lambda x: np.copysign(2, x)),
    ("dst_reg[0] = setexp(x, 127)", lambda x: np.ldexp(np.frexp(x)[0], 1)),
    ("dst_reg[0] = addexp(x, 3)", lambda x: x * 8),
    ("dst_reg[0] = setman(x, 0)", lambda x: np.copysign(np.exp2(np.floor(np.log2(np.abs(x)))), x)),
    ("dst_reg[0] = int32_to_float(exexp(x) + 127, 0) - 127.0f", lambda x: np.floor(np.log2(np.abs(x)))),
    ("dst_reg[0] = convert<vFloat>(convert<vSMag16>(x * 100.0f, RoundMode::Nearest))", lambda x: half_away(x * 100)),
    ("dst_reg[0] = sFloat16b(0x3FC0) * x", lambda x: x * 1.5),
    ("dst_reg[0] = vFloat(s2vFloat16a(0x4100)) * x", lambda x: x * 2.5),
    ("vConstFloatPrgm0 = 3.0f; dst_reg[0] = x * vConstFloatPrgm0 + vConst1", lambda x: x * 3 + 1),
    ("l_reg[LRegs::LReg3] = x; vFloat y = l_reg[LRegs::LReg3]; dst_reg[0] = y * y", lambda x: x * x),
    ("vFloat y = -x; vec_min_max(x, y); dst_reg[0] = y - x", lambda x: 2 * np.abs(x)),
    ("vFloat y = x++; dst_reg[0] = x - y", lambda x: (x + np.float32(1)) - x),
    ("dst_reg[0] = 0.25f; v_if(x != x) { dst_reg[0] = x; } v_endif", lambda x: np.full_like(x, 0.25)),
    (
        "dst_reg[0] = int32_to_float(exexp_nodebias(x), RoundMode::Nearest)",
        lambda x: np.floor(np.log2(np.abs(x))) + 127,
    ),
    ("dst_reg[0] = copyexp(x, vFloat(2.0f))", lambda x: np.ldexp(np.frexp(x)[0], 2)),
    (
        "dst_reg[0] = copyman(x, vFloat(1.5f))",
        lambda x: np.copysign(1.5 * np.exp2(np.floor(np.log2(np.abs(x)))), x),
    ),
    ("dst_reg[0] = setsgn2(x, vInt(3)) + setsgn2(x, vInt(2)) * 2.0f", lambda x: np.abs(x)),
    ("dst_reg[0] = setsgn(x, vFloat(-1.0f))", lambda x: -np.abs(x)),
    (
        "vFloat y = x; v_if(x > 1.0f) { y = sFloat16b(0x7FC0); } v_elseif(x < -1.0f) { y = sFloat16b(0xFF80); } v_endif;"
        " dst_reg[0] = 0.0f; v_if(is_nan(y)) { dst_reg[0] = 1.0f; } v_elseif(is_inf(y)) { dst_reg[0] = 2.0f; } v_endif",
        lambda x: np.where(x > 1, 1, np.where(x < -1, 2, 0)),
    ),
    ("vFloat y = -x; vec_max_min(x, y); dst_reg[0] = x - y", lambda x: 2 * np.abs(x)),
    ("dst_reg[0] = reinterpret<vFloat>(float_to_fp16a(x))", lambda x: rounded(x, 13)),
    ("dst_reg[0] = reinterpret<vFloat>(float_to_fp16b(x, RoundMode::Nearest))", lambda x: rounded(x, 16)),
    ("vFloat16a y = convert<vFloat16a>(x, RoundMode::Zero); dst_reg[0] = y", lambda x: cut(x, 13)),
    ("dst_reg[0] = int32_to_float(float_to_uint16(x * 30000.0f))", lambda x: np.clip(half_away(x * 30000), 0, 65535)),
    ("dst_reg[0] = int32_to_float(float_to_uint8(x * 100.0f))", lambda x: np.clip(half_away(x * 100), 0, 255)),
    (
        "vUInt8 y = convert<vUInt8>(x * 100.0f, RoundMode::Zero); dst_reg[0] = int32_to_float(y)",
        lambda x: np.clip(np.trunc(x * np.float32(100)), 0, 255),
    ),
    ("dst_reg[0] = int32_to_float(float_to_int16(x * 2e4f))", lambda x: np.clip(half_away(x * 20000), -32767, 32767)),
    ("dst_reg[0] = int32_to_float(float_to_int8(x * 100.0f, 0))", lambda x: np.clip(half_away(x * 100), -127, 127)),
    ("vSMag8 y = convert<vSMag8>(x * 9.0f); dst_reg[0] = convert<vFloat>(y)", lambda x: half_away(x * 9)),
    ("dst_reg[0] = approx_recip(x)", lambda x: 1 / x),
    (
        "vConstFloatPrgm1 = 2.0f; vConstFloatPrgm2 = 0.5f; dst_reg[0] = x * vConstFloatPrgm1 + vConstFloatPrgm2",
        lambda x: x * 2 + 0.5,
    ),
    ("dst_reg[0] = x * vConst0p8373 + vConst0 + vConstNeg1", lambda x: x * np.float32(0.8373) - 1),
    ("vDReg place = dst_reg[0]; place = vFloat(place.mode(3)) * 2.0f", lambda x: x * 2),
    ("vLReg kept = l_reg[LRegs::LReg1]; kept = x; kept.in_use(); vFloat y = kept; dst_reg[0] = y + y", lambda x: x + x),
    (
        "vBool small = x < 1.0f; v_if(small && !(x < -1.0f)) { x = 0.0f; } v_endif; dst_reg[0] = x",
        lambda x: np.where((x < 1) & (x >= -1), 0, x),
    ),
    ("dst_reg[0] = sFloat16a(0x4100) * x + vFloat(s2vFloat16b(0x3FC0))", lambda x: x * 2.5 + 1.5),
    # Slope and intercept by the magnitude; without the argument's sign.
    (
        "dst_reg[0] = lut_sign(x, vUInt(0x08FF), vUInt(0x0010), vUInt(0xFF20))",
        lambda x: lines(x, (1.5, 1, 0), (0, 0.5, 0.25)),
    ),
    (
        "dst_reg[0] = lut2_sign(x, vUInt(0x3C000000), vUInt(0x40003800), vUInt(0x42003400))",
        lambda x: lines(x, (1, 2, 3), (0, 0.5, 0.25)),
    ),
]


def rounded(x: F32, dropped: int) -> F32:
    """Drop bits of the fraction, to nearest, halves away from zero."""
    half, mask = np.uint32(1 << (dropped - 1)), np.uint32(0xFFFFFFFF << dropped & 0xFFFFFFFF)
    return ((x.view(np.uint32) + half) & mask).view(np.float32)


def cut(x: F32, dropped: int) -> F32:
    return (x.view(np.uint32) & np.uint32(0xFFFFFFFF << dropped & 0xFFFFFFFF)).view(np.float32)


def lines(x: F32, slopes: tuple[float, ...], intercepts: tuple[float, ...]) -> Any:
    part = np.digitize(np.abs(x), [1, 2])
    return np.array(slopes, np.float32)[part] * np.abs(x) + np.array(intercepts, np.float32)[part]


def half_away(x: F32) -> Any:
    return np.copysign(np.floor(np.abs(x) + np.float32(0.5)), x)


def numbers() -> F32:
    return np.random.default_rng(4).uniform(-3, 3, (32, 32)).astype(np.float32)


@pytest.fixture(scope="module")
def expression_results(lanes: Any) -> F32:
    """Every expression on the same tile, in one kernel."""
    texts = [text for text, _ in EXPRESSIONS]
    faces = [in_face(f"vFloat x = dst_reg[0]; {t};").replace("custom_face", f"face_{i}") for i, t in enumerate(texts)]
    calls = [CALL.replace("custom_face", f"face_{i}") for i in range(len(texts))]
    result: F32 = lanes.run_each("".join(faces), calls, numbers())[:, 0].view(np.float32)
    return result


@pytest.mark.parametrize("index", range(len(EXPRESSIONS)), ids=[text for text, _ in EXPRESSIONS])
def test_expressions(expression_results: F32, index: int) -> None:
    # One IEEE operation after another in float32: equal to the last bit.
    expected = np.asarray(EXPRESSIONS[index][1](numbers()), np.float32)
    assert np.array_equal(expression_results[index], expected)


INTEGERS: list[tuple[str, Callable[[Any], Any]]] = [
    ("dst_reg[0] = x + 5", lambda x: x + 5),
    ("dst_reg[0] = x - vInt(7)", lambda x: x - 7),
    ("x &= 0xFF; x |= 0x100; x ^= 3; dst_reg[0] = x", lambda x: ((x & 0xFF) | 0x100) ^ 3),
    ("dst_reg[0] = ~x", lambda x: ~x),
    ("dst_reg[0] = -x", lambda x: -x),
    ("dst_reg[0] = x << 3", lambda x: x << 3),
    ("dst_reg[0] = x >> 2", lambda x: x >> 2),
    ("dst_reg[0] = vUInt(x) >> 2", lambda x: (x.view(np.uint32) >> 2).view(np.int32)),
    ("dst_reg[0] = ((x ^ vUInt(0xFF00)) | vInt(1)) & vUInt(0xFFFF)", lambda x: ((x ^ 0xFF00) | 1) & 0xFFFF),
    ("v_if(x == vUInt(x) && vUInt(3) != vInt(4)) { dst_reg[0] = x + vUInt(7) - vInt(2); } v_endif", lambda x: x + 5),
    ("dst_reg[0] = shft(vUInt(x), vInt(-4))", lambda x: (x.view(np.uint32) >> 4).view(np.int32)),
    ("dst_reg[0] = shft(vUInt(x), 4)", lambda x: x << 4),
    ("dst_reg[0] = shft(x, vInt(-4))", lambda x: x >> 4),
    ("dst_reg[0] = shft(x, vInt(-4), ShiftMode::Logical)", lambda x: (x.view(np.uint32) >> 4).view(np.int32)),
    ("dst_reg[0] = exman(reinterpret<vFloat>(x))", lambda x: x & 0x7FFFFF),
    ("dst_reg[0] = exman(reinterpret<vFloat>(x), MantissaMode::WithUnitBit)", lambda x: x & 0x7FFFFF | 0x800000),
    ("dst_reg[0] = exman8(as<vFloat>(x))", lambda x: x & 0x7FFFFF | 0x800000),
    ("dst_reg[0] = exman9(as<vFloat>(x))", lambda x: x & 0x7FFFFF),
    ("dst_reg[0] = lz_nosgn(x)", lambda x: 32 - np.vectorize(lambda v: int(v & 0x7FFFFFFF).bit_length())(x)),
    ("vInt y = x + 1; vec_swap(x, y); dst_reg[0] = (x << 1) - y", lambda x: x + 2),
    (
        "vConstIntPrgm0 = 5; vConstIntPrgm1 = 6; vConstIntPrgm2 = 8;"
        " dst_reg[0] = x + vConstIntPrgm0 + vConstIntPrgm1 - vConstIntPrgm2",
        lambda x: x + 3,
    ),
    ("vMag y = as<vMag>(abs(x)); dst_reg[0] = y", lambda x: np.abs(x)),
    ("dst_reg[0] = abs(x)", lambda x: np.abs(x)),
    ("dst_reg[0] = lz(vUInt(x) & 0xFFFF)", lambda x: 32 - np.vectorize(lambda v: int(v & 0xFFFF).bit_length())(x)),
    (
        "vInt r = 0; v_if(x < 0) { r = 1; } v_elseif(x >= 1000) { r = 2; } v_endif; dst_reg[0] = r",
        lambda x: np.where(x < 0, 1, np.where(x >= 1000, 2, 0)),
    ),
    ("vInt r = 0; v_if(x & 1) { r = 1; } v_endif; dst_reg[0] = r", lambda x: x & 1),
    ("v_if(x == 7) { x = 8; } v_else { x++; } v_endif; dst_reg[0] = x", lambda x: np.where(x == 7, 8, x + 1)),
    ("vSMag m = convert<vSMag>(x); dst_reg[0] = convert<vInt>(m)", lambda x: x),
    ("dst_reg[0].mode<sfpi::DataLayout::SM32>() = x", lambda x: np.where(x < 0, np.int32(-(2**31)) | -x, x)),
    (
        "dst_reg[0].mode<sfpi::DataLayout::U16>() = vUInt(x)",
        lambda x: ((x & 0xFFFF).view(np.uint32) * np.uint32(0x10001)).view(np.int32),
    ),
]


@pytest.fixture(scope="module")
def integer_results(lanes: Any) -> npt.NDArray[np.int32]:
    """Every integer expression on the same tile, in one kernel."""
    texts = [text for text, _ in INTEGERS]
    faces = [in_face(f"vInt x = dst_reg[0]; {t};").replace("custom_face", f"face_{i}") for i, t in enumerate(texts)]
    calls = [CALL.replace("custom_face", f"face_{i}") for i in range(len(texts))]
    result: npt.NDArray[np.int32] = lanes.run_each("".join(faces), calls, integers())[:, 0].view(np.int32)
    return result


def integers() -> npt.NDArray[np.int32]:
    values = np.random.default_rng(5).integers(-(2**20), 2**20, (32, 32)).astype(np.int32)
    values[0, :4] = [7, 0, -1, 1000]
    return values


@pytest.mark.parametrize("index", range(len(INTEGERS)), ids=[text for text, _ in INTEGERS])
def test_integer_expressions(integer_results: npt.NDArray[np.int32], index: int) -> None:
    expected = np.asarray(INTEGERS[index][1](integers())).astype(np.int32)
    assert np.array_equal(integer_results[index], expected)


def test_a_16_bit_dst_cuts_what_is_stored(lanes: Any) -> None:
    x = numbers()
    result = lanes.floats(in_face("dst_reg[0] = vFloat(dst_reg[0]) * 1.0f;"), CALL, x, wide=False)[0]
    assert np.array_equal(result.view(np.uint32), x.view(np.uint32) & np.uint32(0xFFFF0000))


def test_rounding_to_bfloat16_first(lanes: Any) -> None:
    x = numbers()
    face = in_face("dst_reg[0] = convert<vFloat16b>(vFloat(dst_reg[0]), RoundMode::Nearest);")
    result = lanes.run(face, CALL, x, wide=False)[0]
    assert np.array_equal(result, (x.view(np.uint32) + np.uint32(0x8000)) & np.uint32(0xFFFF0000))


def test_denormals_become_zeros_of_their_sign(lanes: Any) -> None:
    x = np.full((32, 32), 1e-40, np.float32)
    x[:, 1::2] *= -1
    result = lanes.run(in_face("dst_reg[0] = vFloat(dst_reg[0]);"), CALL, x)[0]
    assert np.array_equal(result, x.view(np.uint32) & np.uint32(0x80000000))


def test_three_lines_of_8_bit_numbers(lanes: Any) -> None:
    # 0.5 is 0x10, 1.5 is 0x08, 0.25 is 0x20, nothing is 0xFF: 1.5 |x|, |x| + 0.5 by 0x00 and 0x10, and 0.25.
    head = in_face("dst_reg[0] = lut(dst_reg[0], vUInt(0x08FF), vUInt(0x0010), vUInt(0xFF20));")
    x = numbers()
    size = np.abs(x)
    expected = np.copysign(np.where(size < 1, 1.5 * size, np.where(size < 2, size + np.float32(0.5), 0.25)), x)
    assert np.array_equal(lanes.floats(head, CALL, x)[0], expected.astype(np.float32))


def test_three_lines_of_floats_and_six_of_float16(lanes: Any) -> None:
    three = in_face(
        "dst_reg[0] = lut2_sign(dst_reg[0], vFloat(1.0f), vFloat(2.0f), vFloat(3.0f), "
        "vFloat(0.5f), vFloat(0.25f), vFloat(-1.0f));"
    )
    slopes = np.array([1, 2, 3, 4, 5, 6], np.float16)
    words = slopes.view(np.uint16).astype(np.uint32).reshape(3, 2)
    packed = ", ".join(f"vUInt(0x{low | high << 16:08x}u)" for low, high in words)
    six = in_face(f"dst_reg[0] = lut2(dst_reg[0], {packed}, vUInt(0), vUInt(0), vUInt(0));").replace("custom", "other")
    x = numbers()
    size = np.abs(x)
    results = lanes.run_each(three + six, [CALL, CALL.replace("custom", "other")], x)[:, 0].view(np.float32)
    part = np.digitize(size, [1, 2])
    assert np.array_equal(
        results[0], np.array([1, 2, 3], np.float32)[part] * size + np.array([0.5, 0.25, -1], np.float32)[part]
    )
    assert np.array_equal(results[1], slopes.astype(np.float32)[np.digitize(size, [0.5, 1, 1.5, 2, 3])] * x)


def test_rows_of_four_vectors_are_exchanged(lanes: Any) -> None:
    head = """
void custom_face() {
    using namespace sfpi;
    vInt a = dst_reg[0], b = dst_reg[2], c = dst_reg[4], d = dst_reg[6];
    subvec_transp(a, b, c, d);
    dst_reg[0] = a; dst_reg[2] = b; dst_reg[4] = subvec_shflror1(c); dst_reg[6] = subvec_shflshr1(d);
}
"""
    x = np.arange(1024, dtype=np.uint32).reshape(32, 32) + 1
    result = lanes.run(head, CALL, x)[0]
    face, even = x[:16, :16].copy(), x[:16, :16:2]
    swapped = even.reshape(4, 4, 8).swapaxes(0, 1).copy()
    swapped[2] = np.roll(swapped[2], 1, axis=1)
    swapped[3] = np.roll(swapped[3], 1, axis=1)
    swapped[3, :, 0] = 0
    face[:, ::2] = swapped.reshape(16, 8)
    assert np.array_equal(result[:16, :16], face)


def test_dst_without_a_section_is_an_error(lanes: Any) -> None:
    body = "tile_regs_commit(); tile_regs_wait(); tile_regs_release(); custom_face(); tile_regs_acquire();"
    with pytest.raises(KernelError, match="tile_regs_acquire"):
        lanes.run(in_face("dst_reg[0] = vFloat(dst_reg[0]);"), body, numbers())


def test_a_vector_behind_the_section_is_an_error(lanes: Any) -> None:
    with pytest.raises(KernelError, match="DST tile 8 does not exist"):
        lanes.run(in_face("dst_reg[8 * 32] = 1.0f;"), CALL, numbers())


@pytest.mark.parametrize(
    "statement", ["vFloat y = x / x", "vFloat y = convert<vUInt16>(vInt(1))", "dst_reg[0] = dst_reg[0].nothing()"]
)
def test_what_sfpi_does_not_have_does_not_compile(lanes: Any, statement: str) -> None:
    with pytest.raises(CompileError):
        lanes.run(in_face(f"vFloat x = dst_reg[0]; {statement};"), CALL, numbers())
