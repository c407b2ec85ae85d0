"""The program in which the vendor's vector operations were recorded, one file per operation, formats and chip."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

import tthal as ttnn

FOLDER = Path(os.environ.get("TTHAL_REFERENCE", "missing"), "golden_sfpu")
FILES = sorted(FOLDER.glob("*.npz"))
BOARDS = {"wh": "n150", "bh": "p150"}
OUTPUT = 16
"""The output's circular buffer."""

HEADERS = """
#include "api/compute/compute_kernel_api.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/cumsum.h"
#include "api/compute/eltwise_binary_sfpu.h"
#include "api/compute/eltwise_unary/sfpu_split_includes.h"
#include "api/compute/gcd.h"
#include "api/compute/lcm.h"
#include "api/compute/pack.h"
#include "api/compute/quantization.h"
#include "api/compute/reconfig_data_format.h"
#include "api/compute/tile_move_copy.h"
#include "api/compute/xlogy.h"
"""
KERNEL = """
template <bool starting>
static void operate(uint32_t which) {{
    switch (which) {{
        {cases}
    }}
}}
void kernel_main() {{
    const uint32_t tiles = get_arg_val<uint32_t>(0), which = get_arg_val<uint32_t>(1);
    compute_kernel_hw_startup(0, 16);
    operate<true>(which);
    for (uint32_t tile = 0; tile < tiles; tile++) {{
        tile_regs_acquire();
        {copies}
        operate<false>(which);
        tile_regs_commit();
        tile_regs_wait();
        cb_reserve_back(16, 1);
        pack_tile(0, 16);
        cb_push_back(16, 1);
        tile_regs_release();
    }}
}}
"""
CASE = "case {number}: {{ {init} if constexpr (!starting) {{ {call} }} return; }}"
TOGETHER = 12
"""So many operations share a kernel: most of the time goes into reading headers."""
COPY = """
        cb_wait_front({0}, 1);
        reconfig_data_format_srca({0});
        copy_init({0});
        copy_tile({0}, 0, {0});
        cb_pop_front({0}, 1);"""


def meta_of(path: Path) -> dict[str, Any]:
    """What a file says of itself."""
    with np.load(path) as stored:
        return dict(json.loads(str(stored["meta"])))


def kernel_of(statements: Iterable[tuple[str, str]], inputs: int) -> str:
    """Return the kernel that does the n-th of these operations, each an init and a call, when its argument is n."""
    cases = "\n".join(
        CASE.format(number=number, init=init, call=call) for number, (init, call) in enumerate(statements)
    )
    return HEADERS + KERNEL.format(cases=cases, copies="\n".join(COPY.format(cb) for cb in range(inputs)))


def config_of(wide: bool, ins: Iterable[str]) -> dict[str, Any]:
    """Return the compute kernel's settings: 32-bit inputs go straight to a 32-bit DST."""
    modes = [
        ttnn.UnpackToDestMode.UnpackToDestFp32 if name in ("fp32", "i32", "u32") else ttnn.UnpackToDestMode.Default
        for name in ins
    ]
    return {
        "fp32_dest_acc_en": wide,
        "math_fidelity": ttnn.MathFidelity.HiFi4,
        "unpack_to_dest_mode": modes if wide else [],
    }
