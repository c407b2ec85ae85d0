"""Mistakes that a device with ``check=default`` names, each beside its correct twin."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from copying import BARRIER, COMPUTE_HEAD, CORRECT, HEAD, MATH, READ, READER, WRITE, WRITER, run

import tthal as ttnn
from tthal.columns import unfolded
from tthal.observer import EventKind
from tthal_check.document import general
from tthal_check.findings import BY_ID, KINDS
from tthal_check.listener import SOURCES, CheckWarning
from tthal_check.structures import DEFAULT_KINDS


@dataclass(frozen=True)
class Mistake:
    """A correct program in which one text is replaced; ``at`` stands in the line that the error names."""

    id: str
    kernel: str
    old: str
    new: str
    at: str
    says: str


MISTAKES = [
    Mistake("TT-CB-001", READ, BARRIER, "", "cb_push_back", r"the read: .*:6:"),
    Mistake("TT-CB-002", READ, "cb_push_back(0, 1)", "cb_push_back(0, 2)", "cb_push_back", "2 pages .* of which 1"),
    Mistake("TT-CB-003", WRITE, "cb_wait_front(16, 1);", "", "cb_pop_front", "of which 0 were waited for"),
    Mistake("TT-CB-006", READ, "get_write_ptr(0)", "get_read_ptr(0)", "noc_async_read(", "that are not reserved"),
    Mistake(
        "TT-CB-007", MATH, "cb_wait_front(0, 1);", "", "copy_tile(",
        r"(?s)reads tile 0 \(counted from 0\) of circular buffer 0, where the kernel has waited for 0 tiles"
        r".*cb_wait_front\(0, 1\)",
    ),
    Mistake(
        "TT-CB-007", MATH, "copy_tile(0, 0, 0);", "copy_tile(0, 1, 0);", "copy_tile(",
        r"(?s)reads tile 1 \(counted from 0\) .* waited for 1 tile \[.*cb_wait_front\(0, 2\)",
    ),
    Mistake(
        "TT-CB-008", MATH, "pack_tile(0, 16);", "pack_tile(0, 16); pack_tile(0, 16);", "pack_tile",
        r"writes page 1 \(counted from 0\) of circular buffer 16, where the kernel has reserved 1 page ",
    ),
    Mistake(
        "TT-CB-014", READ, "get_write_ptr(0), 2048", "get_write_ptr(0) + 2016 * (i & 1), 64", "noc_async_read(",
        "64 B into circular buffer 0 reaches 32 B past",
    ),
    Mistake("TT-MEM-009", READ, "get_noc_addr(i,", "get_noc_addr(i + 1,", "noc_async_read(", "page 4 of .* 4 pages"),
    Mistake(
        "TT-END-002", WRITE, "noc_async_write_barrier();", "if (i < 3) noc_async_write_barrier();", "noc_async_write(",
        "1 write that nobody waited for",
    ),
]  # fmt: skip


@pytest.fixture(
    scope="module",
    params=["emulator", pytest.param("emulator:p150?check=default&seed=5", marks=pytest.mark.slow)],
)
def device(request: pytest.FixtureRequest) -> Iterator[ttnn.Device]:
    with ttnn.open_device(0, backend=request.param) as opened:
        yield opened


def test_a_correct_program_raises_no_alarm(device: ttnn.Device) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", CheckWarning)
        assert run(device, CORRECT)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_a_mistake_is_named_with_its_line_and_the_fix(device: ttnn.Device, mistake: Mistake) -> None:
    text = CORRECT[mistake.kernel]
    assert mistake.old in text
    broken = text.replace(mistake.old, mistake.new, 1)
    with pytest.raises(ttnn.KernelError) as caught:
        run(device, {**CORRECT, mistake.kernel: broken})
    message = unfolded(str(caught.value))
    assert f"[{mistake.id}]" in message
    assert "Fix: " in message
    assert re.search(mistake.says, message)
    lines = ((COMPUTE_HEAD if mistake.kernel == MATH else HEAD) + broken).split("\n")
    line = caught.value.line
    assert line is not None
    assert mistake.at in lines[line - 1]
    assert run(device, CORRECT), "the device goes on"


def test_a_page_that_is_smaller_than_the_read_is_named() -> None:
    program, core = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0)
    small = ttnn.CircularBufferConfig(4096, {0: ttnn.DataFormat.UInt32}).set_page_size(0, 1024)
    ttnn.CreateCircularBuffer(program, core, small)
    body = (
        "void kernel_main() {\ncb_reserve_back(0, 1);\n"
        "noc_async_read(get_noc_addr_from_bank_id<true>(0, 0x100000), get_write_ptr(0), 2048);\n"
        "noc_async_read_barrier();\ncb_push_back(0, 1);\n}"
    )
    ttnn.CreateKernelFromString(program, HEAD + body, core)
    with (
        ttnn.open_device(0, backend="emulator?check=default&findings=all") as device,
        pytest.raises(ttnn.KernelError, match="TT-CB-006") as caught,
    ):
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
    said = next(finding for finding in caught.value.findings if finding.id == "TT-CB-006")
    assert "reserved: 1 of 1024 B" in said.message
    assert "is the circular buffer's page size that of what is read (2048 B)?" in said.fix


def test_what_is_suppressed_is_not_told() -> None:
    loose = WRITER.replace("        noc_async_write_barrier();\n", "")
    with ttnn.open_device(1, backend="emulator?check=default&suppress=TT-END-002+TT-NOC-001") as device:
        run(device, {**CORRECT, WRITE: loose})
    marked = READER.replace("cb_push_back(0, 1);", "cb_push_back(0, 1);  // tthal: allow TT-CB-001")
    without = marked.replace("        noc_async_read_barrier();\n", "        if (i == 3) noc_async_read_barrier();\n")
    with ttnn.open_device(1, backend="emulator?check=default") as device:
        run(device, {**CORRECT, READ: without})


def test_warnings_become_errors_when_asked() -> None:
    flushed = WRITER.replace("noc_async_write_barrier", "noc_async_writes_flushed")
    with (
        ttnn.open_device(1, backend="emulator?check=default") as device,
        pytest.warns(CheckWarning, match="TT-END-003"),
    ):
        assert run(device, {**CORRECT, WRITE: flushed})
    with (
        ttnn.open_device(1, backend="emulator?check=default&warnings=error") as device,
        pytest.raises(ttnn.KernelError, match="TT-END-003"),
    ):
        run(device, {**CORRECT, WRITE: flushed})


def test_a_deadlock_names_who_ended_and_what_it_pushed() -> None:
    short = READER.replace("i < 4", "i < 3")
    with (
        ttnn.open_device(1, backend="emulator?check=default") as device,
        pytest.raises(ttnn.DeadlockError, match=r"cb 0: 3 pages pushed by core \(0,0\) NCRISC") as caught,
    ):
        run(device, {**CORRECT, READ: short})
    assert "NCRISC Kernel_Source_Code has ended" in str(caught.value)


def test_ids_are_unique_and_texts_are_complete() -> None:
    assert len(BY_ID) == len(KINDS)
    for kind in KINDS.values():
        for text in (kind.text, kind.fix):
            assert general(text)


@pytest.mark.parametrize("options", ["check=maybe", "warnings=never", "check=default&suppress=TT-XX-1"])
def test_options_that_are_not_understood(options: str) -> None:
    with pytest.raises(ttnn.SelectionError):
        ttnn.open_device(0, backend=f"emulator?{options}")


def test_default_checks_ask_for_the_events_that_they_look_at() -> None:
    text = "".join(SOURCES.joinpath(file).read_text(encoding="utf-8") for file in ("listen.h", "listener.cpp"))
    named = set(re.findall(r"\b[A-Z_]+\b", text)) & set(EventKind.__members__)
    assert {EventKind[name] for name in named} == DEFAULT_KINDS
