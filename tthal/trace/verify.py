"""Checks a whole trace: every blob against its name, every call against the calls before it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from tthal.device_interface import DeviceProperties, LaunchState, ProgramImage
from tthal.errors import TraceFormatError
from tthal.trace.reader import Trace
from tthal.trace.schema import (
    Allocate,
    CallBase,
    Close,
    Finish,
    Free,
    Launch,
    Load,
    Open,
    Read,
    ReadDram,
    ReadL1,
    Unload,
    Write,
    WriteDram,
    WriteL1,
)

MOST_PROBLEMS = 100

Advance = Callable[[int, int], None]
"""Told how many of how many steps are done."""


def unseen(done: int, total: int) -> None:
    """Show no progress."""


@dataclass(slots=True)
class Verdict:
    """What is wrong with a trace (nothing, when ``problems`` is empty) and what was looked at; sizes in bytes."""

    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    calls: int = 0
    blobs: int = 0
    size: int = 0

    @property
    def ok(self) -> bool:
        """Whether the trace is sound."""
        return not self.problems


def verify(trace: Trace, advance: Advance = unseen) -> Verdict:
    """Check a trace; at most ``MOST_PROBLEMS`` problems are listed."""
    verdict = Verdict()
    referenced: set[str] = set()
    blobs = list(trace.blob_names())
    total = trace.manifest.calls + len(blobs)
    counts: Counter[str] = Counter()
    checker = Checker(trace)
    try:
        for call in trace.calls():
            verdict.calls += 1
            counts[call.op] += 1
            referenced.update(digests(call))
            _note(verdict, [f"call {call.n} ({call.op}): {text}" for text in checker.check(call)])
            advance(verdict.calls, total)
    except TraceFormatError as error:
        _note(verdict, [str(error)])
    else:
        _check_manifest(trace, counts, verdict)
    for digest in blobs:
        _check_blob(trace, digest, verdict)
        advance(trace.manifest.calls + verdict.blobs, total)
    unused = len(set(blobs) - referenced)
    if unused and verdict.ok:
        verdict.remarks.append(f"{unused} blobs are used by no call")
    return verdict


def _note(verdict: Verdict, problems: list[str]) -> None:
    room = MOST_PROBLEMS - len(verdict.problems)
    verdict.problems += problems[: max(0, room)]


def _check_manifest(trace: Trace, counts: Counter[str], verdict: Verdict) -> None:
    if dict(counts) != trace.manifest.counts:
        _note(verdict, [f"the manifest counts {trace.manifest.counts}, the calls are {dict(counts)}"])


def _check_blob(trace: Trace, digest: str, verdict: Verdict) -> None:
    verdict.blobs += 1
    verdict.size += trace.size_of(digest)
    content = hashlib.sha256()
    try:
        for chunk in trace.stream(digest):
            content.update(chunk)
    except TraceFormatError as error:
        _note(verdict, [str(error)])


def digests(call: CallBase) -> Iterator[str]:
    """Yield the digests of the blobs that a call names."""
    for name in ("program", "state", "data", "properties"):
        digest = getattr(call, name, None)
        if digest:
            yield digest
    if isinstance(call, Finish):
        yield from (each.data for each in call.reads if each.data)


class _Device:
    """What is known of an open device at some point of a trace."""

    def __init__(self) -> None:
        self.buffers: dict[int, int] = {}
        self.programs: set[str] = set()
        self.reads: dict[int, Read] = {}


class Blobs(Protocol):
    """What calls refer to, by digest; a finished trace has it, and so has a recording that is being repaired.

    Everything but ``has`` raises TraceFormatError for a blob that is missing or damaged.
    """

    def has(self, digest: str) -> bool: ...
    def size_of(self, digest: str) -> int: ...
    def image(self, digest: str) -> ProgramImage: ...
    def state(self, digest: str) -> LaunchState: ...
    def properties(self, digest: str) -> DeviceProperties: ...


class Checker:
    """Follows calls in order and says which rules of the interface each one breaks."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._devices: dict[int, _Device] = {}

    def check(self, call: CallBase) -> list[str]:
        """Return what is wrong with the next call."""
        problems = [f"blob {digest} is missing" for digest in digests(call) if not self._blobs.has(digest)]
        if problems:
            return problems
        try:
            return list(self._problems(call))
        except TraceFormatError as error:
            return [str(error)]

    def _problems(self, call: CallBase) -> Iterator[str]:
        if isinstance(call, Open):
            yield from self._open(call)
            return
        device = self._devices.get(call.device)
        if device is None:
            yield f"device {call.device} is not open"
        elif isinstance(call, Allocate):
            yield from self._allocate(device, call)
        elif isinstance(call, Load | Unload | Launch):
            yield from self._program(device, call)
        elif isinstance(call, Free | Write | Read):
            yield from self._buffer(device, call)
        elif isinstance(call, Finish):
            yield from self._finish(device, call)
        elif isinstance(call, Close):
            del self._devices[call.device]
        else:
            yield from self._raw(call)

    def _open(self, call: Open) -> Iterator[str]:
        if call.error is not None:
            return
        if call.device in self._devices:
            yield f"device {call.device} is open already"
        self._devices[call.device] = _Device()
        if call.properties is None:
            yield "an opened device has no properties"
        else:
            self._blobs.properties(call.properties)

    def _allocate(self, device: _Device, call: Allocate) -> Iterator[str]:
        if call.error is None:
            if call.allocation is None or call.address is None:
                yield "it has neither a result nor a failure"
            else:
                device.buffers[call.allocation] = call.spec.size

    def _program(self, device: _Device, call: Load | Unload | Launch) -> Iterator[str]:
        image = self._blobs.image(call.program)
        if isinstance(call, Load):
            if call.error is None:
                device.programs.add(call.program)
        elif call.program not in device.programs:
            yield f"program {call.program[:12]} is not loaded"
        elif isinstance(call, Unload):
            device.programs.discard(call.program)
        elif call.error is None:
            state = self._blobs.state(call.state)
            if (len(state.kernels), len(state.circular_buffers)) != (len(image.kernels), len(image.circular_buffers)):
                yield "its launch state belongs to another program"
            bound = [each.allocation for each in state.circular_buffers if each.allocation is not None]
            for allocation in (*state.allocations, *bound):
                if allocation.id not in device.buffers:
                    yield f"buffer {allocation.id} of its launch state does not exist"

    def _buffer(self, device: _Device, call: Free | Write | Read) -> Iterator[str]:
        size = device.buffers.get(call.allocation)
        if isinstance(call, Free):
            device.buffers.pop(call.allocation, None)
        elif size is None:
            yield f"buffer {call.allocation} does not exist"
        elif isinstance(call, Write):
            yield from self._size(call.data, size)
        elif call.error is None:
            device.reads[call.n] = call

    def _finish(self, device: _Device, call: Finish) -> Iterator[str]:
        for each in call.reads:
            read = device.reads.pop(each.call, None)
            if read is None or read.queue != call.queue:
                yield f"it completes call {each.call}, which is no read of queue {call.queue}"
            elif each.data is not None and read.allocation in device.buffers:
                yield from self._size(each.data, device.buffers[read.allocation])

    def _raw(self, call: CallBase) -> Iterator[str]:
        if isinstance(call, ReadL1 | ReadDram) and call.error is None:
            if call.data is None:
                yield "it has neither data nor a failure"
            else:
                yield from self._size(call.data, call.size)
        elif isinstance(call, WriteL1 | WriteDram):
            self._blobs.size_of(call.data)

    def _size(self, digest: str, expected: int) -> Iterator[str]:
        size = self._blobs.size_of(digest)
        if size != expected:
            yield f"blob {digest[:12]} has {size} bytes, the call is about {expected}"
