"""Every name by which kernels of three generations copy, combine, reshape and pack tiles, against numpy.

The operands are small whole numbers, so that every step is exact in bfloat16 and results are equal to the last bit.
Buffer 0 holds four tiles a, buffer 1 four tiles b, buffer 2 the tiles b as float32; buffer 16 takes bfloat16 and buffer 17
float32.
"""

# ruff: noqa: E501 - one line per operation

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn
from tthal.tiles import tilize, untilize

F = ttnn.DataFormat
F64 = npt.NDArray[np.float64]
Oracle = Callable[[F64, F64], list[F64]]
TILES = 4

FRAME = """
#include "api/compute/bcast.h"
#include "api/compute/copy_dest_values.h"
#include "api/compute/experimental/fast_untilize.h"
#include "api/compute/pack_untilize.h"
#include "api/compute/reduce.h"
#include "api/compute/reduce_custom.h"
#include "api/compute/tilize.h"
#include "api/compute/transpose.h"
#include "api/compute/transpose_dest.h"
#include "api/compute/untilize.h"
using enum EltwiseBinaryReuseDestType;
using ckernel::BroadcastType::COL, ckernel::BroadcastType::ROW, ckernel::BroadcastType::SCALAR;

// What `work` leaves in DST tiles 0, 1, ... goes to a buffer.
template <typename Work>
void section(Work work, uint32_t tiles = 1, uint32_t out = 16) {
    tile_regs_acquire();
    work();
    tile_regs_commit();
    tile_regs_wait();
    for (uint32_t tile = 0; tile < tiles; tile++) pack_tile(tile, out);
    tile_regs_release();
}

void calculate(uint32_t what) {
    switch (what) {
%s
    }
}

void kernel_main() {
    for (uint32_t cb : {0, 1, 2}) cb_wait_front(cb, 4);
    cb_reserve_back(16, 4);
    cb_reserve_back(17, 4);
    calculate(get_arg_val<uint32_t>(0));
    cb_push_back(16, 4);
    cb_push_back(17, 4);
}
"""

UNARY, BINARY = "compute_kernel_hw_startup(0, 16);", "compute_kernel_hw_startup(0, 1, 16);"
PRODUCT = "compute_kernel_hw_startup<SrcOrder::Reverse>(0, 1, 16);"
ONES = "for (uint32_t i = 0; i < 1024; i++) reinterpret_cast<volatile uint16_t*>(get_tile_address(1, 0))[i] = 0x3F80;"
DEFINES = {"REDUCE_OP": "PoolType::MAX", "REDUCE_DIM": "ReduceDim::REDUCE_ROW"}


def column(x: F64) -> F64:
    return np.repeat(x[:, :1], 32, axis=1)


