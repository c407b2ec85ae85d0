"""Sums of rows as chips give them where the bit-exact simulators give something else (numerics.md §10.5)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tthal as ttnn

F = ttnn.DataFormat
KERNEL = """
#include "api/compute/reduce.h"

void kernel_main() {
    compute_kernel_hw_startup<SrcOrder::Reverse>(0, 1, 16);
    reduce_init<PoolType::SUM, ReduceDim::REDUCE_ROW>(0, 1, 16);
    cb_wait_front(0, 1);
    cb_wait_front(1, 1);
    cb_reserve_back(16, 1);
    tile_regs_acquire();
    reduce_tile<PoolType::SUM, ReduceDim::REDUCE_ROW>(0, 1, 0, 0, 0);
    tile_regs_commit();
    tile_regs_wait();
    pack_tile(0, 16);
    tile_regs_release();
    cb_push_back(16, 1);
}
"""
REPORTED = [1.265625, 1.7890625, 0.271484375, 1.671875]  # tt-metal #17012
EXACT, CUT = 5.0, 4.96875


@pytest.mark.parametrize("rest", ["", "&fast=off"], ids=["compiled", "numpy"])
@pytest.mark.parametrize("board", ["n150", "p150"])
@pytest.mark.parametrize(
    ("data", "scaler", "wide", "follow", "wanted"),
    [
        (F.Float32, F.Float16_b, True, "silicon", CUT),
        (F.Float32, F.Float16_b, True, "simulator", EXACT),
        (F.Float32, F.Float32, True, "silicon", EXACT),
        (F.Float16_b, F.Float16_b, True, "silicon", EXACT),
        (F.Float32, F.Float16_b, False, "silicon", EXACT),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_the_reported_sum(
    data: F, scaler: F, wide: bool, follow: str, wanted: float, board: str, rest: str, benches: Any, tensor: Any
) -> None:
    row, ones = np.zeros((4, 16, 16), np.float32), np.zeros((4, 16, 16), np.float32)
    row[0, 3, :4] = REPORTED
    ones[:, 0] = 1.0
    bench = benches(f"emulator:{board}?numerics=exact&follow={follow}{rest}")
    inputs = [tensor(0, data, _page(row, data)), tensor(1, scaler, _page(ones, scaler))]
    target = tensor(16, F.Float16_b, np.zeros((1, 2048), np.uint8))
    (packed,) = bench.run(KERNEL, inputs, [target], [], fp32_dest_acc_en=wide)
    sums = (packed.view(np.uint16).astype(np.uint32) << 16).view(np.float32).reshape(4, 16, 16)
    assert sums[0, 3, 0] == wanted
    assert np.count_nonzero(sums) == 1


def _page(faces: Any, form: F) -> Any:
    bits = faces.view(np.uint32)
    return (bits if form is F.Float32 else (bits >> 16).astype(np.uint16)).reshape(1, -1).view(np.uint8)
