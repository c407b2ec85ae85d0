"""Integer operations of the vector unit and conversions between formats, against the same in numpy."""

# ruff: noqa: E501 - one line per operation

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn

F = ttnn.DataFormat
I32 = npt.NDArray[np.int32]
WIDE = ttnn.UnpackToDestMode.UnpackToDestFp32

FRAME = """
#include "api/compute/add_int_sfpu.h"
#include "api/compute/binary_bitwise_sfpu.h"
#include "api/compute/binary_comp.h"
#include "api/compute/binary_fmod.h"
#include "api/compute/binary_max_min.h"
#include "api/compute/remainder_int32.h"
#include "api/compute/binary_shift.h"
#include "api/compute/compute_kernel_api.h"
#include "api/compute/div_int32_floor.h"
#include "api/compute/div_int32_sfpu.h"
#include "api/compute/eltwise_unary/sfpu_split_includes.h"
#include "api/compute/gcd.h"
#include "api/compute/lcm.h"
#include "api/compute/mul_int_sfpu.h"
#include "api/compute/nextafter.h"
#include "api/compute/quantization.h"
#include "api/compute/sub_int_sfpu.h"
constexpr DataFormat INT = DataFormat::Int32, UINT = DataFormat::UInt32;
constexpr uint32_t FLOAT32 = 0, BFLOAT16 = 5, INT32 = 8, UINT16 = 9, UINT32 = 24, UINT8 = 30;
void calculate(uint32_t what) {
    switch (what) {
%s
    }
}
void kernel_main() {
    unary_op_init_common(0, 16);
    cb_wait_front(0, 1);
    cb_wait_front(1, 1);
    cb_reserve_back(16, 1);
    tile_regs_acquire();
    copy_tile(0, 0, 0);
    copy_tile_to_dst_init_short_with_dt(0, 1);
    copy_tile(1, 0, 1);
    calculate(get_arg_val<uint32_t>(0));
    tile_regs_commit();
    tile_regs_wait();
    pack_tile(0, 16);
    tile_regs_release();
    cb_push_back(16, 1);
}
"""


def unsigned(x: I32) -> npt.NDArray[np.uint32]:
    return x.view(np.uint32)


def divide_down(x: I32, y: I32) -> npt.NDArray[np.int64]:
    return np.floor_divide(x.astype(np.int64), y.astype(np.int64))


def divide_toward_zero(x: I32, y: I32) -> npt.NDArray[np.int64]:
    return np.trunc(x.astype(np.float64) / y.astype(np.float64)).astype(np.int64)