# Statements, and what they leave in buffer 16.
TO_BFLOAT16: dict[str, tuple[str, Oracle]] = {
    # ---- two operands
    "add, older short init": (BINARY + "add_tiles_init_nof(); section([] { add_tiles(0, 1, 0, 1, 0); });", lambda a, b: [a[0] + b[1]]),
    "sub, older short init": (BINARY + "sub_tiles_init_nof(); section([] { sub_tiles(0, 1, 0, 1, 0); });", lambda a, b: [a[0] - b[1]]),
    "mul, older short init": (BINARY + "mul_tiles_init_f(); section([] { mul_tiles(0, 1, 0, 1, 0); });", lambda a, b: [a[0] * b[1]]),
    "blocks": (
        BINARY + "add_init(0, 1); section([] { add_block(0, 1, 0, 1, 0, 2); }, 2);"
        "sub_init(0, 1); section([] { sub_block(0, 1, 1, 2, 0, 1); }); mul_init(0, 1); section([] { mul_block(0, 1, 2, 3, 0, 1); });",
        lambda a, b: [a[0] + b[1], a[1] + b[2], a[1] - b[2], a[2] * b[3]],
    ),
    "accumulating": (
        BINARY + "add_init(0, 1, true); section([] { add_tiles(0, 1, 0, 0, 0); add_tiles(0, 1, 1, 1, 0); });"
        "sub_init(0, 1, true); section([] { sub_tiles(0, 1, 0, 0, 0); sub_tiles(0, 1, 1, 1, 0); });"
        "mul_init(0, 1); section([] { mul_tiles(0, 1, 0, 0, 0); mul_tiles(0, 1, 1, 1, 0); });",
        lambda a, b: [a[0] + b[0] + a[1] + b[1], a[0] - b[0] + a[1] - b[1], a[0] * b[0] + a[1] * b[1]],
    ),
    "DST as the first operand": (
        UNARY + "copy_init(0); section([] { copy_tile(0, 0, 0); binary_reuse_dest_init<ELWSUB, DEST_TO_SRCA>(1);"
        " binary_reuse_dest_tiles<ELWSUB, DEST_TO_SRCA>(1, 2, 0); });",
        lambda a, b: [a[0] - b[2]],
    ),
    "DST as the second operand": (
        UNARY + "copy_init(0); section([] { copy_tile(0, 0, 0); binary_reuse_dest_init<ELWSUB, DEST_TO_SRCB>(1);"
        " binary_reuse_dest_tiles<ELWSUB, DEST_TO_SRCB>(1, 2, 0); });",
        lambda a, b: [b[2] - a[0]],
    ),
    # ---- broadcasts: the present set-up and the older one
    "add a row": (
        BINARY + "add_bcast_rows_init(0, 1); section([] { add_tiles_bcast_rows(0, 1, 0, 1, 0); });"
        "add_bcast_rows_init_short(0, 1); section([] { add_tiles_bcast_rows(0, 1, 0, 1, 0, 5); });",
        lambda a, b: [a[0] + b[1][:1], a[0] + b[1][5:6]],
    ),
    "sub a row": (
        BINARY + "sub_bcast_rows_init(0, 1); section([] { sub_tiles_bcast_rows(0, 1, 0, 1, 0); });"
        "sub_bcast_rows_init_short(0, 1); section([] { sub_tiles_bcast_rows(0, 1, 0, 1, 0, 17); });",
        lambda a, b: [a[0] - b[1][:1], a[0] - b[1][17:18]],
    ),
    "mul a row": (
        BINARY + "mul_bcast_rows_init(0, 1); section([] { mul_tiles_bcast_rows(0, 1, 0, 1, 0); });"
        "mul_bcast_rows_init_short(0, 1); section([] { mul_tiles_bcast<ROW>(0, 1, 0, 1, 0); });",
        lambda a, b: [a[0] * b[1][:1]] * 2,
    ),
    "add a column": (
        BINARY + "add_bcast_cols_init(0, 1); section([] { add_tiles_bcast_cols(0, 1, 0, 1, 0); });"
        "add_bcast_cols_init_short(0, 1); section([] { add_tiles_bcast<COL>(0, 1, 0, 1, 0); });",
        lambda a, b: [a[0] + b[1][:, :1]] * 2,
    ),
    "sub a column": (
        BINARY + "sub_bcast_cols_init(0, 1); section([] { sub_tiles_bcast_cols(0, 1, 0, 1, 0); });"
        "sub_bcast_cols_init_short(0, 1); section([] { sub_tiles_bcast<COL>(0, 1, 0, 1, 0); });",
        lambda a, b: [a[0] - b[1][:, :1]] * 2,
    ),
    "mul a column": (
        BINARY + "mul_bcast_cols_init(0, 1); section([] { mul_tiles_bcast_cols(0, 1, 0, 1, 0); });"
        "mul_bcast_cols_init_short(0, 1); section([] { mul_tiles_bcast<COL>(0, 1, 0, 1, 0); });",
        lambda a, b: [a[0] * b[1][:, :1]] * 2,
    ),
    "add an element": (
        BINARY + "add_bcast_scalar_init(0, 1); section([] { add_tiles_bcast_scalar(0, 1, 0, 1, 0); });"
        "add_tiles_bcast_scalar_init_short(0, 1); section([] { add_tiles_bcast<SCALAR>(0, 1, 0, 1, 0); });",
        lambda a, b: [a[0] + b[1][0, 0]] * 2,
    ),
    "sub an element": (
        BINARY + "sub_bcast_scalar_init(0, 1); section([] { sub_tiles_bcast_scalar(0, 1, 0, 1, 0); });"
        "sub_tiles_bcast_scalar_init_short(0, 1); section([] { sub_tiles_bcast<SCALAR>(0, 1, 0, 1, 0); });",
        lambda a, b: [a[0] - b[1][0, 0]] * 2,
    ),
    "mul an element": (
        BINARY + "mul_bcast_scalar_init(0, 1); section([] { mul_tiles_bcast_scalar(0, 1, 0, 1, 0); });"
        "mul_tiles_bcast_scalar_init_short(0, 1); section([] { mul_tiles_bcast<SCALAR>(0, 1, 0, 1, 0); });",
        lambda a, b: [a[0] * b[1][0, 0]] * 2,
    ),
    "any broadcast": (
        BINARY + "bcast_init<ELWSUB, ROW>(0, 1); section([] { any_tiles_bcast<ELWSUB, ROW>(0, 1, 0, 1, 0, 3); });"
        "init_bcast<ELWMUL, COL>(0, 1, 16); section([] { any_tiles_bcast<ELWMUL, COL>(0, 1, 0, 1, 0); });",
        lambda a, b: [a[0] - b[1][3:4], a[0] * b[1][:, :1]],
    ),
    "one operand's row, column, element": (
        UNARY + "unary_bcast_init<ROW>(0); section([] { unary_bcast<ROW>(0, 1, 0); });"
        "reconfigure_unary_bcast<ROW, COL>(0, 1, 16, 16); section([] { unary_bcast<COL>(1, 2, 0); }); unary_bcast_uninit<COL>(1);"
        "unary_bcast_init<SCALAR>(0, 16); section([] { unary_bcast<SCALAR>(0, 3, 0); });"
        "copy_init(0); section([] { copy_tile(0, 0, 0); });",
        lambda a, b: [np.repeat(a[1][:1], 32, 0), column(b[2]), np.full((32, 32), a[3][0, 0]), a[0]],
    ),
    # ---- copies and transpositions
    "copies under older names": (
        "unary_op_init_common_no_pack(0); section([] { copy_tile(0, 3, 0); });"
        "copy_tile_to_dst_init_short(1); section([] { copy_block_matmul_partials(1, 1, 0, 2); }, 2);"
        "copy_tile_to_dst_init_short(0, 1, 1); section([] { copy_tile(0, 0, 0); });",
        lambda a, b: [a[3], b[1], b[2], a[0].T],
    ),
    "copies within DST": (
        UNARY + "copy_init(0); copy_dest_values_init(); section([] { copy_tile(0, 2, 3); copy_dest_values(3, 0);"
        " copy_dest_values<DataFormat::Float16_b>(3, 1); }, 2);",
        lambda a, b: [a[2], a[2]],
    ),
    "transposed": (
        UNARY + "transpose_wh_init_short(0); section([] { transpose_wh_tile(0, 1, 0); });"
        "transpose_init(1); section([] { transpose_block(1, 2, 0, 2); }, 2);"
        "copy_init(0); transpose_wh_dest_init_short(); section([] { copy_tile(0, 0, 0); transpose_dest(0); });",
        lambda a, b: [a[1].T, b[2].T, b[3].T, a[0].T],
    ),
    # ---- products
    "products under older names": (
        PRODUCT + "mm_block_init_short(0, 1, 1, 1, 1, 1); section([] { matmul_tiles(0, 1, 0, 1, 0); });"
        "mm_init_short(0, 1); section([] { matmul_tiles(0, 1, 0, 1, 0, 0); });"
        "mm_block_init(0, 1, 16, 0, 2, 1, 1); section([] { matmul_block(0, 1, 2, 0, 0, 0, 2, 1, 1); }, 2);",
        lambda a, b: [a[0] @ b[1].T, a[0] @ b[1], a[2] @ b[0], a[2] @ b[1]],
    ),
    # ---- packing
    "packing under older names": (
        UNARY + "copy_init(0); pack_init(16); tile_regs_acquire(); copy_block(0, 0, 0, 4); tile_regs_commit(); tile_regs_wait();"
        "matmul_pack_tile(0, 16, 2); pack_tile_block(2, 16, 1); pack_block(3, 16, 1); tile_regs_release();",
        lambda a, b: [a[0], a[1], a[2], a[3]],
    ),
    "rectified": (
        UNARY + "constexpr auto most = ReluConfig::max_threshold(0x4040);"
        "static_assert(most.get_mode() == ReluType::MAX_THRESHOLD_RELU && most.get_threshold() == 0x4040);"
        "copy_init(0); pack_relu_config(ReluConfig::zero()); section([] { copy_tile(0, 0, 0); });"
        "pack_relu_config(ReluConfig::min_threshold(0x4000)); section([] { copy_tile(0, 0, 0); });"
        "pack_relu_config(most); section([] { copy_tile(0, 0, 0); });"
        "pack_relu_config(ReluConfig::none()); section([] { copy_tile(0, 0, 0); });",
        # Up to a threshold of 2 all is zero; from one of 3 on it is 3, below zero 0.
        lambda a, b: [np.maximum(a[0], 0), np.where(a[0] <= 2, 0, a[0]), np.clip(a[0], 0, 3), a[0]],
    ),
    "out of order": (
        UNARY + "copy_init(0); for (uint32_t i = 0; i < 4; i++) { tile_regs_acquire(); copy_tile(0, i, 0); tile_regs_commit();"
        " tile_regs_wait(); pack_tile<true>(0, 16, 3 - i); tile_regs_release(); }",
        lambda a, b: [a[3], a[2], a[1], a[0]],
    ),
    # ---- looking into L1
    "addresses of tiles": (
        UNARY + "copy_init(0); if (get_tile_l1_byte_address(0, 2) == get_tile_address(0, 0) + 2 * get_tile_size(0)"
        " && read_tile_value(0, 2, 9) == reinterpret_cast<const uint32_t*>(get_tile_address(0, 2))[9]) section([] { copy_tile(0, 2, 0); });",
        lambda a, b: [a[2]],
    ),
    # ---- the oldest kernels leave out what is usual
    "sums and products with the usual buffers": (
        "binary_op_init_common(0, 1); add_tiles_init(); section([] { add_tiles(0, 1, 0, 1, 0); });"
        "sub_tiles_init(); section([] { sub_tiles(0, 1, 0, 1, 0); }); mul_tiles_init(); section([] { mul_tiles(0, 1, 0, 1, 0); });"
        "init_bcast<ELWADD, ROW>(0, 1); section([] { add_tiles_bcast<ROW>(0, 1, 0, 1, 0); });",
        lambda a, b: [a[0] + b[1], a[0] - b[1], a[0] * b[1], a[0] + b[1][:1]],
    ),
    "matrices with the usual buffers": (
        "mm_init(); section([] { matmul_tiles(0, 1, 0, 1, 0, false); }); mm_init_short(); section([] { matmul_tiles(0, 1, 0, 0, 0); });"
        "mm_block_init(); mm_block_init_short(); section([] { matmul_tiles(0, 1, 1, 1, 0); });"
        "transpose_wh_init(1); section([] { transpose_wh_tile(1, 0, 0); });",
        lambda a, b: [a[0] @ b[1], a[0] @ b[0], a[1] @ b[1], b[0].T],
    ),
    "copies with the usual buffers": (
        "init_sfpu(0); copy_tile_init(); section([] { copy_tile(0, 1, 0); }); unary_op_init_common(1); copy_tile_to_dst_init_short();"
        "section([] { copy_tile(0, 2, 0); });",
        lambda a, b: [a[1], a[2]],
    ),
    # Buffer 1 becomes tiles of ones. Until the reduction is over the packer zeroes the rest of a tile.
    "maxima by defines": (
        ONES + "binary_op_init_common(0, 1); reduce_init_short(0, 1); section([] { reduce_tile(0, 1, 0, 0, 0); }); reduce_revert_delta();"
        "reduce_init_delta<false>(); section([] { reduce_tile(0, 1, 1, 0, 0); }); reduce_revert_delta(16);"
        "reduce_init<true>(0, 1); section([] { reduce_tile(0, 1, 2, 0, 0); }); reduce_uninit();"
        "reduce_init_delta<false>(REDUCE_OP, REDUCE_DIM); section([] { reduce_tile(REDUCE_OP, REDUCE_DIM, 0, 1, 3, 0, 0); }); reduce_revert_delta();",
        lambda a, b: [np.pad(tile.max(1, keepdims=True), ((0, 0), (0, 31))) for tile in a],
    ),
    # ---- one processor is all three threads
    "every thread's code": (
        UNARY + "copy_init(0); uint ran = 0; UNPACK(ran |= 1); MATH(ran |= 2); PACK(ran |= 4);\n"
        "#if defined(TRISC_UNPACK) && defined(TRISC_MATH) && defined(TRISC_PACK)\n ran |= 8;\n#endif\n"
        "#if defined(UCK_CHLKC_UNPACK) && defined(UCK_CHLKC_MATH) && defined(UCK_CHLKC_PACK)\n ran |= 16;\n#endif\n"
        "if (ran == 31) section([] { copy_tile(0, 1, 0); });",
        lambda a, b: [a[1]],
    ),
    "constants of tiles": (
        UNARY + "static_assert(TILE_HEIGHT == 32 && TILE_WIDTH == 32 && TILE_HW == 1024 && TILE_R_DIM == 32 && TILE_C_DIM == 32);"
        "static_assert(FACE_HEIGHT == 16 && FACE_WIDTH == 16 && FACE_HW == 256 && FACE_R_DIM == 16 && FACE_C_DIM == 16);"
        "static_assert(PackMode::Default != PackMode::Untilize && PackMode::Default != PackMode::Tilize);"
        "copy_init(0); section([] { copy_tile(0, 0, 0); });",
        lambda a, b: [a[0]],
    ),
}  # fmt: skip

