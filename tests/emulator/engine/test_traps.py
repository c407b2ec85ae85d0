"""Everything illegal ends in a trap that says what and where, and the next kernel runs."""

from __future__ import annotations

from typing import Any

import pytest

from tthal.errors import SourceLocation
from tthal_emulator.engine import EngineOptions, MemoryModel, Trap, TrapKind
from tthal_emulator.engine import memory_map as at

L1_SIZE = 1_499_136
MEMORY_FAULTS = {
    "null pointer": ("L1(uint32_t, 0) = 1;", 0, "the null page"),
    "end of the null page": ("L1(uint32_t, 0xffc) = 1;", 0xFFC, "the null page"),
    "read of the null page": ("L1(uint32_t, 0x2000) = L1(uint32_t, 8);", 8, "the null page"),
    "first word past L1": (f"L1(uint32_t, {L1_SIZE}) = 1;", L1_SIZE, "past the end of L1"),
    "straddling the end of L1": (
        f"typedef uint64_t any __attribute__((aligned(1))); *(any*){L1_SIZE - 4} = L1(uint32_t, 0x2000);",
        None,
        "",
    ),
    "past the registers": (f"L1(uint32_t, {at.REGISTERS_BASE + at.REGISTERS_SIZE}) = 1;", 0x1C4000, "unmapped"),
    "below the stack": ("L1(uint32_t, 0x1efffc) = 1;", 0x1EFFFC, "below the stack"),
    "past the static data": ("L1(uint32_t, 0x210000) = 1;", 0x210000, "past the kernel's static data"),
    "a sibling's stack": ("L1(uint32_t, 0x3f8000) = 1;", 0x3F8000, "past the kernel's static data"),
    "far away": ("L1(uint32_t, 0xfffffffc) = 1;", None, ""),
}
TRAPS = {
    TrapKind.UNREACHABLE: "__builtin_trap();",
    TrapKind.UNALIGNED_VOLATILE: "L1(uint32_t, 0x2002) = 1;",
    TrapKind.TABLE_ACCESS: "reinterpret_cast<void (*)()>(L1(uint32_t, 0x2000) + 1000)();",
}


def trap_of(bench: Any, source: str, **where: int) -> Trap:
    with pytest.raises(Trap) as caught:
        bench.run(source, **where)
    return caught.value


@pytest.mark.parametrize("case", list(MEMORY_FAULTS))
def test_memory_faults_are_exact(bench: Any, case: str) -> None:
    statement, address, region = MEMORY_FAULTS[case]
    trap = trap_of(bench, f"void kernel_main() {{\n  {statement}\n}}")
    assert trap.kind is TrapKind.MEMORY_ACCESS
    if address is not None:
        assert trap.address == address
        assert f"0x{address:x}" in str(trap)
    assert region in str(trap)
    assert trap.frames[-1].location is not None
    assert (trap.frames[-1].location.file, trap.frames[-1].location.line) == ("kernel.cpp", 2)
    assert not bench.memories.l1[0].any()


@pytest.mark.parametrize("kind", list(TRAPS), ids=lambda kind: kind.name)
def test_traps_of_the_instruction_set(any_bench: Any, kind: TrapKind) -> None:
    trap = trap_of(any_bench, f"void kernel_main() {{\n  {TRAPS[kind]}\n}}")
    assert trap.kind is kind
    assert trap.frames[0].function == "kernel_main"
    location = trap.frames[0].location
    assert location is not None
    assert (location.file, location.line) == ("kernel.cpp", 2)


def test_inlined_calls_are_in_the_backtrace(any_bench: Any) -> None:
    trap = trap_of(
        any_bench,
        """inline void store(uint32_t value) {
  if (value == 3) __builtin_trap();
}
__attribute__((noinline)) void x(uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) { L1(uint32_t, 0x2000) = i; store(i); }
}
void kernel_main() {
  x(L1(uint32_t, 0x3000) + 10);
}
""",
    )
    assert [frame.function for frame in trap.frames] == ["store", "x", "kernel_main"]
    lines = [frame.location.line for frame in trap.frames if frame.location]
    assert lines == [2, 5, 8]


