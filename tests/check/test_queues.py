"""Races between command queues (``check=full``): an event covers what came before it on its queue, and no more."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import tthal as ttnn
from tthal.columns import unfolded

CORE = ttnn.CoreCoord(0, 0)
COPY = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    const InterleavedAddrGen<true> from = {.bank_base_address = get_arg_val<uint32_t>(0), .page_size = 2048};
    const InterleavedAddrGen<true> to = {.bank_base_address = get_arg_val<uint32_t>(1), .page_size = 2048};
    const uint32_t page = get_write_ptr(0);
    noc_async_read(get_noc_addr(0, from), page, 2048);
    noc_async_read_barrier();
    noc_async_write(page, get_noc_addr(0, to), 2048);
    noc_async_write_barrier();
}"""

ORDERED = {
    "an event behind the program": "run 0 A B, record 0 e, wait 1 e, run 1 B C",
    "both only read": "run 0 A B, run 1 A C",
    "events both ways": "run 0 A B, record 0 e, wait 1 e, run 1 B C, record 1 f, wait 0 f, run 0 A B, record 0 g, "
    "wait 1 g, read 1 B",
    "by way of the host": "run 0 A B, record 0 e, synchronize e, run 1 B C",
    "the host waits for an event that heard of another": "run 0 A B, record 0 e, wait 1 e, record 1 f, synchronize f, "
    "run 0 C A, finish 0, run 1 B C",
    "an event that was recorded when the host had waited": "run 0 A B, finish 0, run 1 B C",
    "a blocking read": "run 0 A B, read 0 B, run 1 B C",
    "an event of a queue that waited": "run 0 A B, record 0 e, wait 1 e, record 1 f, wait 0 f, run 0 B C",
    "the same queue": "run 0 A B, run 0 B C, write 0 A",
}
RACES = {
    "an event before the program": ("record 0 e, run 0 A B, wait 1 e, run 1 B C", "runs a program that is given"),
    "an event of an older program": (
        "run 0 A C, record 0 e, run 0 A B, wait 1 e, run 1 B D",
        r"is given .* queue 0, which .* was not waited for since",
    ),
    "another queue waited": ("run 0 A B, record 0 e, wait 0 e, run 1 B C", "runs a program that is given"),
    "the way back is missing": (
        "run 0 A B, record 0 e, wait 1 e, run 1 B C, run 0 A B", r"queue 0 runs a program that writes .* queue 1"
    ),
    "the host waited for the older event": ("record 0 e, run 0 A B, synchronize e, run 1 B C", "is given"),
    "what was read is written": ("record 0 e, run 0 A B, wait 1 e, write 1 A", "queue 1 writes"),
    "the other queue was finished": ("run 0 A B, finish 1, run 1 B C", "is given"),
}  # fmt: skip


def copying(device: ttnn.Device, source: ttnn.Buffer, target: ttnn.Buffer) -> ttnn.Program:
    program = ttnn.CreateProgram()
    ring = ttnn.CircularBufferConfig(2048, {0: ttnn.DataFormat.UInt32}).set_page_size(0, 2048)
    ttnn.CreateCircularBuffer(program, CORE, ring)
    kernel = ttnn.CreateKernelFromString(program, COPY, CORE, ttnn.ReaderDataMovementConfig())
    ttnn.SetRuntimeArgs(program, kernel, CORE, [source.address(), target.address()])
    return program


def perform(device: ttnn.Device, steps: str) -> None:
    config = ttnn.InterleavedBufferConfig(device, 2048, 2048, ttnn.BufferType.DRAM)
    buffers = {name: ttnn.CreateBuffer(config) for name in "ABCD"}
    queues, events = [device.command_queue(0), device.command_queue(1)], {}
    for buffer in buffers.values():
        ttnn.EnqueueWriteBuffer(queues[0], buffer, np.ones(2048, np.uint8), blocking=True)
    for step in steps.split(", "):
        match step.split():
            case ["run", queue, source, target]:
                program = copying(device, buffers[source], buffers[target])
                ttnn.EnqueueProgram(queues[int(queue)], program, blocking=False)
            case ["record", queue, event]:
                events[event] = ttnn.EnqueueRecordEvent(queues[int(queue)])
            case ["wait", queue, event]:
                ttnn.EnqueueWaitForEvent(queues[int(queue)], events[event])
            case ["synchronize", event]:
                ttnn.EventSynchronize(events[event])
            case ["finish", queue]:
                ttnn.Finish(queues[int(queue)])
            case ["write", queue, name]:
                ttnn.EnqueueWriteBuffer(queues[int(queue)], buffers[name], np.ones(2048, np.uint8), blocking=False)
            case ["read", queue, name]:
                ttnn.EnqueueReadBuffer(queues[int(queue)], buffers[name])
            case _:
                raise ValueError(step)
    for queue in queues:
        ttnn.Finish(queue)


@pytest.mark.parametrize("steps", ORDERED.values(), ids=ORDERED)
def test_what_is_ordered(steps: str) -> None:
    with ttnn.open_device(0, backend="emulator?check=full&warnings=error", num_command_queues=2) as device:
        perform(device, steps)


@pytest.mark.parametrize(("steps", "says"), RACES.values(), ids=RACES)
def test_what_is_not(steps: str, says: str) -> None:
    with ttnn.open_device(0, backend="emulator?check=full", num_command_queues=2) as device:
        with pytest.raises(ttnn.LaunchError, match=r"TT-RACE-004") as caught:
            perform(device, steps)
        assert re.search(says, unfolded(str(caught.value)))


def test_events_of_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "run.tttrace"
    with ttnn.record(path), ttnn.open_device(0, backend="emulator?check=full", num_command_queues=2) as device:
        perform(device, ORDERED["an event behind the program"])
        with pytest.raises(ttnn.LaunchError, match="TT-RACE-004"):
            perform(device, RACES["an event before the program"][0])
    with ttnn.open_device(0, backend=f"replay:{path}", num_command_queues=2) as device:
        perform(device, ORDERED["an event behind the program"])