COPY_2 = "copy_init(2); section([] { copy_tile(2, 1, 0); });"
ADD_2 = "add_init(0, 2); section([] { add_tiles(0, 2, 0, 1, 0); });"
# The unpackers are set up for bfloat16 until a name of these makes them read buffer 2.
RECONFIGURED: dict[str, tuple[str, Oracle]] = {
    name: (UNARY + text, oracle)
    for names, oracle in (
        (
            {
                "srca": "reconfig_data_format_srca(2);" + COPY_2,
                "srca, from": "reconfig_data_format_srca(0, 2);" + COPY_2,
                "srca, 0.80": "reconfig_data_format_srca<false, false>(2);" + COPY_2,
                "srca, from, 0.80": "reconfig_data_format_srca<false, false>(0, 2);" + COPY_2,
                "srca, whole": "reconfig_full_operand_srca(2);" + COPY_2,
                "srca, whole, from": "reconfig_full_operand_srca(0, 2);" + COPY_2,
                "copy, with data type": "copy_tile_to_dst_init_short_with_dt(0, 2); section([] { copy_tile(2, 1, 0); });",
                "unpack and math apart": "UNPACK((llk_unpack_reconfig_data_format_srca<DST_ACCUM_MODE>(2)));"
                " MATH((llk_math_reconfig_data_format_srca<DST_ACCUM_MODE>(2)));" + COPY_2,
            },
            lambda a, b: [b[1]],
        ),
        (
            {
                "srcb": "reconfig_data_format_srcb(2);" + ADD_2,
                "srcb, from": "reconfig_data_format_srcb(0, 2);" + ADD_2,
                "srcb, 0.80": "reconfig_data_format_srcb<false, false>(2);" + ADD_2,
                "srcb, from, 0.80": "reconfig_data_format_srcb<false, false>(0, 2);" + ADD_2,
                "srcb, whole": "reconfig_full_operand_srcb(2);" + ADD_2,
                "srcb, whole, from": "reconfig_full_operand_srcb(0, 2);" + ADD_2,
                "both": "reconfig_data_format(0, 2);" + ADD_2,
                "both, from": "reconfig_data_format(0, 0, 0, 2);" + ADD_2,
                "both, 0.80": "reconfig_data_format<false, false>(0, 2);" + ADD_2,
                "both, from, 0.80": "reconfig_data_format<false, false>(0, 0, 0, 2);" + ADD_2,
                "both, exchanged": "reconfig_data_format<SrcOrder::Reverse>(2, 0);" + ADD_2,
                "both, whole": "reconfig_full_operand(0, 2);" + ADD_2,
                "both, whole, from": "reconfig_full_operand(0, 0, 0, 2);" + ADD_2,
            },
            lambda a, b: [a[0] + b[1]],
        ),
    )
    for name, text in names.items()
}  # fmt: skip

