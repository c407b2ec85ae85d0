"""Old and new names of the compute API do the same; what cannot work is a compile error that names it."""

# ruff: noqa: E501 - one line per kernel

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn
from tthal.errors import CompileError, KernelError

F = ttnn.DataFormat
Pages = npt.NDArray[np.uint8]

FRAME = """
#include "compute_kernel_api/bcast.h"
#include "compute_kernel_api/pack_untilize.h"
#include "compute_kernel_api/reduce.h"
#include "compute_kernel_api/eltwise_unary/rsqrt.h"
#include "api/compute/experimental/fast_untilize.h"
#include "api/compute/layernorm.h"
#include "api/compute/reduce_custom.h"
#include "api/compute/softmax.h"
#include "compute_kernel_api/tilize.h"
#include "compute_kernel_api/transpose_wh.h"
#include "compute_kernel_api/transpose_wh_dest.h"
#include "compute_kernel_api/untilize.h"
using enum EltwiseBinaryReuseDestType;
namespace NAMESPACE {
void MAIN {
    cb_wait_front(0, 1);
    cb_wait_front(1, 1);
    cb_reserve_back(16, 1);
    %s
    cb_push_back(16, 1);
}
}
"""
BEGIN, END = "tile_regs_acquire();", "tile_regs_commit(); tile_regs_wait(); pack_tile(0, 16); tile_regs_release();"
# The second operand becomes a tile of ones.
ONES = "for (uint32_t i = 0; i < 1024; i++) reinterpret_cast<volatile uint16_t*>(get_tile_address(1, 0))[i] = 0x3F80;"
# A tile packed, and packed again onto itself.
TWICE = (
    "unary_op_init_common(0, 16); tile_regs_acquire(); copy_tile(0, 0, 0); tile_regs_commit(); tile_regs_wait();"
    " pack_tile<true>(0, 16, 0); @ pack_tile<true>(0, 16, 0); tile_regs_release();"
)
SAME = {
    "add": (
        "binary_op_init_common(0, 1, 16); add_tiles_init(0, 1);" + BEGIN + "add_tiles(0, 1, 0, 0, 0);" + END,
        "compute_kernel_hw_startup(0, 1, 16); add_init(0, 1);" + BEGIN + "add_block(0, 1, 0, 0, 0, 1);" + END,
    ),
    "sub": (
        "binary_op_init_common(0, 1, 16); sub_tiles_init(0, 1);" + BEGIN + "sub_tiles(0, 1, 0, 0, 0);" + END,
        "compute_kernel_hw_startup(0, 1, 16); binary_tiles_init<true, ELWSUB>(0, 1);" + BEGIN + "sub_tiles(0, 1, 0, 0, 0);" + END,
    ),
    "mul": (
        "binary_op_init_common(0, 1, 16); mul_tiles_init(0, 1);" + BEGIN + "mul_tiles(0, 1, 0, 0, 0);" + END,
        "compute_kernel_hw_startup(0, 1, 16); mul_init(0, 1);" + BEGIN + "mul_block(0, 1, 0, 0, 0, 1);" + END,
    ),
    "matmul": (
        "mm_init(0, 1, 16);" + BEGIN + "matmul_tiles(0, 1, 0, 0, 0, 0);" + END,
        "compute_kernel_hw_startup<SrcOrder::Reverse>(0, 1, 16); matmul_init(0, 1);" + BEGIN + "matmul_tiles(0, 1, 0, 0, 0);" + END,
    ),
    "matmul, transposed": (
        "mm_init(0, 1, 16); mm_init_short_with_dt(0, 1, 1, 1);" + BEGIN + "matmul_tiles(0, 1, 0, 0, 0);" + END,
        "mm_init(0, 1, 16); mm_init_short(0, 1, 1);" + BEGIN + "matmul_tiles(0, 1, 0, 0, 0, 1);" + END,
    ),
    "matmul_block": (
        "mm_block_init(0, 1, 16); mm_block_init_short_with_dt(0, 1, 1);" + BEGIN + "matmul_block(0, 1, 0, 0, 0, 0, 1, 1, 1);" + END,
        "mm_block_init(0, 1, 16); mm_block_init_short_with_both_dt(0, 1, 0, 1);" + BEGIN + "matmul_tiles(0, 1, 0, 0, 0);" + END,
    ),
    "bcast": (
        "init_bcast<ELWMUL, BroadcastType::ROW>(0, 1, 16);" + BEGIN + "any_tiles_bcast<ELWMUL, BroadcastType::ROW>(0, 1, 0, 0, 0);" + END,
        "compute_kernel_hw_startup(0, 1, 16); mul_bcast_rows_init_short(0, 1);" + BEGIN + "mul_tiles_bcast<BroadcastType::ROW>(0, 1, 0, 0, 0);" + END,
    ),
    "bcast of an element": (
        "init_bcast<ELWADD, BroadcastType::SCALAR>(0, 1, 16);" + BEGIN + "add_tiles_bcast_scalar(0, 1, 0, 0, 0);" + END,
        "compute_kernel_hw_startup(0, 1, 16); add_tiles_bcast_scalar_init_short(0, 1);" + BEGIN + "add_tiles_bcast<BroadcastType::SCALAR>(0, 1, 0, 0, 0);" + END,
    ),
    "unary_bcast": (
        "unary_bcast_init<BroadcastType::COL>(0, 16);" + BEGIN + "unary_bcast<BroadcastType::COL>(0, 0, 0);" + END,
        "compute_kernel_hw_startup(0, 16); unary_bcast_init<BroadcastType::COL>(0);" + BEGIN + "unary_bcast<BroadcastType::COL>(0, 0, 0);" + END,
    ),
    "transpose": (
        "transpose_wh_init(0, 16);" + BEGIN + "transpose_wh_tile(0, 0, 0);" + END,
        "compute_kernel_hw_startup(0, 16); transpose_init(0);" + BEGIN + "transpose_block(0, 0, 0, 1);" + END,
    ),
    "transpose in DST": (
        "unary_op_init_common(0, 16);" + BEGIN + "copy_tile(0, 0, 0); transpose_wh_dest_init_short(); transpose_wh_dest(0);" + END,
        "unary_op_init_common(0, 16);" + BEGIN + "copy_block(0, 0, 0, 1); transpose_dest_init(); transpose_dest(0);" + END,
    ),
    "dest reuse": (
        "binary_op_init_common(0, 1, 16); copy_tile_init(0);" + BEGIN
        + "copy_tile(0, 0, 0); binary_dest_reuse_tiles_init<ELWADD, DEST_TO_SRCA>(1); binary_dest_reuse_tiles<ELWADD, DEST_TO_SRCA>(1, 0, 0);" + END,
        "compute_kernel_hw_startup(0, 1, 16); copy_init(0);" + BEGIN
        + "copy_tile(0, 0, 0); add_reuse_dest_init<DEST_TO_SRCA>(1); add_reuse_dest_tiles<DEST_TO_SRCA>(1, 0, 0);" + END,
    ),
    "reduce": (
        "binary_op_init_common(0, 1, 16); reduce_init(0, 1, 16);" + BEGIN + "reduce_tile(0, 1, 0, 0, 0);" + END + "reduce_uninit();",
        "compute_kernel_hw_startup<SrcOrder::Reverse>(0, 1, 16); reduce_init<PoolType::SUM, ReduceDim::REDUCE_COL>(0, 1, 16);" + BEGIN
        + "reduce_block<PoolType::SUM, ReduceDim::REDUCE_COL>(0, 1, 0, 0, 0, 1);" + END + "reduce_uninit();",
    ),
    "maxima of rows": (
        "compute_kernel_hw_startup(0, 1, 16); reduce_init<PoolType::MAX, ReduceDim::REDUCE_ROW>(0, 1, 16);" + ONES + BEGIN
        + "reduce_tile<PoolType::MAX, ReduceDim::REDUCE_ROW>(0, 1, 0, 0, 0);" + END + "reduce_uninit();",
        "compute_kernel_hw_startup(0, 1, 16); reduce_block_max_row_init<1>(16);" + ONES + BEGIN
        + "reduce_block_max_row<1>(0, 1, 0, 0);" + END
        + "reduce_block_max_row_uninit(0); reduce_block_max_row_init<1>(); reduce_block_max_row_reinit_short<1>(16); reduce_block_max_row_reinit_minimal<1>(16);",
    ),
    "reduce, set up in parts": (
        "compute_kernel_hw_startup<SrcOrder::Reverse>(0, 1, 16); reduce_init<PoolType::SUM, ReduceDim::REDUCE_ROW>(0, 1, 16);"
        " UNPACK((llk_unpack_reconfig_data_format_srca<DST_ACCUM_MODE, p_dim_stride_target::IGNORE>(0, 1)));"
        " MATH((llk_math_reconfig_data_format_srca<DST_ACCUM_MODE>(0, 1)));"
        " UNPACK((llk_unpack_AB_reduce_init<PoolType::SUM, ReduceDim::REDUCE_ROW>(0, 1)));"
        " MATH((llk_math_reduce_init<PoolType::SUM, ReduceDim::REDUCE_ROW, DST_ACCUM_MODE, MATH_FIDELITY>(0, 1)));" + BEGIN
        + "reduce_tile<PoolType::SUM, ReduceDim::REDUCE_ROW>(0, 1, 0, 0, 0);" + END + "PACK((llk_pack_reduce_mask_clear()));",
        "compute_kernel_hw_startup<SrcOrder::Reverse>(0, 1, 16); reduce_init<PoolType::SUM, ReduceDim::REDUCE_ROW>(0, 1, 16);" + BEGIN
        + "reduce_tile<PoolType::SUM, ReduceDim::REDUCE_ROW>(0, 1, 0, 0, 0);" + END + "reduce_uninit();",
    ),
    "sub, set up in parts": (
        "compute_kernel_hw_startup(0, 1, 16);"
        " MATH((llk_math_eltwise_binary_init<EltwiseBinaryType::ELWSUB, BroadcastType::ROW, MathFidelity::LoFi>(0, 1)));"
        " UNPACK((llk_unpack_AB_init<BroadcastType::ROW>(0, 1)));" + BEGIN + "sub_tiles_bcast<BroadcastType::ROW>(0, 1, 0, 0, 0);" + END,
        "compute_kernel_hw_startup(0, 1, 16); sub_bcast_rows_init(0, 1);" + BEGIN + "sub_tiles_bcast_rows(0, 1, 0, 0, 0);" + END,
    ),
    "operations that do nothing": (
        "unary_op_init_common(0, 16); dummy_unpack(0); dummy_pack(16); if (mulsi3(get_tile_size(0), 2) != 4096) return;" + BEGIN + "copy_tile(0, 0, 0);" + END,
        "unary_op_init_common(0, 16);" + BEGIN + "copy_tile(0, 0, 0);" + END,
    ),
    "tilize": (
        "unary_op_init_common(0, 16); tilize_init_short(0, 1, 16); tilize_block(0, 1, 16); tilize_uninit_with_dt(0, 0, 16);",
        "unary_op_init_common(0, 16); fast_tilize_init_with_dt(0, 1, 16); fast_tilize_block(0, 1, 16); fast_tilize_uninit(0, 16);",
    ),
    "untilize": (
        "untilize_init(0, 16); untilize_init_short(0); untilize_block(0, 1, 16); untilize_uninit(0);",
        "unary_op_init_common(0, 16); pack_untilize_init_short<1>(0, 16); pack_untilize_block<1>(0, 1, 16); pack_untilize_uninit(16);",
    ),
    "untilize a row": (
        "unary_op_init_common(0, 16); untilize_init_short(0); untilize_block(0, 1, 16); untilize_uninit(0);",
        "unary_op_init_common(0, 16); fast_untilize_init<1>(0, 16); fast_untilize_block<1>(0, 16); fast_untilize_uninit<1>(16);",
    ),
    "untilize from DST": (
        "unary_op_init_common(0, 16); pack_untilize_dst_init_short<1>(16); tile_regs_acquire(); copy_tile(0, 0, 0);"
        " tile_regs_commit(); tile_regs_wait(); pack_untilize_dst<1>(16); tile_regs_release();",
        "unary_op_init_common(0, 16); pack_untilize_dest_init<1>(16); tile_regs_acquire(); copy_tile(0, 0, 0);"
        " tile_regs_commit(); tile_regs_wait(); pack_untilize_dest<1>(16); tile_regs_release();",
    ),
    "untilize from DST, early in 2026": (
        "unary_op_init_common(0, 16); pack_untilize_dest_init<1, 1>(16, 16, 4); tile_regs_acquire(); copy_tile(0, 0, 0);"
        " tile_regs_commit(); tile_regs_wait(); pack_untilize_dest<1, 1>(16, 1, 0, 16, 4); tile_regs_release();",
        "unary_op_init_common(0, 16); pack_untilize_dest_init<1>(16); tile_regs_acquire(); copy_tile(0, 0, 0);"
        " tile_regs_commit(); tile_regs_wait(); pack_untilize_dest<1>(16); tile_regs_release();",
    ),
    "untilize two faces of eight rows, early in 2026": (
        "unary_op_init_common(0, 16); pack_untilize_dest_init<1, 1>(16, 8, 2); tile_regs_acquire(); copy_tile(0, 0, 0);"
        " tile_regs_commit(); tile_regs_wait(); pack_untilize_dest<1, 1>(16, 1, 0, 8, 2); tile_regs_release();",
        "unary_op_init_common(0, 16); pack_untilize_dst_init_short<1>(16, 8, 2); tile_regs_acquire(); copy_tile(0, 0, 0);"
        " tile_regs_commit(); tile_regs_wait(); pack_untilize_dst<1>(16, 1, 0, 8, 2); tile_regs_release();",
    ),
    "reciprocal root, before its modes": (
        "unary_op_init_common(0, 16); rsqrt_tile_init<true>();" + BEGIN + "copy_tile(0, 0, 0); rsqrt_tile<true>(0);" + END,
        "unary_op_init_common(0, 16); rsqrt_tile_init();" + BEGIN + "copy_tile(0, 0, 0); rsqrt_tile(0);" + END,
    ),
    "relu": (
        "unary_op_init_common(0, 16); PACK((llk_pack_relu_config(ReluType::ZERO_RELU)));" + BEGIN + "copy_tile(0, 0, 0);" + END,
        "unary_op_init_common(0, 16); pack_relu_config(ReluConfig::zero());" + BEGIN + "copy_tile(0, 0, 0);" + END,
    ),
    "L1 accumulation": (
        TWICE.replace("@", "PACK((llk_pack_reconfig_l1_acc(1)));"),
        TWICE.replace("@", "pack_reconfig_l1_acc(1);"),
    ),
}  # fmt: skip


