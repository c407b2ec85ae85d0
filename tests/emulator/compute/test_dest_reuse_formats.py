"""DST as an operand beside tiles of other formats: SrcA's format decides what is left of it (numerics.md §4.8).

libtt_metal 0.81.1 gives these values on ttsim and on wolfpine 2.2, both chips; they follow from the formats alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tthal as ttnn
from tthal.tiles import encode
from tthal_conformance.compute_bench import ComputeBench, Tensor

F = ttnn.DataFormat
FINE = 1 + 2**-9
"""Whole in TF32; bfloat16 cuts it to 1."""

KERNEL = """
#include "api/compute/common.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/pack.h"
#include "api/compute/reconfig_data_format.h"
#include "api/compute/tile_move_copy.h"

void kernel_main() {
    constexpr auto REUSE = EltwiseBinaryReuseDestType::DEST_TO_%s;
    compute_kernel_hw_startup(0, 1, 16);
    add_init(0, 1);
    cb_wait_front(0, 1);
    cb_wait_front(1, 1);
    tile_regs_acquire();
    add_tiles(0, 1, 0, 0, 0);
    %s;
    sub_reuse_dest_init<REUSE>(1);
    sub_reuse_dest_tiles<REUSE>(1, 0, 0);
    tile_regs_commit();
    cb_reserve_back(16, 1);
    tile_regs_wait();
    pack_tile(0, 16);
    tile_regs_release();
    cb_push_back(16, 1);
}
"""


@pytest.fixture(scope="module", params=["wormhole_b0", "blackhole"])
def arch(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module", params=["numerics=fast", "numerics=exact", "numerics=exact&fast=off"])
def bench(request: pytest.FixtureRequest, arch: str) -> Iterator[ComputeBench]:
    board = {"wormhole_b0": "n150", "blackhole": "p150"}[arch]
    with ttnn.open_device(0, backend=f"emulator:{board}?{request.param}") as device:
        yield ComputeBench(device)


def run(bench: ComputeBench, reuse: str, a: tuple[Any, float], b: tuple[Any, float]) -> Any:
    """Return the first element of (a + b) - b, or b - (a + b), of tiles filled with a number each."""
    inputs = [
        Tensor(index, data_format, encode(np.full((1, 1024), value, np.float32), data_format).reshape(1, -1))
        for index, (data_format, value) in enumerate((a, b))
    ]
    output = Tensor(16, F.Float32, np.zeros((1, 4096), np.uint8))
    again = "reconfig_data_format_srca(1)" if reuse == "SRCB" else ""
    (found,) = bench.run(KERNEL % (reuse, again), inputs, [output], fp32_dest_acc_en=True)
    return found.view(np.float32)[0, 0]


def test_float32_in_srca_keeps_tf32(bench: ComputeBench) -> None:
    assert run(bench, "SRCA", (F.Float32, FINE), (F.Float16_b, 1.0)) == FINE


def test_bfloat16_in_srca_cuts_to_bfloat16(bench: ComputeBench) -> None:
    assert run(bench, "SRCA", (F.Float16_b, 1.0), (F.Float32, FINE)) == 2 - FINE


def test_srcb_takes_the_width_of_srca(bench: ComputeBench) -> None:
    """The tile goes to SrcA, so its own format decides."""
    assert run(bench, "SRCB", (F.Float16_b, 1.0), (F.Float32, FINE)) == -1
    assert run(bench, "SRCB", (F.Float32, FINE), (F.Float16_b, 1.0)) == -1


def test_float16_reads_the_upper_half_of_a_32_bit_dst(bench: ComputeBench) -> None:
    """1.0, whose exponent 127 is 3 * 32 + 31, becomes 2**16 * (1 + 3 / 1024)."""
    assert run(bench, "SRCA", (F.Float16, 1.0), (F.Float16, 0.0)) == 65728
