"""Which instructions a module's code has that no kernel may: those that would stop the whole process.

``memory.atomic.wait32`` and ``wait64`` put the thread to sleep, which runs every processor, when the memory is shared;
no fuel and no deadline wakes it. Opcodes and what follows them: WebAssembly Core 2.0, Binary Format, 5.4, and the
threads proposal.
"""

from __future__ import annotations

from .wasm_binary import code_section, read_unsigned

_WAITS = (b"\xfe\x01", b"\xfe\x02")
_BLOCKS, _BR_TABLE, _CALL_INDIRECT, _SELECT_TYPED = (0x02, 0x03, 0x04, 0x06), 0x0E, (0x11, 0x13), 0x1C
_ONE_NUMBER = frozenset((0x0C, 0x0D, 0x10, 0x12, *range(0x20, 0x27), 0x3F, 0x40, 0x41, 0x42, 0xD0, 0xD2))
_MEMORY = range(0x28, 0x3F)
_CONSTANTS = {0x43: 4, 0x44: 8}
_MISC, _SIMD, _ATOMIC = 0xFC, 0xFD, 0xFE
_MISC_NUMBERS = (*(0,) * 8, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1)
_FENCE = 3
_WAIT_OPCODES = (1, 2)


def waits_on_memory(wasm: bytes) -> bool:
    """Whether a module's code can put its thread to sleep."""
    start, end = code_section(wasm)
    # The bytes alone may be part of a number: only where they stand is it worth reading instruction by instruction.
    if not any(wasm.find(wait, start, end) >= 0 for wait in _WAITS):
        return False
    count, position = read_unsigned(wasm, start)
    for _ in range(count):
        size, body = read_unsigned(wasm, position)
        position = body + size
        if any(wasm.find(wait, body, position) >= 0 for wait in _WAITS) and _waits(wasm, body, position):
            return True
    return False


def _waits(wasm: bytes, at: int, end: int) -> bool:
    groups, at = read_unsigned(wasm, at)
    for _ in range(groups):
        at = read_unsigned(wasm, at)[1] + 1
    while at < end:
        opcode = wasm[at]
        if opcode == _ATOMIC and read_unsigned(wasm, at + 1)[0] in _WAIT_OPCODES:
            return True
        at = _after(wasm, at + 1, opcode)
    return False


def _after(wasm: bytes, at: int, opcode: int) -> int:
    """Where the next instruction begins; ``at`` is behind the opcode."""
    if opcode in _ONE_NUMBER or opcode in _BLOCKS:
        return _skip(wasm, at, 1)
    if opcode in _MEMORY or opcode in _CALL_INDIRECT:
        return _skip(wasm, at, 2)
    if opcode in _CONSTANTS:
        return at + _CONSTANTS[opcode]
    if opcode == _BR_TABLE:
        count, at = read_unsigned(wasm, at)
        return _skip(wasm, at, count + 1)
    if opcode == _SELECT_TYPED:
        count, at = read_unsigned(wasm, at)
        return at + count
    if opcode in (_MISC, _SIMD, _ATOMIC):
        kind, at = read_unsigned(wasm, at)
        return _after_prefixed(wasm, at, opcode, kind)
    return at


def _after_prefixed(wasm: bytes, at: int, prefix: int, kind: int) -> int:
    if prefix == _MISC:
        return _skip(wasm, at, _MISC_NUMBERS[kind])
    if prefix == _ATOMIC:
        return at + 1 if kind == _FENCE else _skip(wasm, at, 2)
    if kind in (12, 13):  # v128.const and i8x16.shuffle: 16 bytes
        return at + 16
    if kind <= 11 or kind in (92, 93):  # loads and stores of a whole vector
        return _skip(wasm, at, 2)
    if 84 <= kind <= 91:  # loads and stores of a lane
        return _skip(wasm, at, 2) + 1
    return at + 1 if 21 <= kind <= 34 else at  # lanes in and out


def _skip(wasm: bytes, at: int, numbers: int) -> int:
    for _ in range(numbers):
        while wasm[at] & 0x80:
            at += 1
        at += 1
    return at
