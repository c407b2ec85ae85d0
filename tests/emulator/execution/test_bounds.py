"""What a kernel makes the host hold, and how long it makes it work, has bounds; the next launch is as the first."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import tthal as ttnn
from tthal_emulator.diagnostics import kernel_prints, print_records
from tthal_emulator.noc import ports, transfers

CORE = ttnn.CoreCoord(0, 0)
WORD = "*(volatile uint32_t*)"
AT = "get_noc_addr(0x40000)"
SECONDS = 1.5
SLACK = 60.0
"""Of a busy machine, and for compiling, which the same option bounds: five times as long by the clock."""

# Each would go on for hours; what they do is all legal.
LONG = {
    "small reads": f"for (;;) {{ noc_async_read({AT}, 0x50000, 32); noc_async_read_barrier(); }}",
    "large reads": f"for (;;) {{ noc_async_read({AT}, 0x80000, 0x40000); noc_async_read_barrier(); }}",
    "large writes": f"for (;;) {{ noc_async_write(0x80000, {AT}, 0x40000); noc_async_write_barrier(); }}",
    "flushes": f"for (;;) {{ noc_async_write(0x80000, {AT}, 32); noc_async_writes_flushed(); }}",
    "writes without a barrier": f"for (;;) noc_async_write(0x80000, {AT}, 0x40000);",
    "increments": f"for (;;) noc_semaphore_inc({AT}, 1);",
    "broadcasts": "for (;;) { noc_async_write_multicast_loopback_src(0x80000, "
    "get_noc_multicast_addr(18, 18, 25, 25, 0x80000), 0x40000, 64); noc_async_write_barrier(); }",
    "prints": "for (;;) DPRINT << 1;",
    "printed lines": "for (;;) DPRINT << 1 << ENDL();",
    "pages": "for (;;) { cb_reserve_back(0, 1); cb_push_back(0, 1); cb_wait_front(0, 1); cb_pop_front(0, 1); }",
}  # fmt: skip


MODELS = ["mapped", *(pytest.param(each, marks=pytest.mark.slow) for each in ("shared", "mapped&fast=off"))]


@pytest.fixture(scope="module", params=MODELS)
def device(request: pytest.FixtureRequest) -> Iterator[ttnn.Device]:
    with ttnn.open_device(0, backend=f"emulator?timeout={SECONDS}&memory={request.param}") as opened:
        yield opened


@pytest.mark.parametrize("name", LONG)
def test_the_deadline_holds_inside_host_calls(
    name: str, device: ttnn.Device, run: Callable, make_program: Callable
) -> None:
    program = make_program(f"void kernel_main() {{ {LONG[name]} }}", circular_buffers=[(0, 2)])
    started = time.monotonic()
    with pytest.raises(ttnn.LaunchError, match=rf"(did not end within {SECONDS:g} s|may print 16 MB)"):
        run(program)
    assert time.monotonic() - started < SECONDS + SLACK
    ttnn.WriteToDeviceL1(device, CORE, 0x30000, np.array([35], np.uint32))
    run(make_program(f"void kernel_main() {{ {WORD}0x30000 = {WORD}0x30000 + 7; }}"))
    assert ttnn.ReadFromDeviceL1(device, CORE, 0x30000, 4).view(np.uint32)[0] == 42


@pytest.fixture(scope="module")
def patient() -> Iterator[ttnn.Device]:
    with ttnn.open_device(0) as opened:
        yield opened


def launch(device: ttnn.Device, program: ttnn.Program) -> None:
    ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)


def test_transfers_that_no_barrier_waits_for_arrive_when_there_are_too_many(
    patient: ttnn.Device, make_program: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 0
    collect = transfers.Noc.collect

    def watch(noc: transfers.Noc, port: ports.Port) -> None:
        nonlocal most
        collect(noc, port)
        most = max(most, len(port.pending) * transfers.HELD_EACH + port.fixed)

    monkeypatch.setattr(transfers.Noc, "collect", watch)
    count = 3 * transfers.MOST_HELD // transfers.HELD_EACH
    body = f"for (uint32_t i = 1; i <= {count}; i++) {{ {WORD}0x30000 = i; noc_async_write(0x30000, {AT}, 32); "
    launch(patient, make_program(f"void kernel_main() {{ {body} if (i % 3 == 0) noc_async_writes_flushed(); }} }}"))
    assert transfers.MOST_HELD // 2 < most <= transfers.MOST_HELD
    assert ttnn.ReadFromDeviceL1(patient, CORE, 0x40000, 4).view(np.uint32)[0] == count


def test_data_that_flushes_fixed_is_counted(
    patient: ttnn.Device, make_program: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 0
    flush = transfers.Noc._flush

    def watch(noc: transfers.Noc, port: ports.Port, *asked: int) -> None:
        nonlocal most
        flush(noc, port, *asked)
        assert port.fixed == sum(len(t.data) for t in port.pending if t.data is not None)
        most = max(most, port.fixed)

    monkeypatch.setattr(transfers.Noc, "_flush", watch)
    body = f"for (uint32_t i = 1; i <= 100; i++) {{ {WORD}0x80000 = i; noc_async_write(0x80000, {AT}, 0x30000); "
    launch(patient, make_program(f"void kernel_main() {{ {body} noc_async_writes_flushed(); }} }}"))
    assert transfers.MOST_HELD // 2 < most <= transfers.MOST_HELD
    assert ttnn.ReadFromDeviceL1(patient, CORE, 0x40000, 4).view(np.uint32)[0] == 100


def test_a_flush_looks_at_no_transfer_twice(
    patient: ttnn.Device, make_program: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    covered = transfers.covered

    def count(*arguments: object) -> bool:
        nonlocal looks
        looks += 1
        return covered(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(transfers, "covered", count)
    body = f"for (uint32_t i = 0; i < 2000; i++) {{ noc_async_write(0x80000, {AT}, 32); noc_async_writes_flushed(); }}"
    launch(patient, make_program(f"void kernel_main() {{ {body} }}"))
    assert looks <= 2 * 2000


def test_what_a_processor_prints_has_a_bound(
    patient: ttnn.Device, make_program: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_prints, "MOST_TEXT", 1 << 20)
    with pytest.raises(ttnn.KernelError, match=r"a processor may print 1 MB in a launch"):
        launch(patient, make_program('void kernel_main() { for (;;) DPRINT << "some words to fill the log"; }'))
    launch(patient, make_program('void kernel_main() { DPRINT << "a few words" << ENDL(); }'))


def test_a_line_without_an_end_is_cut() -> None:
    lines: list[str] = []

    class Words:
        def text(self, data: bytes) -> str:
            return data.decode()

    printer = print_records.LinePrinter(Words(), lines.append)  # type: ignore[arg-type]
    for _ in range(100):
        printer.take(b"x" * 4096)
    printer.take(b"end\n")
    assert "".join(lines) == "x" * 409600 + "end"
    assert max(map(len, lines)) <= print_records.LONGEST_LINE


@pytest.mark.parametrize("form", ["{:9999}", "{:.9999f}", "{:0>99999}"])
def test_a_format_cannot_be_wide(form: str) -> None:
    with pytest.raises(print_records.PrintError, match="too wide"):
        print_records._format(form, [print_records._Formattable(1.0, "d")])
    assert len(print_records._format("{:999.20f}", [print_records._Formattable(1.0, "d")])) == 999
