"""Rows that are tilized on their way to a reduction, as pooling does it, against numpy; on small integers, which are exact."""

# ruff: noqa: E501 - C++

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn
from tthal.errors import KernelError

F32 = npt.NDArray[np.float32]
WIDTH, CHUNKS = 3, 2
KERNEL = """
#include "api/compute/tilize.h"
void kernel_main() {{
    constexpr bool largest = REDUCE_OP == PoolType::MAX;
    compute_kernel_hw_startup(0, 1, 16);
    tilizeA_B_reduce_init<largest, !largest>(0, 1, {width});
    cb_wait_front(1, 1);
    cb_reserve_back(16, {width});
    tile_regs_acquire();
    for (uint32_t chunk = 0; chunk < {chunks}; chunk++) {{
        cb_wait_front(0, {width});
        {again}
        unpack_tilizeA_B_block<largest, true, false, !largest>(0, 1, {taken}, 0);
        for (uint32_t tile = 0; tile < {width}; tile++) reduce_tile_math(tile, {faces});
        cb_pop_front(0, {width});
    }}
    tile_regs_commit();
    tile_regs_wait();
    for (uint32_t tile = 0; tile < {width}; tile++) pack_tile(tile, 16);
    tile_regs_release();
    unpack_tilizeA_B_uninit(0);
    cb_push_back(16, {width});
}}
"""


def bfloat16(values: F32) -> npt.NDArray[np.uint8]:
    return (values.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8)


@pytest.fixture
def run(benches: Callable[[str], Any], tensor: Any) -> Callable[..., F32]:
    """Reduce chunks of rows (chunks, height, 32 * WIDTH); returns tiles (WIDTH, 32, 32)."""

    def launch(rows: F32, operation: str, scaler: float, selection: str = "emulator", **changes: Any) -> F32:
        height = rows.shape[1]
        faces = 2 if height <= 16 else 4
        text = {"width": WIDTH, "chunks": CHUNKS, "taken": WIDTH, "faces": faces, "again": "", **changes}
        data = bfloat16(rows).reshape(CHUNKS * WIDTH, height * 64)
        inputs = [
            tensor(0, ttnn.DataFormat.Float16_b, data, (height, 32)),
            tensor(1, ttnn.DataFormat.Float16_b, bfloat16(np.full((1, 1024), scaler, np.float32))),
        ]
        out = tensor(16, ttnn.DataFormat.Float32, np.zeros((WIDTH, 4096), np.uint8))
        defines = {"REDUCE_OP": f"PoolType::{operation}", "REDUCE_DIM": "ReduceDim::REDUCE_COL"}
        settings = {"defines": defines, "fp32_dest_acc_en": True}
        found = benches(selection).run(KERNEL.format(**text), inputs, [out], **settings)[0]
        tiles: F32 = found.view(np.float32).reshape(WIDTH, 2, 2, 16, 16).swapaxes(2, 3).reshape(WIDTH, 32, 32)
        return tiles

    return launch


def rows_of(height: int) -> F32:
    return np.random.default_rng(height).integers(-40, -8, (CHUNKS, height, 32 * WIDTH)).astype(np.float32)


@pytest.mark.parametrize("selection", ["emulator", "emulator?numerics=fast", "emulator:p150"])
@pytest.mark.parametrize("height", [32, 16, 4])
def test_maxima_and_sums_of_columns(run: Callable[..., F32], height: int, selection: str) -> None:
    rows = rows_of(height)
    best = run(rows, "MAX", 1.0, selection)[:, 0].reshape(-1)
    assert np.array_equal(best, rows.max(axis=(0, 1)))
    total = run(rows, "SUM", 0.25, selection)[:, 0].reshape(-1)
    assert np.array_equal(total, rows.sum(axis=(0, 1)) / 4)


def test_the_unpacker_may_be_set_up_anew(run: Callable[..., F32]) -> None:
    rows = rows_of(16)
    again = "UNPACK((llk_unpack_tilizeA_B_init<largest, true, false, !largest>(0, 1, 3)));"
    assert np.array_equal(run(rows, "MAX", 1.0, again=again)[:, 0].reshape(-1), rows.max(axis=(0, 1)))


@pytest.mark.parametrize(
    ("changes", "text"),
    [({"taken": 2}, "a tile that the unpacker did not provide"), ({"faces": 4}, "reduces 4 faces per tile")],
)
def test_what_the_unpacker_did_not_provide_is_an_error(
    run: Callable[..., F32], changes: dict[str, int], text: str
) -> None:
    with pytest.raises(KernelError, match=text):
        run(rows_of(16), "MAX", 1.0, **changes)


def test_rows_of_block_floats_are_an_error(benches: Callable[[str], Any], tensor: Any) -> None:
    inputs = [
        tensor(0, ttnn.DataFormat.Bfp8_b, np.zeros((WIDTH * CHUNKS, 1088), np.uint8)),
        tensor(1, ttnn.DataFormat.Float16_b, np.zeros((1, 2048), np.uint8)),
    ]
    out = tensor(16, ttnn.DataFormat.Float32, np.zeros((WIDTH, 4096), np.uint8))
    text = KERNEL.format(width=WIDTH, chunks=CHUNKS, taken=WIDTH, faces=4, again="")
    defines = {"REDUCE_OP": "PoolType::MAX", "REDUCE_DIM": "ReduceDim::REDUCE_COL"}
    with pytest.raises(KernelError, match="rows of Bfp8_b cannot be tilized"):
        benches("emulator").run(text, inputs, [out], defines=defines)
