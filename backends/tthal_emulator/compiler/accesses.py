"""Kernels that announce their own loads and stores: what is done to their code between the two passes of the compiler.

The compiler announces loads and stores, but not the copies of blocks that it expands itself. In their place come calls
of the kernel library, which announces them.
"""

from __future__ import annotations

import re

_BLOCKS = {b"memcpy": b"copy", b"memmove": b"move", b"memset": b"set"}
_INTRINSIC = re.compile(rb"@llvm\.(memcpy|memmove|memset)(?:\.inline)?\.[\w.]*?(i32|i64)(?=\()")
_DECLARATION = re.compile(rb"^declare void @llvm\.(?:memcpy|memmove|memset)\b[^\n]*\n", re.MULTILINE)
_FUNCTIONS = b"""
declare void @tthal_block_copy_SIZE(ptr, ptr, SIZE, i1)
declare void @tthal_block_move_SIZE(ptr, ptr, SIZE, i1)
declare void @tthal_block_set_SIZE(ptr, i8, SIZE, i1)
"""


def call_blocks(code: bytes) -> bytes:
    """Return LLVM code in which copies of blocks are calls of the kernel library."""
    code = _DECLARATION.sub(b"", code)
    called = _INTRINSIC.sub(lambda found: b"@tthal_block_%s_%s" % (_BLOCKS[found[1]], found[2]), code)
    return called + b"".join(_FUNCTIONS.replace(b"SIZE", size) for size in (b"i32", b"i64"))
