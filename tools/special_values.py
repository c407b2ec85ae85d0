"""What operations of the exact vector unit make of special values, by DST mode and chip.

``python tools/special_values.py`` prints the tables of docs/sfpu.md; ``--write`` puts them there. Every number is what
the emulator computes: one kernel per chip and DST mode runs each operation on a tile of the values.
"""

from __future__ import annotations

import argparse
import math
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

import tthal as ttnn

PAGE = Path(__file__).resolve().parents[1] / "docs" / "sfpu.md"
BEGIN, END = "<!-- special values: python tools/special_values.py --write -->", "<!-- end of special values -->"
CORE, BASE, TILE_BYTES = ttnn.CoreCoord(0, 0), 0x80000, 4096
CHIPS = {"Wormhole": "n150", "Blackhole": "p150"}
VALUES = {
    "0": 0x00000000,
    "-0": 0x80000000,
    "denormal": 0x00400000,
    "1": 0x3F800000,
    "-1": 0xBF800000,
    "3e9": 0x4F32D05E,
    "largest": 0x7F7F0000,
    "inf": 0x7F800000,
    "-inf": 0xFF800000,
    "NaN": 0x7FC00000,
    "-NaN": 0xFFC00000,
}
ONE, TWO_AND_A_HALF, LIMIT = 0x3F800000, 0x40200000, 0x41A00000


def plain(names: str) -> dict[str, str]:
    """Return calls of operations without parameters."""
    return {name: f"{name}_tile(0)" for name in names.split()}


UNARY = {
    **plain("abs negative sign signbit square sqrt rsqrt recip"),
    **plain("exp exp2 expm1 log log1p sigmoid tanh silu erf erfc erfinv"),
    "exp, approximate": "exp_tile<true>(0)",
    "gelu": "gelu_tile<false>(0)",
    "gelu, approximate": "gelu_tile<true>(0)",
    "softplus": f"softplus_tile(0, {ONE}, {ONE}, {LIMIT})",
    **plain("softsign hardsigmoid relu sin cos tan asin acos atan"),
    **plain("sinh cosh asinh acosh atanh cbrt digamma i0 i1"),
    "lgamma": "lgamma_stirling_tile(0)",
    **plain("floor ceil trunc frac"),
    **plain("isinf isnan isfinite eqz nez ltz lez gtz gez"),
    "logical_not": "logical_not_tile<DataFormat::Float32>(0)",
    "power 2.5": f"power_tile(0, {TWO_AND_A_HALF})",
    "times 0": "mul_unary_tile(0, 0)",
    "plus 0": "add_unary_tile(0, 0)",
    "divided by itself": "copy_dest_values<DataFormat::Float32>(0, 1); div_binary_tile(0, 1, 0)",
    "larger of it and 1": f"unary_max_tile(0, {ONE})",
    "smaller of it and 1": f"unary_min_tile(0, {ONE})",
}
CASTS = {
    "to Int32": "typecast_tile<(uint32_t)DataFormat::Float32, (uint32_t)DataFormat::Int32>(0)",
    "to UInt32": "typecast_tile<(uint32_t)DataFormat::Float32, (uint32_t)DataFormat::UInt32>(0)",
}
KERNEL = """
#include "api/compute/compute_kernel_api.h"
#include "api/compute/copy_dest_values.h"
#include "api/compute/eltwise_binary_sfpu.h"
#include "api/compute/eltwise_unary/sfpu_split_includes.h"
void calculate(uint32_t which) {{
    switch (which) {{
{cases}
    }}
}}
void kernel_main() {{
    const uint8_t* in = (const uint8_t*)get_arg_val<uint32_t>(0);
    uint8_t* out = (uint8_t*)in + {size};
    for (uint32_t which = 0; which < {count}; which++) {{
        tile_regs_acquire();
        __builtin_memcpy(tthal::tensix::math_tile(0), in, {size});
        calculate(which);
        __builtin_memcpy(out + which * {size}, tthal::tensix::math_tile(0), {size});
        tile_regs_commit();
        tile_regs_wait();
        tile_regs_release();
    }}
}}
"""
U32 = npt.NDArray[np.uint32]


def results(board: str, wide: bool) -> U32:
    """Return patterns, (operations, values)."""
    calls = [*UNARY.values(), *(CASTS.values() if wide else ())]
    cases = "\n".join(f"case {i}: {{ {call}; break; }}" for i, call in enumerate(calls))
    tile = np.zeros(TILE_BYTES // 4, np.uint32)
    tile[: len(VALUES)] = list(VALUES.values())
    with ttnn.open_device(0, backend=f"emulator:{board}?numerics=exact") as device:
        ttnn.WriteToDeviceL1(device, CORE, BASE, tile.tobytes())
        program = ttnn.CreateProgram()
        source = KERNEL.format(cases=cases, count=len(calls), size=TILE_BYTES)
        kernel = ttnn.CreateKernelFromString(program, source, CORE, ttnn.ComputeConfig(fp32_dest_acc_en=wide))
        ttnn.SetRuntimeArgs(program, kernel, CORE, [BASE])
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        raw = bytes(ttnn.ReadFromDeviceL1(device, CORE, BASE + TILE_BYTES, len(calls) * TILE_BYTES))
    return np.frombuffer(raw, np.uint32).reshape(len(calls), -1)[:, : len(VALUES)]


def number(pattern: int, integer: bool = False) -> str:
    """Write a pattern as a reader expects it; NaN with their signs."""
    if integer:
        return str(pattern)
    value = float(struct.unpack("<f", struct.pack("<I", pattern))[0])
    sign = "-" if pattern >> 31 else ""
    if math.isnan(value):
        return f"{sign}NaN"
    return f"{sign}0" if value == 0.0 else f"{value:.6g}"


def table(wide: bool) -> list[str]:
    """Return one DST mode's table; cells say both chips' numbers where they differ."""
    wormhole, blackhole = (results(board, wide) for board in CHIPS.values())
    lines = [f"| {'32' if wide else '16'}-bit DST | " + " | ".join(VALUES) + " |", "| --- " * (len(VALUES) + 1) + "|"]
    for i, name in enumerate([*UNARY, *(CASTS if wide else ())]):
        integer = name in CASTS
        pairs = [
            (number(int(one), integer), number(int(other), integer))
            for one, other in zip(wormhole[i], blackhole[i], strict=True)
        ]
        cells = [one if one == other else f"{one} / {other}" for one, other in pairs]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def main() -> int:
    """Print the tables, or write them into the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.name}")
    options = parser.parse_args()
    text = "\n".join([BEGIN, "", *table(False), "", *table(True), "", END])
    if not options.write:
        print(text)
        return 0
    page = PAGE.read_text(encoding="utf-8")
    before, after = page[: page.index(BEGIN)], page[page.index(END) + len(END) :]
    PAGE.write_text(before + text + after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
