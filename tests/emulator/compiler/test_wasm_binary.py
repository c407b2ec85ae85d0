"""What is read from linked wasm, and the edit that makes an imported memory shared."""

from __future__ import annotations

import pytest

from tthal_emulator.compiler.wasm_binary import count_globals, share_imported_memory

HEADER = b"\0asm\1\0\0\0"
TYPES = bytes([1, 4, 1, 0x60, 0, 0])


def entry(name: bytes, kind: bytes) -> bytes:
    return bytes([3]) + b"env" + bytes([len(name)]) + name + kind


FUNCTION = entry(b"f", bytes([0, 0]))
TABLE = entry(b"t", bytes([1, 0x70, 1, 2, 0x80, 1]))
GLOBAL = entry(b"g", bytes([3, 0x7F, 0]))


def module(*entries: bytes) -> bytes:
    content = bytes([len(entries)]) + b"".join(entries)
    return HEADER + TYPES + bytes([2, len(content)]) + content + b"\0\5\4tail"


@pytest.mark.parametrize("before", [(), (FUNCTION,), (TABLE, GLOBAL), (FUNCTION, GLOBAL, TABLE, FUNCTION)])
def test_only_the_flag_of_the_memory_changes(before: tuple[bytes, ...]) -> None:
    plain = module(*before, entry(b"memory", bytes([2, 1, 0x21, 0xC0, 1])), FUNCTION)
    shared = module(*before, entry(b"memory", bytes([2, 3, 0x21, 0xC0, 1])), FUNCTION)
    assert share_imported_memory(plain) == shared


@pytest.mark.parametrize("wasm", [HEADER, HEADER + TYPES, module(FUNCTION), module(entry(b"m", bytes([2, 0, 1])))])
def test_modules_without_such_a_memory(wasm: bytes) -> None:
    with pytest.raises(ValueError, match=r"memory|imports nothing"):
        share_imported_memory(wasm)


def test_globals_are_counted() -> None:
    stack_pointer = bytes([0x7F, 1, 0x41, 0, 0x0B])
    assert count_globals(module(GLOBAL)) == 0
    assert count_globals(module(FUNCTION) + bytes([6, 6, 1]) + stack_pointer) == 1
    assert count_globals(module(FUNCTION) + bytes([6, 11, 2]) + 2 * stack_pointer) == 2