TO_17 = "section([] { copy_tile(0, 2, 0); }, 1, 17);"
# The packer is set up for bfloat16 until a name of these makes it write buffer 17.
PACKER: dict[str, str] = {
    "pack": "pack_reconfig_data_format(17);",
    "pack, tile shape too": "pack_reconfig_data_format<true>(17);",
    "pack, from": "pack_reconfig_data_format(16, 17);",
    "pack, from, tile shape too": "pack_reconfig_data_format<true>(16, 17);",
    "pack, low level": "PACK((llk_pack_reconfig_data_format<DST_ACCUM_MODE, false>(17)));",
}

# A tile as rows that follow each other without gaps, of so many datums each.
NARROW = {
    width: UNARY
    + f"copy_init(0); pack_untilize_dest_init<1, 1, true, {width}>(16); tile_regs_acquire(); copy_tile(0, 1, 0);"
    f" tile_regs_commit(); tile_regs_wait(); pack_untilize_dest<1, 1, false, true, {width}>(16); tile_regs_release();"
    " pack_untilize_uninit(16);"
    for width in (3, 8, 16, 32)
}

# Row-major blocks of two tiles to tiles, and back.
RESHAPED: dict[str, tuple[str, bool]] = {
    "tilize, no pack": ("tilize_init_no_pack(0, 2); tilize_block(0, 2, 16); tilize_uninit_no_pack(0);", True),
    "tilize, with data type": (
        "compute_kernel_hw_startup(2, 16); tilize_init_short_with_dt(2, 0, 2, 16); tilize_block(0, 2, 16); tilize_uninit_with_dt(0, 0, 16);",
        True,
    ),
    "fast tilize, no remap": (
        "fast_tilize_init_skip_remap(0, 2, 16); fast_tilize_block(0, 2, 16); fast_tilize_uninit(0, 16, 2);",
        True,
    ),
    "fast tilize, with data type, no remap": (
        "compute_kernel_hw_startup(2, 16); fast_tilize_init_with_dt_skip_remap(0, 2, 16); fast_tilize_block(0, 2, 16); fast_tilize_uninit(0, 16);",
        True,
    ),
    "untilize, no remap": (
        "pack_untilize_init_skip_remap<2>(0, 16); pack_untilize_block<2>(0, 1, 16); pack_untilize_uninit(16);",
        False,
    ),
    "fast untilize, no remap": (
        "fast_untilize_init_skip_remap<2>(0, 16); fast_untilize_block<2>(0, 16); fast_untilize_uninit<2>(16);",
        False,
    ),
}