def tile(seed: int) -> Pages:
    values = np.random.default_rng(seed).standard_normal(1024).astype(np.float32)
    return (values.view(np.uint32) >> 16).astype(np.uint16).reshape(1, -1).view(np.uint8)


def run(bench: Any, tensor: Any, body: str, formats: tuple[F, F] = (F.Float16_b, F.Float16_b), **config: Any) -> Pages:
    pages = [tile(cb) if f is F.Float16_b else np.zeros((1, 4096), np.uint8) for cb, f in enumerate(formats)]
    inputs = [tensor(cb, f, page) for cb, (f, page) in enumerate(zip(formats, pages, strict=True))]
    out = tensor(16, F.Float16_b, np.zeros((1, 2048), np.uint8))
    result: Pages = bench.run(FRAME % body, inputs, [out], **config)[0]
    return result


@pytest.mark.parametrize("what", SAME)
def test_old_and_new_names_agree(what: str, benches: Callable[[str], Any], tensor: Any) -> None:
    defines = {"REDUCE_OP": "PoolType::SUM", "REDUCE_DIM": "ReduceDim::REDUCE_COL"}
    old, new = (run(benches("emulator"), tensor, body, defines=defines) for body in SAME[what])
    assert old.any()
    assert np.array_equal(old, new)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("mailbox_write(ThreadId::MathThreadId, 1);", "a mailbox outside of UNPACK"),
        ("TTI_SEMPOST(1);", "TTI_SEMPOST is not emulated"),
        ("TTI_SEMGET(1);", "TTI_SEMGET is not emulated"),
        ("TTI_SETRWC(0, 0, 0, 0, 0, 0);", "TTI_SETRWC is emulated for steps of the DST counter"),
        ("TTI_SFPLOAD(0, 0, 0, 0);", "TTI_SFPLOAD is not emulated"),
        ("TTI_SFPLOADI(0, 0, 0);", "TTI_SFPLOADI is not emulated"),
        ("TTI_SFPMAD(0, 0, 0, 0, 0);", "TTI_SFPMAD is not emulated"),
        ("TTI_SFPSTORE(0, 0, 0, 0);", "TTI_SFPSTORE is not emulated"),
        ("TT_SETC16(7, 0);", "TT_SETC16 is emulated for"),
        ("PACK((llk_pack<DST_ACCUM_MODE, false, PackMode::Untilize>(0, 16)));", "llk_pack is emulated for whole tiles"),
        ("UNPACK((llk_unpack_A_init<BroadcastType::ROW>(0, 0, 0)));", "llk_unpack_A_init is emulated for plain copies"),
        ("pack_untilize_dest<1, 1, true>(16);", "diagonal mode is not emulated"),
        ("reduce_tile<PoolType::MIN, ReduceDim::REDUCE_ROW>(0, 1, 0, 0, 0);", "has no minimum"),
        ("no_such_tile(0);", "no_such_tile"),
    ],
)
def test_what_cannot_work_does_not_compile(body: str, name: str, benches: Callable[[str], Any], tensor: Any) -> None:
    with pytest.raises(CompileError, match=name):
        run(benches("emulator"), tensor, body)


