"""Operations of the compute threads after another operation's set-up, or none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import tthal as ttnn
from tthal.observer import VECTOR_FUNCTIONS, SetUp
from tthal_check.set_ups import needed_call
from tthal_emulator import abi
from tthal_emulator.abi import tile_operations

CORE = ttnn.CoreCoord(0, 0)
HEAD = "".join(
    f'#include "api/compute/{name}.h"\n'
    for name in (
        "compute_kernel_api", "compute_kernel_hw_startup", "tile_move_copy", "eltwise_binary", "bcast", "matmul",
        "reduce", "transpose", "tilize", "pack_untilize", "eltwise_unary/exp", "eltwise_unary/recip",
        "eltwise_unary/sqrt", "eltwise_unary/relu", "untilize", "reduce_custom", "pack",
    )
)  # fmt: skip
BODY = """void kernel_main() {
    compute_kernel_hw_startup(0, 1, 16);
    cb_wait_front(0, 1); cb_wait_front(1, 1); cb_reserve_back(16, 1);
    BEFORE
    tile_regs_acquire();
    WORK
    tile_regs_commit(); tile_regs_wait(); pack_tile(0, 16); tile_regs_release();
    cb_push_back(16, 1); cb_pop_front(0, 1); cb_pop_front(1, 1);
}
"""
FEED = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    for (uint32_t cb = 0; cb < 2; cb++) { cb_reserve_back(cb, 1); cb_push_back(cb, 1); }
    cb_wait_front(16, 1); cb_pop_front(16, 1);
}
"""
COPY, ADD, MUL, MATMUL = (
    "copy_tile(0, 0, 0);", "add_tiles(0, 1, 0, 0, 0);", "mul_tiles(0, 1, 0, 0, 0);", "matmul_tiles(0, 1, 0, 0, 0);"
)  # fmt: skip
ROWS = "add_tiles_bcast_rows(0, 1, 0, 0, 0);"
SUM = "reduce_tile<PoolType::SUM, ReduceDim::REDUCE_ROW>(0, 1, 0, 0, 0);"
WRONG = [
    ("", COPY, "copy_init"),
    ("add_init(0, 1);", COPY, "copy_init"),
    ("copy_init(0); matmul_init(0, 1);", COPY, "copy_init"),
    ("tilize_init(0, 1, 16);", COPY, "copy_init"),
    ("copy_init(0);", ADD, "add_init"),
    ("sub_init(0, 1);", ADD, "add_init"),
    ("add_bcast_rows_init(0, 1);", ADD, "add_init"),
    ("add_init(0, 1);", ROWS, "add_bcast_rows_init"),
    ("add_bcast_cols_init(0, 1);", ROWS, "add_bcast_rows_init"),
    ("add_init(0, 1);", MUL, "mul_init"),
    ("mul_init(0, 1);", MATMUL, "matmul_init"),
    ("reduce_init<PoolType::SUM, ReduceDim::REDUCE_COL>(0, 1, 16);", SUM, "REDUCE_ROW"),
    ("copy_init(0);", "transpose_tile(0, 0, 0);", "transpose_init"),
    ("add_init(0, 1);", "binary_reuse_dest_tiles<ELWADD, EltwiseBinaryReuseDestType::DEST_TO_SRCA>(0, 0, 0);", "reuse"),
    ("copy_init(0);", COPY + "exp_tile(0);", "exp_tile_init"),
    ("copy_init(0); exp_tile_init();", COPY + "recip_tile(0);", "recip_tile_init"),
    ("copy_init(0); recip_tile_init();", COPY + "sqrt_tile(0);", "sqrt_tile_init"),
]
RIGHT = [
    ("copy_init(0);", COPY),
    ("unary_op_init_common(0, 16);", COPY),
    ("copy_init(1);", COPY),  # one set-up serves all buffers of a format
    ("add_init(0, 1);", ADD),
    ("binary_op_init_common(0, 1, 16); add_tiles_init(0, 1);", ADD),
    ("add_bcast_rows_init(0, 1);", ROWS),
    ("init_bcast<ELWADD, BroadcastType::ROW>(0, 1, 16);", ROWS),
    ("mm_init(0, 1, 16);", MATMUL),
    ("mm_block_init(0, 1, 16);", MATMUL),
    ("reduce_init<PoolType::AVG, ReduceDim::REDUCE_ROW>(0, 1, 16);", SUM + "reduce_uninit();"),
    ("transpose_wh_init(0, 16);", "transpose_wh_tile(0, 0, 0);"),
    ("add_init(0, 1);", "copy_init(0);" + COPY),
    ("copy_init(0); exp_tile_init();", COPY + "exp_tile(0);"),
    ("copy_init(0); exp_tile_init(); relu_tile_init();", COPY + "relu_tile(0); exp_tile(0);"),
    ("copy_init(0);", COPY + "exp_tile_init(); exp_tile(0); recip_tile_init(); recip_tile(0);"),
]