def operands() -> tuple[F64, F64]:
    """Return four matrices a of -3 .. 5 and four b of -2 .. 2: sums of 32 products stay below 256."""
    rng = np.random.default_rng(2)
    a, b = rng.integers(-3, 6, (TILES, 32, 32)), rng.choice([0, 0, 0, 0, 0, -2, -1, 1, 2], (TILES, 32, 32))
    return a.astype(np.float64), b.astype(np.float64)


def as_pages(tiles: F64, dtype: Any) -> npt.NDArray[np.uint8]:
    return np.ascontiguousarray(tilize(tiles.astype(dtype))).view(np.uint8).reshape(TILES, -1)


ROWS = {**TO_BFLOAT16, **{f"reconfigured, {name}": row for name, row in RECONFIGURED.items()}}
BODIES = {
    **{name: body for name, (body, _) in ROWS.items()},
    **{name: UNARY + "copy_init(0);" + body + TO_17 for name, body in PACKER.items()},
    **{name: UNARY + body for name, (body, _) in RESHAPED.items()},
    **{f"rows of {width}": body for width, body in NARROW.items()},
}


def run(benches: Callable[[str], Any], tensor: Any, name: str, grade: str = "emulator") -> tuple[Any, Any]:
    """Return what buffers 16 and 17 hold, as bfloat16 and float32 datums in their order (4, 1024)."""
    a, b = operands()
    inputs = [
        tensor(0, F.Float16_b, as_pages(a, ml_dtypes.bfloat16)),
        tensor(1, F.Float16_b, as_pages(b, ml_dtypes.bfloat16)),
        tensor(2, F.Float32, as_pages(b, np.float32)),
    ]
    outputs = [
        tensor(16, F.Float16_b, np.zeros((TILES, 2048), np.uint8)),
        tensor(17, F.Float32, np.zeros((TILES, 4096), np.uint8)),
    ]
    # One kernel, which a runtime argument tells what to do: it is compiled once.
    arms = "\n".join(f"        case {i}: {{ {body} }} break;" for i, body in enumerate(BODIES.values()))
    narrow, wide = benches(grade).run(FRAME % arms, inputs, outputs, [list(BODIES).index(name)], defines=DEFINES)
    narrow, wide = narrow.reshape(-1).view(ml_dtypes.bfloat16), wide.reshape(-1).view(np.float32)
    return narrow.reshape(TILES, -1), wide.reshape(TILES, -1)


