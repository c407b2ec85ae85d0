"""Calls from kernels to the host: values, exceptions, blocking, cancelling, Ctrl-C."""

from __future__ import annotations

import gc
import os
import random
import signal
import struct
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from tthal_emulator.engine import Engine, EngineError, HostFunction, Trap, TrapKind


def test_arguments_and_results_pass_unsigned_and_exact(any_bench: Any) -> None:
    any_bench.run(
        """void kernel_main() {
            L1(uint32_t, 0x2000) = add(3000000000u, 1000000000u);
            *reinterpret_cast<double*>(0x2008) = scale(1e300, -0.5f);
        }"""
    )
    assert any_bench.word(0x2000) == 4_000_000_000
    assert struct.unpack("<d", any_bench.memories.l1[0][0x2008:0x2010].tobytes()) == (-5e299,)


@pytest.mark.parametrize("letters", ["u", "x>", "uu>ii", ">z"])
def test_bad_signatures(letters: str) -> None:
    with pytest.raises(EngineError, match="signature"):
        HostFunction("f", letters, print)


def test_blocking_functions_return_nothing_and_names_are_unique() -> None:
    with pytest.raises(EngineError, match="returns nothing"):
        HostFunction("f", "u>u", print, blocking=True)
    with pytest.raises(EngineError, match="one name"):
        Engine().offer([HostFunction("f", "u>", print), HostFunction("f", ">", print)])


def test_blocking_parks_and_resumes(any_bench: Any) -> None:
    processor = any_bench.start("void kernel_main() { block(4); L1(uint32_t, 0x2000) = 1; block(5); }")
    assert not processor.poll()
    assert processor.parked
    assert not processor.poll(), "nobody unparked it"
    assert any_bench.word(0x2000) == 0
    processor.parked = False
    assert not processor.poll()
    assert processor.parked
    assert any_bench.word(0x2000) == 1
    processor.parked = False
    assert processor.poll()
    assert processor.finished
    assert [reason for _, reason in any_bench.blocked] == [4, 5]
    assert {blocked for blocked, _ in any_bench.blocked} == {processor}


def test_a_blocking_function_may_go_on_at_once(any_bench: Any) -> None:
    processor = any_bench.start("void kernel_main() { block(99); block(99); L1(uint32_t, 0x2000) = 1; }")
    assert processor.poll()
    assert len(any_bench.blocked) == 2
    assert any_bench.word(0x2000) == 1


def test_host_exception_becomes_the_cause_of_the_trap(any_bench: Any) -> None:
    processor = any_bench.start("void kernel_main() {\n  raise_on_host(0);\n  L1(uint32_t, 0x2000) = 1;\n}")
    with pytest.raises(Trap) as caught:
        processor.poll()
    trap = caught.value
    assert trap.kind is TrapKind.HOST_ERROR
    assert isinstance(trap.__cause__, LookupError)
    assert trap.frames[0].location is not None
    assert trap.frames[0].location.line == 2
    assert any_bench.word(0x2000) == 0


def test_keyboard_interrupt_in_a_host_function_is_raised_as_it_is(any_bench: Any) -> None:
    processor = any_bench.start("void kernel_main() { raise_on_host(1); }")
    with pytest.raises(KeyboardInterrupt) as caught:
        processor.poll()
    assert isinstance(caught.value.__context__, Trap)


def test_interrupting_a_blocked_processor_tells_where_it_waits(any_bench: Any) -> None:
    processor = any_bench.start("inline void wait() {\n  block(8);\n}\nvoid kernel_main() {\n  wait();\n}")
    assert not processor.poll()
    trap = processor.interrupt("deadlock: nobody writes")
    assert trap is not None
    assert (trap.kind, str(trap)) == (TrapKind.INTERRUPTED, "deadlock: nobody writes")
    assert [(frame.function, frame.location.line) for frame in trap.frames if frame.location] == [
        ("wait", 2),
        ("kernel_main", 5),
    ]
    assert processor.interrupt("again") is None