def half_away(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """To nearest, halves away from zero, as the hardware makes integers of 8 bits (numerics.md §6.4)."""
    return np.copysign(np.floor(np.abs(values) + np.float32(0.5)), values)


OPERATIONS: dict[str, tuple[str, Callable[[I32, I32], Any]]] = {
    "add": ("add_int_tile_init(); add_int_tile<INT>(0, 1, 0);", lambda x, y: x + y),
    "sub": ("sub_int_tile_init(); sub_int_tile<INT>(0, 1, 0);", lambda x, y: x - y),
    "rsub": ("rsub_int_tile_init(); rsub_int_tile<INT>(0, 1, 0);", lambda x, y: y - x),
    "mul": ("mul_int_tile_init<INT>(); mul_int_tile<INT>(0, 1, 0);", lambda x, y: x * y),
    "and": ("binary_bitwise_tile_init(); bitwise_and_binary_tile<INT>(0, 1, 0);", lambda x, y: x & y),
    "or": ("binary_bitwise_tile_init(); bitwise_or_binary_tile<INT>(0, 1, 0);", lambda x, y: x | y),
    "xor": ("binary_bitwise_tile_init(); bitwise_xor_binary_tile<INT>(0, 1, 0);", lambda x, y: x ^ y),
    "eq": ("eq_int_tile_init<INT>(); eq_int_tile<INT>(0, 1, 0);", np.equal),
    "ne": ("ne_int_tile_init<INT>(); ne_int_tile<INT>(0, 1, 0);", np.not_equal),
    "lt": ("lt_int_tile_init<INT>(); lt_int_tile<INT>(0, 1, 0);", np.less),
    "gt": ("gt_int_tile_init<INT>(); gt_int_tile<INT>(0, 1, 0);", np.greater),
    "le": ("le_int_tile_init<INT>(); le_int_tile<INT>(0, 1, 0);", np.less_equal),
    "ge": ("ge_int_tile_init<INT>(); ge_int_tile<INT>(0, 1, 0);", np.greater_equal),
    "lt, unsigned": ("lt_int_tile_init<UINT>(); lt_int_tile<UINT>(0, 1, 0);", lambda x, y: unsigned(x) < unsigned(y)),
    "max": ("binary_max_int32_tile_init(); binary_max_int32_tile(0, 1, 0);", np.maximum),
    "min": ("binary_min_int32_tile_init(); binary_min_int32_tile(0, 1, 0);", np.minimum),
    "max, unsigned": (
        "binary_max_uint32_tile_init(); binary_max_uint32_tile(0, 1, 0);",
        lambda x, y: np.maximum(unsigned(x), unsigned(y)),
    ),
    "min, unsigned": (
        "binary_min_uint32_tile_init(); binary_min_uint32_tile(0, 1, 0);",
        lambda x, y: np.minimum(unsigned(x), unsigned(y)),
    ),
    "fmod": ("fmod_int32_tile_init(); fmod_int32_tile(0, 1, 0);", np.fmod),
    "remainder": ("remainder_int32_tile_init(); remainder_int32_tile(0, 1, 0);", np.mod),
    "remainder, unsigned": (
        "remainder_uint32_tile_init(); remainder_uint32_tile(0, 1, 0);",
        lambda x, y: unsigned(x) % unsigned(y),
    ),
    "div, floor": ("div_int32_floor_tile_init(); div_int32_floor_tile(0, 1, 0);", divide_down),
    "div, trunc": ("div_int32_trunc_tile_init(); div_int32_trunc_tile(0, 1, 0);", divide_toward_zero),
    "gcd": ("gcd_tile_init(); gcd_tile(0, 1, 0);", np.gcd),
    "lcm of bytes": (
        "bitwise_and_tile<INT>(0, 255u); bitwise_and_tile<INT>(1, 255u); lcm_tile_init(); lcm_tile(0, 1, 0);",
        lambda x, y: np.lcm(x & 255, y & 255),
    ),
    "shift left": ("binary_shift_tile_init(); bitwise_and_tile<INT>(1, 31u); binary_left_shift_tile<INT>(0, 1, 0);", lambda x, y: x << (y & 31)),
    "shift right": ("binary_shift_tile_init(); bitwise_and_tile<INT>(1, 31u); binary_right_shift_tile<INT>(0, 1, 0);", lambda x, y: x >> (y & 31)),
    "shift right, zeros": (
        "binary_shift_tile_init(); bitwise_and_tile<INT>(1, 31u); binary_logical_right_shift_tile<INT>(0, 1, 0);",
        lambda x, y: unsigned(x) >> (unsigned(y) & 31),
    ),
    "shift too far": ("binary_shift_tile_init(); fill_tile_int<INT>(1, 40); binary_left_shift_tile<INT>(0, 1, 0);", lambda x, y: 0 * x),
    "abs": ("abs_tile_init(); abs_tile_int32(0);", lambda x, y: np.abs(x)),
    "negative": ("negative_tile_init(); negative_tile_int32(0);", lambda x, y: -x),
    "not": ("bitwise_not_tile_init(); bitwise_not_tile(0);", lambda x, y: ~x),
    "and a number": ("bitwise_and_tile_init(); bitwise_and_tile<INT>(0, 0xFF00u);", lambda x, y: x & 0xFF00),
    "or a number": ("bitwise_or_tile_init(); bitwise_or_tile<INT>(0, 0xFF00u);", lambda x, y: x | 0xFF00),
    "xor a number": ("bitwise_xor_tile_init(); bitwise_xor_tile<INT>(0, 0xFF00u);", lambda x, y: x ^ 0xFF00),
    "left by 5": ("left_shift_tile_init(); left_shift_tile<INT>(0, 5);", lambda x, y: x << 5),
    "right by 5": ("right_shift_tile_init(); right_shift_tile<INT>(0, 5);", lambda x, y: x >> 5),
    "right by 5, unsigned": ("right_shift_tile_init(); right_shift_tile<UINT>(0, 5);", lambda x, y: unsigned(x) >> 5),
    "add a number": ("binop_with_scalar_tile_init(); add_unary_tile_int32(0, 77);", lambda x, y: x + 77),
    "sub a number": ("binop_with_scalar_tile_init(); sub_unary_tile_int32(0, 77);", lambda x, y: x - 77),
    "rsub a number": ("rsub_unary_int32_tile_init(); rsub_unary_int32_tile(0, 77);", lambda x, y: 77 - x),
    "eqz": ("eqz_tile_init(); eqz_tile_int32(0);", lambda x, y: x == 0),
    "nez": ("nez_tile_init(); nez_tile_uint32(0);", lambda x, y: x != 0),
    "gtz": ("gtz_tile_init(); gtz_tile_int32(0);", lambda x, y: x > 0),
    "ltz": ("ltz_tile_init(); ltz_tile_int32(0);", lambda x, y: x < 0),
    "unary gt": ("unary_gt_tile_init(); unary_gt_tile_int32(0, 1000);", lambda x, y: x > 1000),
    "unary le": ("unary_le_tile_init(); unary_le_tile_int32(0, 1000);", lambda x, y: x <= 1000),
    "unary max": ("unary_max_int32_tile_init(); unary_max_int32_tile(0, 5);", lambda x, y: np.maximum(x, 5)),
    "unary min, unsigned": ("unary_min_uint32_tile_init(); unary_min_uint32_tile(0, 5);", lambda x, y: np.minimum(unsigned(x), 5)),
    "relu": ("relu_tile_init(); relu_tile_int32(0);", lambda x, y: np.maximum(x, 0)),
    "relu_max": ("relu_max_tile_init(); relu_max_tile_int32(0, 1000);", lambda x, y: np.clip(x, 0, 1000)),
    "relu_min": ("relu_min_tile_init(); relu_min_tile_int32(0, 1000);", lambda x, y: np.maximum(x, 1000)),
    "clamp": ("clamp_tile_init(); clamp_tile_int32(0, -50, 50);", lambda x, y: np.clip(x, -50, 50)),
    "sign bit": ("signbit_tile_int32_init(); signbit_tile_int32(0);", lambda x, y: x < 0),
    "fill": ("fill_tile_init(); fill_tile_int<INT>(0, 1234);", lambda x, y: np.full_like(x, 1234)),
    "where": ("where_tile_init(); where_int32_tile(0, 1, 0, 0);", lambda x, y: np.where(x != 0, y, x)),
    "identity": ("identity_tile_init(); identity_tile_uint32(0);", lambda x, y: x),
    "logical_not": ("logical_not_tile_init(); logical_not_tile<INT>(0);", lambda x, y: x == 0),
    "remainder by 7": ("remainder_tile_init(); remainder_tile_uint32(0, 7);", lambda x, y: unsigned(x) % 7),
    "mac": ("mac_tile_init<INT>(); mac_tile<INT>(0, 1, 0, 0);", lambda x, y: x * y + x),
    "quotient as float": ("div_int32_tile_init(); div_int32_tile(0, 1, 0);", lambda x, y: (x.astype(np.float32) / y.astype(np.float32)).view(np.int32)),
    "int to float": ("typecast_tile_init<INT32, FLOAT32>(); typecast_tile<INT32, FLOAT32>(0);", lambda x, y: x.astype(np.float32).view(np.int32)),
    "unsigned to float": ("typecast_tile<UINT32, FLOAT32>(0);", lambda x, y: unsigned(x).astype(np.float32).view(np.int32)),
    "int to float and back": ("typecast_tile<INT32, FLOAT32>(0); typecast_tile<FLOAT32, INT32>(0);", lambda x, y: to_int(x.astype(np.float32))),
    "unsigned to float and back": (
        "typecast_tile<UINT32, FLOAT32>(0); typecast_tile<FLOAT32, UINT32>(0);",
        lambda x, y: np.minimum(unsigned(x).astype(np.float32).astype(np.float64), 4294967040.0).astype(np.uint32),
    ),
    "to 16 bits": ("typecast_tile<INT32, UINT16>(0); typecast_tile<UINT16, INT32>(0);", lambda x, y: np.clip(x, 0, 65535)),
    "to 8 bits": ("typecast_tile<INT32, UINT8>(0); typecast_tile<UINT8, INT32>(0);", lambda x, y: np.clip(x, 0, 255)),
    "float to bfloat16": (
        "typecast_tile<INT32, FLOAT32>(0); typecast_tile<FLOAT32, BFLOAT16>(0);",
        lambda x, y: to_bfloat16(x.astype(np.float32)).view(np.int32),
    ),
    "quantised and back": (
        "quant_tile_init(0x40000000u); typecast_tile<INT32, FLOAT32>(0); fill_tile(1, 0.001f); quant_tile(0, 1, 0);",
        lambda x, y: np.clip(half_away(x.astype(np.float32) * np.float32(0.001) + np.float32(2)), -127, 127),
    ),
    "dequantised": (
        "dequant_tile_init(0x40000000u); fill_tile(1, 0.5f); dequant_tile(0, 1, 0);",
        lambda x, y: ((x.astype(np.float32) + np.float32(2)) * np.float32(0.5)).view(np.int32),
    ),
    "next float up": (
        "typecast_tile<INT32, FLOAT32>(0); fill_tile(1, 1e30f); nextafter_binary_tile_init(); nextafter_binary_tile(0, 1, 0);",
        lambda x, y: np.where(x == 0, 0, np.nextafter(x.astype(np.float32), np.float32(1e30)).view(np.int32)),
    ),
}  # fmt: skip


def to_int(x: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    return np.clip(np.trunc(x.astype(np.float64)), -(2**31), 2**31 - 1).astype(np.int64)


def to_bfloat16(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    bits = x.view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) & np.uint32(0xFFFF0000)).view(np.float32)


FAST_ALONE = {"quotient as float", "unsigned to float and back", "to 8 bits"}
"""What the vendor's kernels do not compute exactly: the exact grade has their bits (tests/emulator/sfpu)."""
BOTH_GRADES = [
    pytest.param(name, selection, id=f"{name}, {selection}")
    for name in OPERATIONS
    for selection in ("emulator?numerics=fast", "emulator")
    if selection != "emulator" or name not in FAST_ALONE
]


def numbers() -> tuple[I32, I32]:
    rng = np.random.default_rng(11)
    x = rng.integers(-(2**31) + 1, 2**31, 1024).astype(np.int32)
    x[:512] = rng.integers(-70000, 70000, 512)
    x[:4] = 0, 1, -1, 1000
    y = rng.integers(-1000, 1000, 1024).astype(np.int32)
    y[y == 0] = 3
    return x, y


def to_page(values: I32) -> npt.NDArray[np.uint8]:
    return np.ascontiguousarray(values.reshape(2, 16, 2, 16).swapaxes(1, 2)).reshape(1, -1).view(np.uint8)


@pytest.mark.parametrize(("name", "selection"), BOTH_GRADES)
def test_32_bits(name: str, selection: str, benches: Callable[[str], Any], tensor: Any) -> None:
    x, y = numbers()
    arms = "\n".join(f"        case {i}: {{ {call} }} break;" for i, (call, _) in enumerate(OPERATIONS.values()))
    got = benches(selection).run(
        FRAME % arms,
        [tensor(0, F.Int32, to_page(x)), tensor(1, F.Int32, to_page(y))],
        [tensor(16, F.Int32, np.zeros((1, 4096), np.uint8))],
        [list(OPERATIONS).index(name)],
        fp32_dest_acc_en=True,
        unpack_to_dest_mode=[WIDE] * 2,
    )[0]
    result = got.view(np.int32).reshape(2, 2, 16, 16).swapaxes(1, 2).reshape(-1)
    with np.errstate(over="ignore"):
        wanted = np.asarray(OPERATIONS[name][1](x, y)).astype(np.int64).astype(np.int32)
    wrong = np.flatnonzero(result != wanted)
    assert wrong.size == 0, (
        f"{wrong.size} wrong; first: ({x[wrong[0]]}, {y[wrong[0]]}) -> {result[wrong[0]]}, not {wanted[wrong[0]]}"
    )


HALVES = {
    "add": ("add_int_tile_init(); add_int_tile<DataFormat::UInt16>(0, 1, 0);", lambda x, y: x + y),
    "and": ("binary_bitwise_tile_init(); bitwise_and_binary_tile<DataFormat::UInt16>(0, 1, 0);", lambda x, y: x & y),
    "gt": ("gt_int_tile_init<DataFormat::UInt16>(); gt_int_tile<DataFormat::UInt16>(0, 1, 0);", lambda x, y: x > y),
    "eqz": ("eqz_tile_init(); eqz_tile_uint16(0);", lambda x, y: x == 0),
    "relu_max": ("relu_max_tile_init(); relu_max_tile_uint16(0, 500);", lambda x, y: np.minimum(x, 500)),
    "to float and back": ("typecast_tile<UINT16, BFLOAT16>(0); typecast_tile<BFLOAT16, UINT16>(0);", None),
}


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("name", HALVES)
def test_16_bits(name: str, wide: bool, benches: Callable[[str], Any], tensor: Any) -> None:
    rng = np.random.default_rng(12)
    x, y = rng.integers(0, 1 << 16, (2, 1024)).astype(np.uint16)
    x[:3] = 0, 500, 65535
    if name == "to float and back":
        x &= 0xFF  # what 8 significant bits hold
    arms = "\n".join(f"        case {i}: {{ {call} }} break;" for i, (call, _) in enumerate(HALVES.values()))
    pages = [v.reshape(1, -1).view(np.uint8) for v in (x, y)]
    got = (
        benches("emulator")
        .run(
            FRAME % arms,
            [tensor(cb, F.UInt16, page) for cb, page in enumerate(pages)],
            [tensor(16, F.UInt16, np.zeros((1, 2048), np.uint8))],
            [list(HALVES).index(name)],
            fp32_dest_acc_en=wide,
        )[0]
        .view(np.uint16)[0]
    )
    oracle = HALVES[name][1]
    wanted = x if oracle is None else np.asarray(oracle(x, y)).astype(np.uint16)
    assert np.array_equal(got, wanted)