@pytest.fixture(scope="module")
def device() -> Iterator[ttnn.Device]:
    with ttnn.open_device(0, backend="emulator?check=default&warnings=error&suppress=TT-CB-013") as opened:
        yield opened


def run(device: ttnn.Device, before: str, work: str, body: str = BODY) -> None:
    program = ttnn.CreateProgram()
    for index in (0, 1, 16):
        ring = ttnn.CircularBufferConfig(2048, {index: ttnn.DataFormat.Float16_b}).set_page_size(index, 2048)
        ttnn.CreateCircularBuffer(program, CORE, ring)
    ttnn.CreateKernelFromString(program, FEED, CORE, ttnn.ReaderDataMovementConfig())
    source = HEAD + body.replace("BEFORE", before).replace("WORK", work)
    ttnn.CreateKernelFromString(program, source, CORE, ttnn.ComputeConfig())
    ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)


@pytest.mark.parametrize(("before", "work", "needed"), WRONG)
def test_the_missing_call_is_named(device: ttnn.Device, before: str, work: str, needed: str) -> None:
    with pytest.raises(ttnn.KernelError, match="TT-SET-001") as caught:
        run(device, before, work)
    assert needed in str(caught.value)
    line = caught.value.line
    assert line is not None
    assert "_tile" in (HEAD + BODY.replace("BEFORE", before).replace("WORK", work)).split("\n")[line - 1]


@pytest.mark.parametrize(("before", "work"), RIGHT)
def test_what_is_set_up_runs(device: ttnn.Device, before: str, work: str) -> None:
    run(device, before, work)


NOT_STARTED = [
    ("", "relu_tile(0);", "nothing was set up"),
    ("copy_init(0);", COPY, "copy_init"),
    ("add_init(0, 1);", ADD, "add_init"),
    ("matmul_init(0, 1);", MATMUL, "matmul_init"),
    ("tilize_init_short(0, 1, 16); tilize_block(0, 1, 16);", "", "tilize_init"),
    ("reconfig_data_format(0, 1); pack_reconfig_data_format(16); copy_init(0);", COPY, "copy_init"),
    ("unary_op_init_common_no_pack(0);", COPY, "copy_init"),  # nobody configured the packer
    ("copy_init(0); llk_pack_hw_configure<false>(16);", COPY, "copy_init"),  # nor the unpackers
    ("add_tiles_init_nof();", ADD, "only parts"),
]
STARTED = [
    ("unary_op_init_common(0, 16);", COPY),
    ("init_sfpu(0, 16);", COPY),
    ("binary_op_init_common(0, 1, 16); add_init(0, 1);", ADD),
    ("mm_init(0, 1, 16);", MATMUL),
    ("mm_block_init(0, 1, 16);", MATMUL),
    ("init_bcast<ELWADD, BroadcastType::ROW>(0, 1, 16);", ROWS),
    ("transpose_wh_init(0, 16);", "transpose_wh_tile(0, 0, 0);"),
    ("tilize_init(0, 1, 16); tilize_uninit(0, 16); copy_init(0);", COPY),  # up to the middle of 2025 a full one
    ("pack_untilize_init<1>(0, 16); pack_untilize_uninit(16);", COPY),
    ("unary_op_init_common_no_pack(0); llk_pack_hw_configure<false>(16);", COPY),
    ("llk_unpack_hw_configure(0, 1); llk_pack_hw_configure<false>(16); copy_init(0);", COPY),
]
STARTUP = "compute_kernel_hw_startup(0, 1, 16);"