def test_a_frame_knows_column_and_prints_as_a_place(bench: Any) -> None:
    trap = trap_of(bench, "void kernel_main() { L1(uint32_t, 0) = 1; }")
    assert trap.frames[0].location == SourceLocation("kernel.cpp", 1, 38)
    assert str(trap.frames[0]) == "kernel_main at kernel.cpp:1:38"


def test_stack_overflow_by_recursion(bench: Any) -> None:
    trap = trap_of(
        bench,
        """__attribute__((noinline)) uint32_t deeper(uint32_t n) {
            volatile uint32_t local[16];
            for (uint32_t i = 0; i < 16; ++i) local[i] = n;
            return deeper(n + 1) + local[n % 16];
        }
        void kernel_main() { L1(uint32_t, 0x2000) = deeper(0); }""",
    )
    assert trap.kind in (TrapKind.MEMORY_ACCESS, TrapKind.STACK_OVERFLOW)
    if trap.kind is TrapKind.MEMORY_ACCESS:
        assert "stack" in str(trap)
    assert trap.frames[0].function.startswith("deeper")


def test_stack_overflow_by_a_large_array(bench: Any) -> None:
    trap = trap_of(
        bench,
        """void kernel_main() {
            volatile uint8_t* large = static_cast<uint8_t*>(__builtin_alloca(L1(uint32_t, 0x3000) + 100000));
            large[0] = 1;
        }""",
    )
    assert trap.kind is TrapKind.MEMORY_ACCESS
    assert "below the stack" in str(trap)


def test_endless_recursion_without_locals_exhausts_the_host_stack_safely(any_bench: Any) -> None:
    trap = trap_of(
        any_bench,
        """__attribute__((noinline)) uint32_t around(uint32_t n);
        __attribute__((noinline)) uint32_t again(uint32_t n) { return n == 0x7fffffff ? 0 : around(n + 1) * 3 + 1; }
        __attribute__((noinline)) uint32_t around(uint32_t n) { return again(n + 1) * 5 + 2; }
        void kernel_main() { L1(uint32_t, 0x2000) = again(L1(uint32_t, 0x2000)); }""",
    )
    assert trap.kind is TrapKind.STACK_OVERFLOW


def test_memory_does_not_grow(any_bench: Any) -> None:
    any_bench.run("void kernel_main() { L1(uint32_t, 0x2000) = __builtin_wasm_memory_grow(0, 1); }")
    assert any_bench.word(0x2000) == 0xFFFFFFFF


def test_after_a_trap_everything_runs_on(any_bench: Any) -> None:
    sibling = any_bench.start("void kernel_main() { block(1); L1(uint32_t, 0x2004) = 2; }", slot=1)
    assert not sibling.poll()
    for _ in range(20):
        trap_of(any_bench, "void kernel_main() { __builtin_trap(); }")
    sibling.parked = False
    assert sibling.poll()
    any_bench.run("void kernel_main() { L1(uint32_t, 0x2000) = 1; }")
    assert (any_bench.word(0x2000), any_bench.word(0x2004)) == (1, 2)


def test_a_processor_that_trapped_is_over(bench: Any) -> None:
    processor = bench.start("void kernel_main() { __builtin_trap(); }")
    with pytest.raises(Trap):
        processor.poll()
    assert not processor.finished
    assert processor.interrupt("too late") is None


def test_handlers_installed_after_the_engine_do_not_end_the_process(bench: Any) -> None:
    import faulthandler

    was_enabled = faulthandler.is_enabled()
    faulthandler.disable()
    faulthandler.enable()
    try:
        assert trap_of(bench, "void kernel_main() { L1(uint32_t, 0) = 1; }").address == 0
    finally:
        if not was_enabled:
            faulthandler.disable()


def test_shared_model_still_traps_past_its_memory(shared_bench: Any) -> None:
    end = MemoryModel.SHARED.memory_end
    trap = trap_of(shared_bench, f"void kernel_main() {{ L1(uint32_t, {end}) = 1; }}")
    assert trap.kind is TrapKind.MEMORY_ACCESS
    shared_bench.close()


def test_the_best_model_is_the_default() -> None:
    assert EngineOptions().memory_model is MemoryModel.best()