@pytest.mark.parametrize(
    ("body", "unit"),
    [
        ("unary_op_init_common(1, 16);" + BEGIN + "copy_tile(0, 0, 0);" + END, "SrcA's unpacker"),
        ("compute_kernel_hw_startup(0, 0, 16); add_init(0, 1);" + BEGIN + "add_tiles(0, 1, 0, 0, 0);" + END, "SrcB's unpacker"),
        ("unary_op_init_common(0, 1);" + BEGIN + "copy_tile(0, 0, 0);" + END, "the packer"),
    ],
)  # fmt: skip
def test_a_unit_set_up_for_another_format_is_named(
    body: str, unit: str, benches: Callable[[str], Any], tensor: Any
) -> None:
    formats = (F.Float16_b, F.Float32)
    with pytest.raises(KernelError, match=f"{unit} is set up for"):
        run(benches("emulator"), tensor, body, formats)


def test_a_unit_may_be_set_up_for_a_buffer_that_is_not_there(benches: Callable[[str], Any], tensor: Any) -> None:
    """A card's tables answer for any index; public kernels start up so on cores that compute nothing."""
    body = "compute_kernel_hw_startup(5, 6, 7);"
    copied = BEGIN + "copy_tile(0, 0, 0);" + END
    mended = "reconfig_data_format_srca(0); pack_reconfig_data_format(16); copy_init(0);"
    assert np.array_equal(run(benches("emulator"), tensor, body + mended + copied), tile(0))
    with pytest.raises(KernelError, match="unpacker is set up for a circular buffer that this core does not have, but"):
        run(benches("emulator"), tensor, body + "copy_init(0);" + copied)