@pytest.mark.parametrize("board", ["n150", "p150"])
@pytest.mark.parametrize(("before", "work", "last"), NOT_STARTED)
def test_what_was_never_configured_is_named(board: str, before: str, work: str, last: str) -> None:
    backend = f"emulator:{board}?check=default&warnings=error"
    with ttnn.open_device(0, backend=backend) as device, pytest.raises(ttnn.KernelError, match="TT-SET-002") as caught:
        run(device, before, work, BODY.replace(STARTUP, ""))
    text = " ".join(str(caught.value).split())
    assert "needs compute_kernel_hw_startup before it" in text
    assert last in text


@pytest.mark.parametrize(("before", "work"), STARTED)
def test_full_initialisations_configure_everything(device: ttnn.Device, before: str, work: str) -> None:
    run(device, before, work, BODY.replace(STARTUP, ""))


ONE = "tile_regs_acquire(); WORK tile_regs_commit(); tile_regs_wait(); PACK tile_regs_release();"
PACK = "pack_tile<true>(0, 16, 0);"


def section(work: str, pack: str = PACK) -> str:
    return ONE.replace("WORK", work).replace("PACK", pack)


ROW_SUMS = "reduce_init<PoolType::SUM, ReduceDim::REDUCE_ROW>(0, 1, 16);"
TILIZED = "tilize_init(0, 1, 16);" + "tilize_block(0, 1, 16);"
UNTILIZED = "pack_untilize_init<1>(0, 16); pack_untilize_block<1>(0, 1, 16);"
DEST = "copy_init(0); pack_untilize_dest_init<1>(16);" + section(COPY, "pack_untilize_dest<1>(16);")
ROWED = "copy_init(0); pack_rows_init(64);" + section(COPY, "pack_rows(0, 16);")
BLOCK = "matmul_block(0, 1, 0, 0, 0, 0, %s, 0);"  # kt_dim 0: the same row again
BLOCK_MAX = "reduce_init<PoolType::MAX, ReduceDim::REDUCE_ROW>(0, 1, 16); reduce_block_max_row_init<1>(16);"
LEFT_OVER = [
    (ROW_SUMS + section(SUM), "copy_init(0);" + COPY, "reduce_uninit"),
    (ROW_SUMS + section(SUM) * 2, "add_init(0, 1);" + ADD, "reduce_uninit"),  # both sections of DST had a sum
    (
        BLOCK_MAX + section("reduce_block_max_row<1>(0, 1, 0, 0);"),
        "copy_init(0);" + COPY,
        "reduce_block_max_row_uninit",
    ),
    (TILIZED, "copy_init(0);" + COPY, "tilize_uninit"),
    (TILIZED, "add_init(0, 1);" + ADD, "tilize_uninit"),
    (TILIZED, "matmul_init(0, 1);" + MATMUL, "tilize_uninit"),
    ("fast_tilize_init(0, 1, 16); fast_tilize_block(0, 1, 16);", "copy_init(0);" + COPY, "fast_tilize_uninit"),
    (UNTILIZED, COPY, "pack_untilize_uninit"),
    (DEST, "add_init(0, 1);" + ADD, "pack_untilize_uninit"),
    (DEST + "pack_reconfig_data_format(16);", COPY, "pack_untilize_uninit"),
    (ROWED, COPY, "pack_rows_uninit"),
    ("copy_init(0);" + section(COPY, "pack_untilize_dest<1>(16);"), COPY, "pack_untilize_init"),
    # Blocks of another size than the initialisation's.
    ("tilize_init(0, 2, 16); tilize_block(0, 1, 16); tilize_uninit(0, 16);", COPY, "tilize_init with block = 1"),
    (UNTILIZED.replace("init<1>", "init<1, 2>") + "pack_untilize_uninit(16);", COPY, "pack_untilize_init<1, 1>"),
    ("matmul_block_init(0, 1, 0, 1, 2);", MATMUL, "matmul_init"),
    ("matmul_block_init(0, 1, 0, 2, 2);", BLOCK % "1, 1", "matmul_init"),
    ("matmul_init(0, 1);", BLOCK % "1, 2", "for ct_dim = 1 and rt_dim > 1"),
    ("mm_block_init(0, 1, 16, 0, 2, 2);", BLOCK % "2, 3", "for rt_dim > ct_dim > 1"),
    ("mm_block_init_short(0, 1, 0, 3, 1);", BLOCK % "2, 2", "for ct_dim >= rt_dim > 1"),
]
UNDONE = [
    (ROW_SUMS + section(SUM) + "reduce_uninit();", "copy_init(0);" + COPY),
    (ROW_SUMS + section(SUM) * 3, SUM),
    (ROW_SUMS + section("copy_init(0);" + COPY + ROW_SUMS + SUM), SUM),  # a partial sum comes back
    (ROW_SUMS + section(SUM) + STARTUP, "copy_init(0);" + COPY),  # which configures the packer anew
    (
        BLOCK_MAX + section("reduce_block_max_row<1>(0, 1, 0, 0);") + "reduce_block_max_row_uninit(0);",
        "copy_init(0);" + COPY,
    ),
    ("llk_pack_reduce_mask_config<ReduceDim::REDUCE_ROW>(); copy_init(0);", COPY),  # the kernel's own mask
    (TILIZED + "tilize_uninit(0, 16);", "copy_init(0);" + COPY),
    (TILIZED + "tilize_uninit_with_dt(0, 1, 16);", "copy_init(0);" + COPY),
    (TILIZED * 2 + STARTUP, "copy_init(0);" + COPY),
    (TILIZED + "mm_init(0, 1, 16);", MATMUL),
    ("fast_tilize_init(0, 1, 16); fast_tilize_block(0, 1, 16); fast_tilize_uninit(0, 16);", "copy_init(0);" + COPY),
    (UNTILIZED + "pack_untilize_uninit(16);", COPY),
    (DEST + "pack_untilize_uninit(16);", COPY),
    (DEST * 2 + STARTUP, COPY),
    (DEST + "pack_init(16);", COPY),
    (ROWED + "pack_rows_uninit();", COPY),
    ("matmul_init(0, 1);", BLOCK % "1, 1"),
    ("mm_block_init(0, 1, 16, 0, 3, 1);", MATMUL),  # tiles, and rows of them, are one program
    ("mm_block_init_short(0, 1, 0, 1, 4);", BLOCK % "1, 2"),
    (
        "tilize_init(0, 3, 16); tilize_init_short(0, 1, 16); tilize_block(0, 1, 16); tilize_uninit(0, 16);",
        "copy_init(0);" + COPY,
    ),
]


