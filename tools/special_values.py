"""What operations of the exact vector unit make of special values, by DST mode and chip.

``python tools/special_values.py`` prints the tables of docs/sfpu.md; ``--write`` puts them there. Every number is what
the emulator computes: one kernel per chip and DST mode runs each operation on a tile of the values.
"""

from __future__ import annotations

import argparse
import math
import struct
from collections.abc import Callable, Iterable, Mapping
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
INTEGERS = {
    "0": 0,
    "1": 1,
    "-1": 0xFFFFFFFF,
    "2^16": 1 << 16,
    "largest": 0x7FFFFFFF,
    "smallest": 0x80000000,
    "smallest + 1": 0x80000001,
}
INTEGER_NAMES = "abs negative relu signbit eqz nez ltz lez gtz gez"
TWICE, MINUS_ONE = "copy_dest_values<DataFormat::Int32>(0, 1); ", "0xFFFFFFFFu"
OF_INTEGERS = {
    **{name: call.replace("_tile(", "_tile_int32(") for name, call in plain(INTEGER_NAMES).items()},
    "logical_not": "logical_not_tile<DataFormat::Int32>(0)",
    "bitwise_not": "bitwise_not_tile(0)",
    "left_shift 1": "left_shift_tile<DataFormat::Int32>(0, 1)",
    "right_shift 1": "right_shift_tile<DataFormat::Int32>(0, 1)",
    "right_shift 31": "right_shift_tile<DataFormat::Int32>(0, 31)",
    "plus 1": "add_unary_tile_int32(0, 1)",
    "minus 1": "sub_unary_tile_int32(0, 1)",
    "plus itself": TWICE + "add_int_tile<DataFormat::Int32>(0, 1, 0)",
    "minus itself": TWICE + "sub_int_tile<DataFormat::Int32>(0, 1, 0)",
    "times itself": TWICE + "mul_int_tile<DataFormat::Int32>(0, 1, 0)",
    "larger of it and -1": f"unary_max_int32_tile(0, {MINUS_ONE})",
    "smaller of it and -1": f"unary_min_int32_tile(0, {MINUS_ONE})",
    "larger of it and 1, as UInt32": "unary_max_uint32_tile(0, 1)",
}
FROM_INTEGERS = {
    kind: f"typecast_tile<(uint32_t)DataFormat::{kind}, (uint32_t)DataFormat::Float32>(0)"
    for kind in ("Int32", "UInt32")
}
# Where the algorithms of the vendor's kernels change over, or their range ends (see the functions in
# kernel_side/include/tthal/vector), and what lies just beyond.
BRANCH_POINTS = {
    "exp": (88.5, 89.0, -87.5, -88.5, -126.0),
    "exp, approximate": (88.5, 89.0, -42.0, -43.0, -88.5),
    "exp2": (127.5, 128.0, -126.0, -127.0),
    "expm1": (0.25, -0.25, 88.5, 89.0, -17.5),
    "log": (0.5, 0.9921875, 1.0078125, 2.0),
    "log1p": (-0.9921875, -0.5, 0.25, 0.5),
    "sigmoid": (4.0, 5.0, -4.0, -5.0, -88.5),
    "tanh": (2.0, 3.0, 4.0, 9.0, 9.5),
    "silu": (5.0, -5.0, -88.5),
    "erf": (0.5, 1.0, 3.0, 4.0),
    "erfc": (1.0, 3.0, 4.0, 10.0, -3.0),
    "erfinv": (0.5, 0.9921875, -0.9921875, 1.0078125),
    "gelu": (3.0, -3.0, -5.0, -5.5, -13.5),
    "gelu, approximate": (3.0, -3.0, -5.0, -5.5),
    "softplus": (-40.0, -15.25, -5.0, 19.875, 20.0, 20.125),
    "hardsigmoid": (3.0, -3.0, 3.015625, -2.984375),
    "sin": (3.140625, 6.28125, 1024.0, 131072.0, 2.0**30),
    "cos": (1.5703125, 3.140625, 1024.0, 131072.0, 2.0**30),
    "tan": (1.5703125, 1.578125, 1024.0, 131072.0),
    "asin": (0.5, 1.0, 1.0078125),
    "acos": (0.5, -1.0, 1.0078125),
    "atan": (1.0, 1.0078125, 131072.0),
    "acosh": (0.9921875, 1.0, 1.0078125, 2.0**30),
    "atanh": (0.9921875, 1.0, 1.0078125),
    "asinh": (-131072.0, 2.0**30),
    "sinh": (88.5, 89.0, -89.0),
    "cosh": (88.5, 89.0, -89.0),
    "i0": (10.0, 10.125, 20.0),
    "i1": (10.0, 10.125, 20.0),
    "digamma": (0.0078125, 1.0, 5.0, -0.5),
    "lgamma": (0.5, 1.0, 2.0, -0.5),
    "floor": (-0.5, 127.5, 2.0**23, 2.0**30),
    "ceil": (-0.5, 127.5, 2.0**23, 2.0**30),
    "trunc": (-0.5, 127.5, 2.0**23, 2.0**30),
    "frac": (-0.5, 127.5, 2.0**23, 2.0**30),
}
POINTS = {
    f"{point:.8g}": struct.unpack("<I", struct.pack("<f", point))[0]
    for point in sorted({point for points in BRANCH_POINTS.values() for point in points})
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


def results(board: str, wide: bool, calls: Iterable[str], values: Iterable[int]) -> U32:
    """Return patterns, (operations, values)."""
    calls, values = list(calls), list(values)
    cases = "\n".join(f"case {i}: {{ {call}; break; }}" for i, call in enumerate(calls))
    tile = np.zeros(TILE_BYTES // 4, np.uint32)
    tile[: len(values)] = values
    # The checks would ask for an init before each of them, and for pages to write to.
    with ttnn.open_device(0, backend=f"emulator:{board}?numerics=exact&check=off") as device:
        ttnn.WriteToDeviceL1(device, CORE, BASE, tile.tobytes())
        program = ttnn.CreateProgram()
        source = KERNEL.format(cases=cases, count=len(calls), size=TILE_BYTES)
        kernel = ttnn.CreateKernelFromString(program, source, CORE, ttnn.ComputeConfig(fp32_dest_acc_en=wide))
        ttnn.SetRuntimeArgs(program, kernel, CORE, [BASE])
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        raw = bytes(ttnn.ReadFromDeviceL1(device, CORE, BASE + TILE_BYTES, len(calls) * TILE_BYTES))
    return np.frombuffer(raw, np.uint32).reshape(len(calls), -1)[:, : len(values)]


def real(pattern: int) -> str:
    """Write a float32's pattern as a reader expects it; zeros and NaN with their signs."""
    value = float(struct.unpack("<f", struct.pack("<I", pattern))[0])
    sign = "-" if pattern >> 31 else ""
    if math.isnan(value):
        return f"{sign}NaN"
    return f"{sign}0" if value == 0.0 else f"{value:.6g}"


def signed(pattern: int) -> str:
    """Write a pattern as a 32-bit integer."""
    return str(pattern - (1 << 32) if pattern >> 31 else pattern)


def both_chips(
    wide: bool, calls: Mapping[str, str], values: Mapping[str, int], written: Callable[[int], str]
) -> dict[str, list[str]]:
    """Return by operation what each value becomes; both chips' numbers where they differ."""
    chips = [results(board, wide, calls.values(), values.values()).tolist() for board in CHIPS.values()]
    return {
        name: [
            written(a) if written(a) == written(b) else f"{written(a)} / {written(b)}"
            for a, b in zip(one, other, strict=True)
        ]
        for name, one, other in zip(calls, *chips, strict=True)
    }


def table(title: str, columns: Iterable[str], rows: Mapping[str, list[str]]) -> list[str]:
    """Return a table's lines, with an empty one after it."""
    head = [title, *columns]
    lines = [head, ["---"] * len(head), *([name, *cells] for name, cells in rows.items())]
    return [*("| " + " | ".join(cells) + " |" for cells in lines), ""]


def branch_points() -> dict[str, list[str]]:
    """Return by operation "point: result" lists, for a 16-bit and a 32-bit DST."""
    calls = {name: UNARY[name] for name in BRANCH_POINTS}
    places = list(POINTS)
    columns = [both_chips(wide, calls, POINTS, real) for wide in (False, True)]
    return {
        name: [
            ", ".join(f"{point:.8g}: {found[name][places.index(f'{point:.8g}')]}" for point in points)
            for found in columns
        ]
        for name, points in BRANCH_POINTS.items()
    }


def text() -> str:
    """Return what stands between the page's two marks."""
    lines = [BEGIN, ""]
    for wide in (False, True):
        lines += table(f"{32 if wide else 16}-bit DST", VALUES, both_chips(wide, UNARY, VALUES, real))
    lines += table("float32 to integers", VALUES, both_chips(True, CASTS, VALUES, str))
    lines += table("Int32, 32-bit DST", INTEGERS, both_chips(True, OF_INTEGERS, INTEGERS, signed))
    lines += table("integers to float32", INTEGERS, both_chips(True, FROM_INTEGERS, INTEGERS, real))
    lines += table("branch points", ("16-bit DST", "32-bit DST"), branch_points())
    return "\n".join([*lines, END])


def main() -> int | str:
    """Print the tables, write them into the page, or compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.name}")
    parser.add_argument("--check", action="store_true", help=f"say whether {PAGE.name} is what would be written")
    options = parser.parse_args()
    page, tables = PAGE.read_text(encoding="utf-8"), text()
    after = page[: page.index(BEGIN)] + tables + page[page.index(END) + len(END) :]
    if options.check:
        return 0 if page == after else f"{PAGE.name} is older than the code: python tools/special_values.py --write"
    if options.write:
        PAGE.write_text(after, encoding="utf-8")
    else:
        print(tables)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
