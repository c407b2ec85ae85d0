"""Call sites: how a kernel names the place of one of its own instructions.

wasm code cannot read its own position. Device headers write the constant :data:`UNNUMBERED` where they want it
(``tthal::site()``); after linking, every one of these constants becomes the position of its own instruction, counted
from the start of the code section as DWARF for WebAssembly counts addresses. So a site is free until somebody stores
it, and :class:`~tthal_emulator.compiler.source_map.SourceMap` leads from it to file and line, inlined calls included.
"""

from __future__ import annotations

from .wasm_binary import code_section

UNNUMBERED = 0x6E57A11D
"""What ``tthal::site()`` is before it is numbered; also in kernel_side's headers."""
_I32_CONST = 0x41
_LEB_BYTES = 5


def number_sites(wasm: bytes) -> bytes:
    """Give every call site of a linked module its number."""
    start, end = code_section(wasm)
    numbered = bytearray(wasm)
    wanted = bytes([_I32_CONST]) + _leb(UNNUMBERED)
    position = numbered.find(wanted, start, end)
    while position >= 0:
        numbered[position + 1 : position + 1 + _LEB_BYTES] = _leb(position - start)
        position = numbered.find(wanted, position + len(wanted), end)
    return bytes(numbered)


def _leb(value: int) -> bytes:
    """A number of up to 31 bits as signed LEB128 of full length."""
    groups = [value >> 7 * place & 0x7F for place in range(_LEB_BYTES)]
    return bytes([*(group | 0x80 for group in groups[:-1]), groups[-1]])