@pytest.mark.parametrize("board", ["n150", "p150"])
@pytest.mark.parametrize(("before", "work", "needed"), LEFT_OVER)
def test_what_another_operation_left_is_named(board: str, before: str, work: str, needed: str) -> None:
    backend = f"emulator:{board}?check=default&warnings=error"
    with ttnn.open_device(0, backend=backend) as device, pytest.raises(ttnn.KernelError, match="TT-SET-001") as caught:
        run(device, before, work)
    assert needed in str(caught.value)


@pytest.mark.parametrize("board", ["n150", "p150"])
@pytest.mark.parametrize(("before", "work"), UNDONE)
def test_what_was_undone_is_not_asked_for(board: str, before: str, work: str) -> None:
    backend = f"emulator:{board}?check=default&warnings=error&suppress=TT-CB-013"
    with ttnn.open_device(0, backend=backend) as device:
        run(device, before, work)


def test_the_numbers_of_set_ups_are_the_emulators() -> None:
    assert {item.name: int(item) for item in SetUp} == {item.name: int(item) for item in tile_operations.SetUp}
    operations = [item.name.lower() for item in abi.BinaryOperation]
    assert [needed_call(SetUp.BINARY | number << 8).split("_")[0] for number in range(3)] == operations
    assert needed_call(SetUp.VECTOR | 2 << 8) == f"{VECTOR_FUNCTIONS[2]}_tile_init"
    assert needed_call(0xFFFFFF77) == "its initialisation"
