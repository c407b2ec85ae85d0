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
        "reduce", "transpose", "tilize", "eltwise_unary/exp", "eltwise_unary/recip", "eltwise_unary/sqrt",
        "eltwise_unary/relu",
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


def run(device: ttnn.Device, before: str, work: str) -> None:
    program = ttnn.CreateProgram()
    for index in (0, 1, 16):
        ring = ttnn.CircularBufferConfig(2048, {index: ttnn.DataFormat.Float16_b}).set_page_size(index, 2048)
        ttnn.CreateCircularBuffer(program, CORE, ring)
    ttnn.CreateKernelFromString(program, FEED, CORE, ttnn.ReaderDataMovementConfig())
    source = HEAD + BODY.replace("BEFORE", before).replace("WORK", work)
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


def test_packing_without_any_set_up(device: ttnn.Device) -> None:
    text = BODY.replace("compute_kernel_hw_startup(0, 1, 16);", "")
    program = ttnn.CreateProgram()
    for index in (0, 1, 16):
        ring = ttnn.CircularBufferConfig(2048, {index: ttnn.DataFormat.Float16_b}).set_page_size(index, 2048)
        ttnn.CreateCircularBuffer(program, CORE, ring)
    ttnn.CreateKernelFromString(program, FEED, CORE, ttnn.ReaderDataMovementConfig())
    source = HEAD + text.replace("BEFORE", "").replace("WORK", "relu_tile(0);")
    ttnn.CreateKernelFromString(program, source, CORE, ttnn.ComputeConfig())
    with pytest.raises(ttnn.KernelError, match="TT-SET-002"):
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)


def test_the_numbers_of_set_ups_are_the_emulators() -> None:
    assert {item.name: int(item) for item in SetUp} == {item.name: int(item) for item in tile_operations.SetUp}
    operations = [item.name.lower() for item in abi.BinaryOperation]
    assert [needed_call(SetUp.BINARY | number << 8).split("_")[0] for number in range(3)] == operations
    assert needed_call(SetUp.VECTOR | 2 << 8) == f"{VECTOR_FUNCTIONS[2]}_tile_init"
    assert needed_call(0xFFFFFF77) == "its initialisation"
