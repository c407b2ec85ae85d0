"""compute_kernel_hw_startup in its parts, thread by thread, as kernels do it that include the low-level layer."""

# ruff: noqa: E501 - C++

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import pytest

import tthal as ttnn

KERNEL = """
#include "api/compute/common.h"
#include "api/compute/eltwise_binary.h"
#include "tt-metalium/experimental/fabric/fabric_edm_types.hpp"
#ifdef TRISC_UNPACK
#include "llk_unpack_common_api.h"
#endif
#ifdef TRISC_MATH
#include "llk_math_common_api.h"
#endif
#ifdef TRISC_PACK
#include "llk_pack_common_api.h"
#endif

static_assert(tt::tt_fabric::is_ring_or_torus(tt::tt_fabric::Topology::Torus) && !tt::tt_fabric::is_2D_topology(tt::tt_fabric::Topology::Ring));

template <bool fp32_dest_acc_en = false>
ALWI void start(uint32_t in0, uint32_t in1, uint32_t out) {
    UNPACK((llk_unpack_hw_configure<fp32_dest_acc_en>(in0, in1)));
    MATH((llk_math_pack_sync_init<fp32_dest_acc_en>()));
    MATH((llk_math_hw_configure<fp32_dest_acc_en>(in0, in1)));
    PACK((llk_pack_init<false, false, false>(out)));
    PACK((llk_pack_hw_configure<fp32_dest_acc_en>(out)));
    PACK((llk_pack_dest_init<fp32_dest_acc_en, false>(out)));
}

void kernel_main() {
    start<%s>(0, 1, 16);
    add_tiles_init(0, 1);
    cb_wait_front(0, 1);
    cb_wait_front(1, 1);
    cb_reserve_back(16, 1);
    tile_regs_acquire();
    add_tiles(0, 1, 0, 0, 0);
    tile_regs_commit();
    tile_regs_wait();
    pack_tile(0, 16);
    tile_regs_release();
    cb_push_back(16, 1);
}
"""


@pytest.mark.parametrize("wide", [False, True])
def test_a_sum_after_a_start_in_parts(wide: bool, benches: Callable[[str], Any], tensor: Any) -> None:
    a, b = np.random.default_rng(3).integers(-8, 9, (2, 1024)).astype(ml_dtypes.bfloat16)
    inputs = [
        tensor(cb, ttnn.DataFormat.Float16_b, values.view(np.uint8).reshape(1, -1)) for cb, values in enumerate((a, b))
    ]
    out = tensor(16, ttnn.DataFormat.Float16_b, np.zeros((1, 2048), np.uint8))
    source = KERNEL % str(wide).lower()
    found = benches("emulator").run(source, inputs, [out], fp32_dest_acc_en=wide)[0]
    assert np.array_equal(np.asarray(found).reshape(-1).view(ml_dtypes.bfloat16), a + b)
