"""Whether a kernel includes the functions of the vector unit: then it is compiled on top of them, precompiled.

A wrong answer costs time, nothing else: what is not precompiled is parsed, and what is not used makes no code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from tthal.device_interface import KernelContent

_INCLUDE = re.compile(
    r'^[ \t]*#[ \t]*include[ \t]*["<]'
    r"(?:(?:api/compute|compute_kernel_api)/|(?=compute_kernel_api\.h|sfpi\.h|llk_math_\w*sfpu|ckernel_sfpu))"
    r'([\w/.]+)[">]',
    re.MULTILINE,
)
WITHOUT = frozenset(
    {
        "bcast.h",
        "blank.h",
        "cb_api.h",
        "common.h",
        "common_globals.h",
        "compute_kernel_hw_startup.h",
        "copy_dest_values.h",
        "eltwise_binary.h",
        "experimental/fast_untilize.h",
        "experimental/indexer_mul_custom.h",
        "experimental/layernorm.h",
        "experimental/matmul_custom.h",
        "experimental/mul_reduce_scalar.h",
        "experimental/reg_api.h",
        "experimental/sdpa_sub_custom.h",
        "experimental/sum_reduce_scalar.h",
        "matmul.h",
        "pack.h",
        "pack_untilize.h",
        "reconfig_data_format.h",
        "reduce.h",
        "reduce_custom.h",
        "reg_api.h",
        "sentinel/compute_kernel_sentinel.h",
        "tile_move_copy.h",
        "tilize.h",
        "transpose.h",
        "transpose_dest.h",
        "transpose_wh.h",
        "transpose_wh_dest.h",
        "untilize.h",
    }
)
"""The headers of ``api/compute`` that do without the vector unit."""
_ALGORITHMS = "INP_FLOAT32"
"""A macro of kernels that chooses among the vector unit's algorithms; its functions are then parsed with it set."""


def begins_with_vector_unit(content: KernelContent, defines: Iterable[tuple[str, str]]) -> bool:
    """Return whether a kernel is compiled on top of the precompiled vector unit."""
    texts = [content.source, *(header.text for header in content.headers)]
    if any(name == _ALGORITHMS for name, _ in defines) or any(_ALGORITHMS in text for text in texts):
        return False
    return any(name not in WITHOUT for text in texts for name in _INCLUDE.findall(text))
