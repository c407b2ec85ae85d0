"""Waiting on memory is found in whatever code surrounds it, and its bytes inside of numbers are no such thing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tthal.errors import CompileError
from tthal_emulator.compiler import Compiler
from tthal_emulator.compiler.instructions import waits_on_memory

WAITS = {
    "32 bits": "__builtin_wasm_memory_atomic_wait32((int*)0x2000, 0, -1);",
    "64 bits": "__builtin_wasm_memory_atomic_wait64((long long*)0x2000, 0, 1000);",
    "intrinsic by its name": "wait_by_name((int*)0x2000, 0, -1);",
    "after vectors": "lanes(); __builtin_wasm_memory_atomic_wait32((int*)0x2000, 0, -1);",
    "after a table": "table(add(1, 2)); __builtin_wasm_memory_atomic_wait32((int*)0x2000, 0, -1);",
}
FUNCTIONS = """
int wait_by_name(int* where, int value, long long nanoseconds) __asm__("llvm.wasm.memory.atomic.wait32");
typedef float Four __attribute__((vector_size(16)));
void lanes() {
    Four value = {1.5f, 2.5f, (float)add(1, 2), 254.0f};
    value = __builtin_shufflevector(value, value, 3, 0, 1, 2);
    *(volatile Four*)0x3000 = value * value;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    *(volatile double*)0x3020 = 2.5e100 * add(3, 4);
    *(volatile uint64_t*)0x3028 = 0x1FE02FE01FEull + add(5, 6);
}
__attribute__((noinline)) void table(uint32_t n) {
    switch (n) {
        case 1: block(254); break;
        case 2: block(0x7F7E); break;
        case 3: block(add(n, 0xFE01)); break;
        case 4: block(add(n, 0x2FE)); break;
        case 5: block(n * n); break;
        case 6: lanes(); break;
    }
}
"""


@pytest.mark.parametrize("name", WAITS)
def test_a_kernel_that_waits_on_memory_is_refused(
    name: str, compiler: Compiler, request_for: Callable[..., Any]
) -> None:
    with pytest.raises(CompileError, match="waits on memory with an atomic instruction"):
        compiler.compile_all([request_for(f"{FUNCTIONS} void kernel_main() {{ {WAITS[name]} }}")])


def test_the_bytes_inside_numbers_are_none(compiler: Compiler, request_for: Callable[..., Any]) -> None:
    """254 is FE 01 in a number's encoding, and 02 begins a block."""
    numbers = " ".join(f"block(add({n}, {n} * 256 + 254));" for n in (254, 510, 766, 65534, 16510, 33022))
    compiler.compile_all([request_for(f"{FUNCTIONS} void kernel_main() {{ table(add(1, 1)); lanes(); {numbers} }}")])


def module_of(*instructions: bytes) -> bytes:
    body = b"\x00" + b"".join(instructions) + b"\x0b"
    code = b"\x01" + bytes([len(body)]) + body
    return b"\0asm\1\0\0\0" + bytes([10, len(code)]) + code


WAIT = b"\xfe\x01\x02\x00"


@pytest.mark.parametrize(
    "before",
    [
        b"\x41\xfe\x01", b"\x42\xfe\x02", b"\x43\xfe\x01\xfe\x02", b"\x44\xfe\x01\xfe\x02\xfe\x01\xfe\x02",
        b"\x02\x40\x0b", b"\x0e\x01\x00\x00", b"\x10\xfe\x01", b"\x11\xfe\x01\x00", b"\x1c\x01\x7f",
        b"\x28\x02\xfe\x01", b"\x3f\x00", b"\xfc\x08\xfe\x01\x00", b"\xfc\x0a\x00\x00", b"\xfc\x00",
        b"\xfd\x0c" + b"\xfe\x01" * 8,
        b"\xfd\x0d" + b"\xfe\x01" * 8, b"\xfd\x00\x04\xfe\x01", b"\xfd\x54\x00\xfe\x01\x01", b"\xfd\x15\x01",
        b"\xfd\xe4\x01", b"\xfe\x03\x00", b"\xfe\x10\x02\xfe\x01", b"\xfe\x00\x02\x00",
    ],
)  # fmt: skip
def test_instructions_are_read_to_their_end(before: bytes) -> None:
    assert waits_on_memory(module_of(before, WAIT))
    assert not waits_on_memory(module_of(before, b"\x41\xfe\x01"))
