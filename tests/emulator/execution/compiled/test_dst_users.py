"""Whatever looks at DST finds the products that another thread may still be at."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn
from tthal_conformance.compute_bench import ComputeBench, Tensor

CORES = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 0))
ROUNDS, STEPS = 3, 12
COMPUTE = f"""
#include "api/compute/compute_kernel_api.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/copy_dest_values.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/eltwise_binary_sfpu.h"
#include "api/compute/eltwise_unary/negative.h"
#include "api/compute/matmul.h"
#include "api/compute/tile_move_copy.h"
void step(uint32_t word) {{
    const uint32_t a = word & 3, b = word >> 2 & 3, i = word >> 4 & 1, j = word >> 5 & 1;
    switch (word >> 6) {{
        case 0: copy_tile_to_dst_init_short(0); copy_tile(0, i, a); break;
        case 1: negative_tile_init(); negative_tile(a); break;
        case 2: abs_tile_init(); abs_tile(a); break;
        case 3: copy_dest_values_init(); copy_dest_values(a, b); break;
        case 4: add_tiles_init(0, 1); add_tiles(0, 1, i, j, a); break;
        case 5: add_binary_tile_init(); add_binary_tile(a, b, a); break;
        default: matmul_init(0, 1); matmul_tiles(0, 1, i, j, a);
    }}
}}
void kernel_main() {{
    compute_kernel_hw_startup<SrcOrder::Reverse>(0, 1, 16);
    cb_wait_front(0, 2);
    cb_wait_front(1, 2);
    for (uint32_t round = 0; round < {ROUNDS}; round++) {{
        tile_regs_acquire();
        for (uint32_t i = 0; i < {STEPS}; i++) step(get_arg_val<uint32_t>(round * {STEPS} + i));
        tile_regs_commit();
        tile_regs_wait();
        cb_reserve_back(16, 4);
        for (uint32_t i = 0; i < 4; i++) pack_tile(i, 16);
        cb_push_back(16, 4);
        tile_regs_release();
    }}
}}"""


def random_steps(rng: np.random.Generator) -> list[int]:
    """Half of them products; the two tiles of a step differ."""
    kinds = rng.choice(7, ROUNDS * STEPS, p=[1 / 12] * 6 + [1 / 2])
    first, distance = rng.integers(0, 4, kinds.size), rng.integers(1, 4, kinds.size)
    return [
        int(word) for word in first | (first + distance) % 4 << 2 | rng.integers(0, 4, kinds.size) << 4 | kinds << 6
    ]


def results(options: str, seeds: range) -> list[npt.NDArray[np.uint8]]:
    found = []
    output = Tensor(16, ttnn.DataFormat.Float16_b, np.zeros((ROUNDS * 4, 2048), np.uint8), depth=8)
    with ttnn.open_device(0, backend=f"emulator{options}") as device:
        bench = ComputeBench(device, CORES)
        for seed in seeds:
            rng = np.random.default_rng(seed)
            pages = rng.standard_normal((2, 2, 1024)).astype(ml_dtypes.bfloat16).view(np.uint8)
            inputs = [Tensor(cb, ttnn.DataFormat.Float16_b, each) for cb, each in enumerate(pages)]
            found += bench.run(COMPUTE, inputs, [output], random_steps(rng))
    return found


@pytest.mark.parametrize("options", ["", "?jobs=1", "?memory=shared", "?seed=3"])
def test_products_and_other_users_of_dst(options: str) -> None:
    np.testing.assert_array_equal(results(options, range(20)), results("?math=numpy", range(20)))