def test_reconfiguring_sets_the_units_up(benches: Callable[[str], Any], tensor: Any) -> None:
    body = """
    compute_kernel_hw_startup(1, 1, 1);
    reconfig_data_format_srca(1, 0);
    pack_reconfig_data_format(1, 16);
    copy_init(0);
    """
    got = run(benches("emulator"), tensor, body + BEGIN + "copy_tile(0, 0, 0);" + END, (F.Float16_b, F.Float32))
    assert np.array_equal(got, tile(0))


def test_reading_a_word_of_a_tile(benches: Callable[[str], Any], tensor: Any) -> None:
    body = """
    unary_op_init_common(0, 16);
    tile_regs_acquire();
    UNPACK(const uint32_t word = read_tile_value(0, 0, 5));
    MATH(if (word == *reinterpret_cast<uint32_t*>(get_tile_address(0, 0) + 20)) copy_tile(0, 0, 0));
    """
    assert np.array_equal(run(benches("emulator"), tensor, body + END), tile(0))


def test_circular_buffers_are_described_in_units_of_16_bytes(benches: Callable[[str], Any], tensor: Any) -> None:
    """As the compute processors' firmware has it; what a DataflowBuffer tells of sizes is in bytes (device-api.md §4)."""
    body = """
    unary_op_init_common(0, 16);
    const LocalCBInterface& ring = get_local_cb_interface(0);
    const DataflowBuffer buffer(0);
    tile_regs_acquire();
    const bool units = cb_addr_shift == 4 && ring.fifo_page_size == 2048 >> 4 && ring.fifo_size == 2048 >> 4;
    const bool pointers = ring.fifo_rd_ptr << cb_addr_shift == get_tile_address(0, 0) && ring.fifo_limit == ring.fifo_rd_ptr + 128
        && CircularBuffer(0).get_read_ptr() == ring.fifo_rd_ptr && buffer.get_read_ptr() == ring.fifo_rd_ptr;
    if (units && pointers && buffer.get_entry_size() == 2048 && buffer.get_total_size_bytes() == 2048) copy_tile(0, 0, 0);
    """
    assert np.array_equal(run(benches("emulator"), tensor, body + END), tile(0))