def test_interrupting_an_endless_loop_tells_where_it_runs(any_bench: Any) -> None:
    processor = any_bench.start(
        "__attribute__((noinline)) void spin() {\n  while (L1(uint32_t, 0x2000) == 0) {}\n}\n"
        "void kernel_main() {\n  spin();\n}"
    )
    assert not processor.poll()
    trap = processor.interrupt("stopped")
    assert trap is not None
    assert trap.kind is TrapKind.INTERRUPTED
    assert [frame.function for frame in trap.frames] == ["spin", "kernel_main"]


def test_interrupting_a_processor_that_goes_on_to_block(bench: Any) -> None:
    processor = bench.start("void kernel_main() { add(1, 2); block(1); block(2); }")
    trap = processor.interrupt("stopped before it began")
    assert trap is not None
    assert trap.kind is TrapKind.INTERRUPTED


@pytest.mark.parametrize("polls", [0, 1])
@pytest.mark.parametrize("body", ["block(1);", "for (;;) L1(uint32_t, 0x2000) = 1;"])
def test_cancelling_at_any_point(any_bench: Any, body: str, polls: int) -> None:
    for _ in range(5):
        processor = any_bench.start(f"void kernel_main() {{ {body} }}")
        for _ in range(polls):
            assert not processor.poll()
        processor.close()
        processor.close()
    assert any_bench.run("void kernel_main() {}").finished


def test_a_forgotten_processor_frees_its_place(bench: Any) -> None:
    processor = bench.start("void kernel_main() { block(1); }")
    processor.poll()
    bench.blocked.clear()
    bench.processors.clear()
    del processor
    gc.collect()
    assert bench.run("void kernel_main() {}").finished


def test_processors_do_not_nest(bench: Any) -> None:
    outer = bench.start("void kernel_main() { hook(); hook(); L1(uint32_t, 0x2000) = 1; }")
    inner = bench.start("void kernel_main() {}", slot=1)
    messages = []

    def refuse(call: Callable[[], Any]) -> None:
        with pytest.raises(EngineError, match="being polled") as caught:
            call()
        messages.append(str(caught.value))

    bench.hooks += [lambda processor: refuse(inner.poll), lambda processor: refuse(processor.close)]
    assert outer.poll()
    assert len(messages) == 2
    assert inner.poll()


def test_ctrl_c_reaches_the_program_during_pure_computation(bench: Any) -> None:
    """libwasmtime leaves SIGINT alone, and fuel makes every poll end soon."""
    processor = bench.start("void kernel_main() { for (;;) L1(uint32_t, 0x2000) = 1; }")
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()

    def poll_for_ever() -> None:
        while True:
            processor.poll()

    with pytest.raises(KeyboardInterrupt):
        poll_for_ever()
    timer.join()
    processor.close()
    assert bench.run("void kernel_main() {}").finished


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs interval timers")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # interrupts that hit a __del__
def test_ctrl_c_at_random_moments_loses_nothing(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt may hit between any two bytecodes, also inside libwasmtime's callbacks into Python."""
    busy = bench.module("void kernel_main() { for (uint32_t i = 0; i < 30; ++i) { add(i, i); block(i); } }")
    check = bench.module("static uint32_t n = 7; void kernel_main() { block(0); L1(uint32_t, 0x2000) = ++n; }")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    numbers = random.Random(4)

    def launch() -> None:
        signal.setitimer(signal.ITIMER_REAL, numbers.uniform(1e-5, 5e-4))
        for slot in range(4):
            bench.start(busy, slot=slot)
        for processor in bench.processors:
            while not processor.poll():
                processor.parked = False
        signal.setitimer(signal.ITIMER_REAL, 0)

    def is_interrupted() -> bool:
        # Python 3.13 lets interrupts at the end of a loop's turn escape a try around the loop, hence two functions.
        try:
            launch()
        except KeyboardInterrupt:
            return True
        return False

    def launch_often() -> int:
        interrupted = 0
        for _ in range(300):
            interrupted += is_interrupted()
            bench.close()
            bench.memories.l1[0][0x2000] = 0
            bench.run(check)
            assert bench.word(0x2000) == 8
        return interrupted

    # An interrupt that hits a finalizer is not sent again here: it would come after its launch, or after the test.
    monkeypatch.setattr(sys, "unraisablehook", sys.__unraisablehook__)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        assert launch_often() > 100
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
