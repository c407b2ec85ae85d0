"""What is changed in a kernel's text before it is compiled: what this target's compiler cannot know."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from tthal.device_interface import KernelContent

from .typed_entry import TypedEntry

# None of these patterns looks far ahead in vain: a hostile text takes no longer than its length.
_ASSEMBLY = re.compile(
    r'(?:\basm|__asm__)\s*(?:volatile\s*|__volatile__\s*)?\(\s*"[ \t]{0,99}(?:fence|nop)[^"\n]{0,99}"'
    r"\s*(?::[^;\n]{0,299})?\)\s*(?=;)"
)
"""RISC-V instructions that order memory accesses or wait: for the compiler's order only, here."""
_ORDER = "::tthal::compiler_barrier()"
_THREAD = re.compile(r"\b(UNPACK|MATH|PACK)\s*\(")
_PRINT = re.compile(r"\bDPRINT_(UNPACK|MATH|PACK|DATA0|DATA1)\s*\(")
_NO_CODE = r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|//[^\n]*|/\*(?s:.*?)\*/"
_LITERAL = re.compile(_NO_CODE)
_BRACKET = re.compile(rf"{_NO_CODE}|[()]")
"""A bracket, or what only looks like one: literals and comments are passed over whole."""
_MAILBOX = re.compile(r"\b(mailbox_(?:write|read|not_empty))\s*\(")


def prepared(content: KernelContent, named: Iterable[tuple[str, int]]) -> KernelContent:
    """Return a kernel as the compiler gets it: without RISC-V assembly, with the sender or
    receiver of each mailbox, and with an entry when it has a TT_KERNEL.
    """
    headers = tuple(replace(header, text=_translated(header.text)) for header in content.headers)
    source = _translated(content.source)
    if "TT_KERNEL" in source and "kernel_main" not in source:
        entry = TypedEntry.find(source)
        source += entry.kernel_main({name for name, _ in named}) if entry is not None else ""
    if source == content.source and headers == content.headers:
        return content
    return replace(content, source=source, headers=headers)


def _translated(text: str) -> str:
    return _with_print_statements(_with_mail_addresses(_without_assembly(text)))


def _with_print_statements(text: str) -> str:
    """Let the macros that print on one processor take statements, as they did before they took a format."""
    if "DPRINT_" not in text:
        return text
    parts, end = [], 0
    for macro in _PRINT.finditer(text):
        close = _closing(text, macro.end())
        what = _LITERAL.sub("", text[macro.end() : close])
        if macro.start() >= end and (";" in what or what.lstrip().startswith("{")):
            parts += [text[end : macro.start()], f"TTHAL_STATEMENTS_{macro[1]}("]
            end = macro.end()
    return "".join([*parts, text[end:]])


def _with_mail_addresses(text: str) -> str:
    """Tell each use of a mailbox inside UNPACK(), MATH() or PACK() which thread makes it."""
    if "mailbox_" not in text:
        return text
    parts, end = [], 0
    for macro in _THREAD.finditer(text):
        if macro.start() < end:
            continue
        close = _closing(text, macro.end())
        address = rf"\1<::ckernel::{macro[1].capitalize()}ThreadId>("
        parts += [text[end : macro.end()], _MAILBOX.sub(address, text[macro.end() : close])]
        end = close
    return "".join([*parts, text[end:]])


def _closing(text: str, start: int) -> int:
    """Return the place of the bracket that ends what a macro was given."""
    depth = 1
    for token in _BRACKET.finditer(text, start):
        depth += {"(": 1, ")": -1}.get(token[0], 0)
        if depth == 0:
            return token.start()
    return len(text)


def _without_assembly(text: str) -> str:
    return _ASSEMBLY.sub(_ORDER, text) if "asm" in text else text
