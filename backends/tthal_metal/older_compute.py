"""Names of the compute API that later releases dropped, as functions of today's names.

The initialisations were renamed (``mm_init_short`` to ``matmul_init``, ``add_tiles_init`` to ``add_init`` …), and those
that also set up the units were split into ``compute_kernel_hw_startup`` and the initialisation proper. Older names and
what they did: ``tt_metal/hw/inc/api/compute`` of April 2026; today's: the same folder of 0.81.1.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

from tthal.device_interface import KernelContent

HEADER = "tthal_older_compute.h"
_COMPUTE = "tt_metal/hw/inc/api/compute"
_NEEDED = tuple(
    f"api/compute/{name}.h"
    for name in (
        "common", "compute_kernel_hw_startup", "reconfig_data_format", "tile_move_copy", "eltwise_binary", "bcast",
        "matmul", "transpose", "transpose_dest", "tilize", "pack",
    )
)  # fmt: skip
_DEFINED = re.compile(r"^[^/\n]*\bALWI\s+\w+\s+(\w+)\(", re.MULTILINE)
_CALLED = re.compile(r"\b(\w+)(?:<[^>]*>)?\(")
_OPERATIONS = ("ELWADD", "ELWSUB", "ELWMUL")
"""Were at global scope, and are members of a scoped enumeration."""

_AB = "uint32_t a = 0, uint32_t b = 1"
_DIMENSIONS = "uint32_t transpose = 0, uint32_t ct = 1, uint32_t rt = 1, uint32_t kt = 1"
_MULTIPLY = "compute_kernel_hw_startup<SrcOrder::Reverse>(a, b, out)"

# A name, its parameters, what it is today; a template's parameters stand before the name.
_FUNCTIONS = {
    "binary_op_init_common": (f"{_AB}, uint32_t out = 16, uint32_t = 0", "compute_kernel_hw_startup(a, b, out);"),
    "copy_block_matmul_partials": (
        "uint32_t a, uint32_t first, uint32_t dst, uint32_t tiles",
        "copy_block(a, first, dst, tiles);",
    ),
    "add_tiles_init": (f"{_AB}, bool add_to_dst = false, uint32_t = 0", "add_init(a, b, add_to_dst);"),
    "sub_tiles_init": (f"{_AB}, bool add_to_dst = false, uint32_t = 0", "sub_init(a, b, add_to_dst);"),
    "mul_tiles_init": (f"{_AB}, uint32_t = 0", "mul_init(a, b);"),
    "mul_tiles_bcast_scalar_init_short": (f"{_AB}, uint32_t = 0", "mul_bcast_scalar_init(a, b);"),
    "sub_tiles_bcast_scalar_init_short": (f"{_AB}, uint32_t = 0", "sub_bcast_scalar_init(a, b);"),
    "mm_init": (
        f"{_AB}, uint32_t out = 16, uint32_t transpose = 0, uint32_t = 0",
        f"{_MULTIPLY}; matmul_init(a, b, transpose);",
    ),
    "mm_init_short": (f"{_AB}, uint32_t transpose = 0, uint32_t = 0", "matmul_init(a, b, transpose);"),
    "mm_init_short_with_dt": (
        "uint32_t a, uint32_t b, uint32_t old, uint32_t transpose = 0",
        "reconfig_data_format_srca(old, b); matmul_init(a, b, transpose);",
    ),
    "mm_block_init": (
        f"uint32_t a, uint32_t b, uint32_t out, {_DIMENSIONS}, uint32_t = 0",
        f"{_MULTIPLY}; matmul_block_init(a, b, transpose, ct, rt, kt);",
    ),
    "mm_block_init_short": (
        f"uint32_t a, uint32_t b, {_DIMENSIONS}, uint32_t = 0",
        "matmul_block_init(a, b, transpose, ct, rt, kt);",
    ),
    "mm_block_init_short_with_dt": (
        f"uint32_t a, uint32_t b, uint32_t old_b, {_DIMENSIONS}, uint32_t = 0",
        "reconfig_data_format_srca(old_b, b); matmul_block_init(a, b, transpose, ct, rt, kt);",
    ),
    "mm_block_init_short_with_both_dt": (
        f"uint32_t a, uint32_t b, uint32_t old_a, uint32_t old_b, {_DIMENSIONS}",
        "reconfig_data_format(old_b, b, old_a, a); matmul_block_init(a, b, transpose, ct, rt, kt);",
    ),
    "transpose_wh_init": (
        "uint32_t a, uint32_t out, uint32_t = 0",
        "compute_kernel_hw_startup(a, out); transpose_init(a);",
    ),
    "transpose_wh_init_short": ("uint32_t a, uint32_t = 0", "transpose_init(a);"),
    "transpose_wh_tile": ("uint32_t a, uint32_t tile, uint32_t dst", "transpose_tile(a, tile, dst);"),
    "tilize_uninit_with_dt": (
        "uint32_t old, uint32_t a, uint32_t out",
        "tilize_uninit(old, out); reconfig_data_format_srca(old, a);",
    ),
    "pack_tile_block": ("uint32_t dst, uint32_t out, uint32_t tiles", "pack_block(dst, out, tiles);"),
    **{
        f"{operation}_bcast_{dimension}_init_short": (
            f"{_AB}, uint32_t = 0",
            f"{operation}_bcast_{dimension}_init(a, b);",
        )
        for operation in ("add", "sub", "mul")
        for dimension in ("rows", "cols", "scalar")
        if (operation, dimension) not in (("mul", "scalar"), ("sub", "scalar"))
    },
}  # fmt: skip
_TEMPLATES = {
    "binary_dest_reuse_tiles_init": (
        "auto operation, auto reuse", "uint32_t a = 0, uint32_t line = 0",
        "detail::binary_reuse_dest_init<operation, reuse>(a, line);",
    ),
    "binary_dest_reuse_tiles": (
        "auto operation, auto reuse", "uint32_t a, uint32_t tile, uint32_t dst",
        "detail::binary_reuse_dest_tiles<operation, reuse>(a, tile, dst);",
    ),
    "transpose_wh_dest_init_short": ("bool of_32_bits = false", "", "transpose_dest_init<of_32_bits>();"),
    "transpose_wh_dest": ("bool of_32_bits = false", "uint32_t dst", "transpose_dest<of_32_bits>(dst);"),
}  # fmt: skip


@cache
def missing(root: Path) -> frozenset[str]:
    """Return the older names that a runtime root's headers dropped, and have all for that they are today."""
    text = "\n".join(file.read_text(errors="replace") for file in sorted((root / _COMPUTE).rglob("*.h")))
    bodies = {
        **{name: body for name, (_, body) in _FUNCTIONS.items()},
        **{name: each[2] for name, each in _TEMPLATES.items()},
    }
    there = set(_DEFINED.findall(text))
    return frozenset(
        name for name, body in bodies.items() if name not in there and there.issuperset(_CALLED.findall(body))
    )