@pytest.mark.parametrize("name", ROWS)
def test_tiles(name: str, benches: Callable[[str], Any], tensor: Any) -> None:
    wanted = ROWS[name][1](*operands())
    found = run(benches, tensor, name)[0].astype(np.float64)
    for number, expected in enumerate(wanted):
        assert np.array_equal(untilize(found[number], (32, 32)), expected), f"tile {number}"


@pytest.mark.parametrize("name", PACKER)
def test_packing_to_another_format(name: str, benches: Callable[[str], Any], tensor: Any) -> None:
    found = run(benches, tensor, name)[1]
    assert np.array_equal(untilize(found[0].astype(np.float64), (32, 32)), operands()[0][2])


@pytest.mark.parametrize("name", RESHAPED)
def test_rows_and_tiles(name: str, benches: Callable[[str], Any], tensor: Any) -> None:
    found = run(benches, tensor, name)[0][:2].astype(np.float64)
    data = np.asarray(tilize(operands()[0][:2])).reshape(32, 64)
    wanted = np.asarray(tilize(data)) if RESHAPED[name][1] else np.concatenate(list(operands()[0][:2]), axis=1)
    assert np.array_equal(found.reshape(-1), wanted.reshape(-1))


@pytest.mark.parametrize("grade", ["emulator", "emulator?math=numpy"])
@pytest.mark.parametrize("width", NARROW)
def test_narrow_rows(width: int, grade: str, benches: Callable[[str], Any], tensor: Any) -> None:
    found = run(benches, tensor, f"rows of {width}", grade)[0].reshape(-1).astype(np.float64)
    assert np.array_equal(found[: 32 * width].reshape(32, width), operands()[0][1][:, :width])
