"""Tiles, and products of tiles, to one number within DST, on small integers, whose sums are exact, in both grades."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn
from tthal.errors import KernelError

F32 = npt.NDArray[np.float32]
KERNEL = """
#include "api/compute/experimental/sum_reduce_scalar.h"
#include "api/compute/experimental/mul_reduce_scalar.h"
void kernel_main() {{
    compute_kernel_hw_startup(0, 1, 16);
    cb_wait_front(0, {tiles});
    cb_wait_front(1, {tiles});
    cb_reserve_back(16, 1);
    tile_regs_acquire();
    {work}
    tile_regs_commit();
    tile_regs_wait();
    pack_tile(0, 16);
    tile_regs_release();
    mul_reduce_scalar_uninit();
    cb_push_back(16, 1);
}}
"""
MUL = "mul_reduce_scalar_init(0, 1); mul_reduce_scalar_tile<PoolType::SUM, DST_ACCUM_MODE{}>"
WORK = {
    "sum": "sum_reduce_scalar_init(0); sum_reduce_scalar_tile(0, 16, {tiles}, {scaler}f);",
    "mul": MUL.format("") + "(0, 1, 16, {tiles}, {scaler}f);",
    "mul, without the output's buffer": (
        "mul_reduce_scalar_init(0, 1); ckernel::mul_reduce_scalar_tile<PoolType::SUM>(0, 1, {tiles}, {scaler}f);"
    ),
    "one": MUL.format(", true") + "(0, 1, 16, {tiles}, {scaler}f);",
}


def bfloat16(values: F32) -> npt.NDArray[np.uint8]:
    return (values.view(np.uint32) >> 16).astype(np.uint16).view(np.uint8)


def expected(name: str, a: F32, b: F32, scaler: float) -> float:
    return float((a if name == "sum" else a * b).sum(dtype=np.float64)) * scaler**2


@pytest.fixture
def run(benches: Callable[[str], Any], tensor: Any) -> Callable[..., F32]:
    """Reduce tiles; returns the tile that was packed, face by face."""

    def launch(name: str, a: F32, b: F32, scaler: float, selection: str) -> F32:
        tiles = len(a)
        inputs = [tensor(cb, ttnn.DataFormat.Float16_b, bfloat16(each)) for cb, each in ((0, a), (1, b))]
        out = tensor(16, ttnn.DataFormat.Float32, np.zeros((1, 4096), np.uint8))
        text = KERNEL.format(tiles=tiles, work=WORK[name].format(tiles=tiles, scaler=scaler))
        found = benches(selection).run(text, inputs, [out], fp32_dest_acc_en=True)[0]
        packed: F32 = found.view(np.float32).reshape(-1)
        return packed

    return launch


def integers(tiles: int, seed: int) -> F32:
    return np.random.default_rng(seed).integers(-3, 6, (tiles, 1024)).astype(np.float32)


@pytest.mark.parametrize("name", WORK)
@pytest.mark.parametrize("selection", ["emulator", "emulator?numerics=fast"])
@pytest.mark.parametrize(("tiles", "scaler"), [(1, 1.0), (4, 0.5)])
def test_the_sum_of_all_elements(run: Callable[..., F32], name: str, selection: str, tiles: int, scaler: float) -> None:
    # Each product, and each sum of a column, is a bfloat16: what goes back to SrcA loses nothing.
    a, b = np.sign(integers(tiles, 1)), np.sign(integers(tiles, 2))
    packed = run(name, a, b, scaler, selection)
    assert packed[0] == expected(name, a, b, scaler) != 0
    assert not packed[1:].any(), "the packer keeps the first element only"


def test_more_tiles_than_dst_holds(run: Callable[..., F32]) -> None:
    with pytest.raises(KernelError, match="DST tile 4 does not exist: 4 fit"):
        run("sum", integers(5, 1), integers(5, 2), 1.0, "emulator")