def header(names: frozenset[str]) -> str:
    """Return C++ that defines these names by today's; a kernel may include it before anything else."""
    needed = (f'#if __has_include("{each}")\n#include "{each}"\n#endif' for each in _NEEDED)
    lines = ["#pragma once", *needed, "namespace ckernel {"]
    for name, (parameters, body) in _FUNCTIONS.items():
        if name in names:
            lines.append(f"ALWI void {name}({parameters}) {{ {body} }}")
    for name, (template, parameters, body) in _TEMPLATES.items():
        if name in names:
            lines.append(f"template <{template}>\nALWI void {name}({parameters}) {{ {body} }}")
    operations = (f"constexpr auto {each} = EltwiseBinaryType::{each};" for each in _OPERATIONS)
    return "\n".join([*lines, *operations, "}  // namespace ckernel\n"])


def with_older_names(content: KernelContent, root: Path) -> KernelContent:
    """Return a compute kernel that finds the older names it uses; the same one when the release has them all."""
    names = sorted(missing(root))
    texts = (content.source, *(each.text for each in content.headers))
    if not names or not any(re.search(rf"\b(?:{'|'.join([*names, *_OPERATIONS])})\b", text) for text in texts):
        return content
    return replace(content, source=f'#include "{HEADER}"\n#line 1\n{content.source}')
