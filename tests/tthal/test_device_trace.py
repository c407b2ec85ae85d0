"""Device traces: launches captured once and executed again as they were."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import tthal as ttnn

ADD = """
#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    auto* word = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_arg_val<uint32_t>(0));
    *word = *word + get_arg_val<uint32_t>(1);
}
"""


@pytest.fixture
def device(clean_selection: None) -> Iterator[ttnn.Device]:
    with ttnn.open_device(trace_region_size=4096) as opened:
        ttnn.WriteToDeviceL1(opened, (0, 0), opened.properties.l1_base, [0])
        yield opened


def adding(device: ttnn.Device, amount: int) -> ttnn.Program:
    program = ttnn.CreateProgram()
    kernel = ttnn.CreateKernelFromString(program, ADD, (0, 0))
    ttnn.SetRuntimeArgs(program, kernel, (0, 0), [device.properties.l1_base, amount])
    return program


def total(device: ttnn.Device) -> int:
    return int(ttnn.ReadFromDeviceL1(device, (0, 0), device.properties.l1_base, 4).view(np.uint32)[0])


def test_a_trace_runs_with_the_arguments_of_its_capture(device: ttnn.Device) -> None:
    queue, one, two = device.command_queue(), adding(device, 1), adding(device, 20)
    for program in (one, two):
        ttnn.EnqueueProgram(queue, program, blocking=True)
    trace = ttnn.begin_trace_capture(device, cq_id=0)
    assert ttnn.is_trace_capture_active(device)
    ttnn.EnqueueProgram(queue, one)
    ttnn.EnqueueProgram(queue, two)
    ttnn.end_trace_capture(device, trace, cq_id=0)
    assert not ttnn.is_trace_capture_active(device)
    assert total(device) == 21
    ttnn.GetRuntimeArgs(one, 0, (0, 0))[1] = 500
    ttnn.execute_trace(device, trace, cq_id=0, blocking=True)
    ttnn.execute_trace(device, trace, blocking=False)
    ttnn.synchronize_device(device)
    assert total(device) == 63
    ttnn.release_trace(device, trace)
    with pytest.raises(ttnn.InvalidArgument, match="has no trace"):
        ttnn.execute_trace(device, trace)


def test_the_cpp_names_take_their_order(device: ttnn.Device) -> None:
    program = adding(device, 2)
    ttnn.EnqueueProgram(device.command_queue(), program)
    trace = ttnn.BeginTraceCapture(device, 0)
    ttnn.EnqueueProgram(device.command_queue(), program)
    ttnn.EndTraceCapture(device, 0, trace)
    ttnn.ReplayTrace(device, 0, trace, True)
    ttnn.ReleaseTrace(device, trace)
    assert total(device) == 4


def test_what_a_trace_cannot_hold_is_refused(device: ttnn.Device) -> None:
    buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 64, 64, ttnn.BufferType.DRAM))
    queue = device.command_queue()
    trace = ttnn.begin_trace_capture(device)
    for call, what in (
        (lambda: ttnn.EnqueueWriteBuffer(queue, buffer, bytes(64)), "writes"),
        (lambda: ttnn.EnqueueReadBuffer(queue, buffer), "reads"),
        (lambda: ttnn.Finish(queue), "waits"),
        (lambda: ttnn.EnqueueProgram(queue, adding(device, 1)), "new on the device"),
        (lambda: ttnn.begin_trace_capture(device), "captures a trace already"),
        (lambda: ttnn.execute_trace(device, trace), "during trace capture"),
        (lambda: ttnn.end_trace_capture(device, 99), "has no trace"),
    ):
        with pytest.raises(ttnn.InvalidArgument, match=what):
            call()
    ttnn.end_trace_capture(device, trace)


def test_a_device_without_room_for_traces_says_so(clean_selection: None) -> None:
    with ttnn.open_device() as device:
        program = adding(device, 1)
        ttnn.EnqueueProgram(device.command_queue(), program)
        trace = ttnn.begin_trace_capture(device)
        ttnn.EnqueueProgram(device.command_queue(), program)
        with pytest.raises(ttnn.InvalidArgument, match="trace_region_size"):
            ttnn.end_trace_capture(device, trace)


def test_events_order_queues(clean_selection: None) -> None:
    with ttnn.open_device(num_command_queues=2) as device:
        ttnn.WriteToDeviceL1(device, (0, 0), device.properties.l1_base, [0])
        ttnn.EnqueueProgram(device.command_queue(0), adding(device, 3))
        event = ttnn.record_event(device, 0)
        ttnn.wait_for_event(1, event)
        ttnn.EnqueueProgram(device.command_queue(1), adding(device, 4))
        ttnn.event_synchronize(ttnn.record_event(device, 1))
        assert ttnn.EventQuery(ttnn.EnqueueRecordEvent(device.command_queue(1)))
        assert total(device) == 7
        with pytest.raises(TypeError, match="record_event"):
            ttnn.wait_for_event(1, None)
