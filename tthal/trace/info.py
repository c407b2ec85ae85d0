"""What a trace is about, collected in one pass: what ran, where, how much, and whether it stands alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tthal.device_interface import KernelImage, ProgramImage
from tthal.errors import TraceFormatError
from tthal.trace.hermetic import foreign_includes, is_portable
from tthal.trace.reader import Trace
from tthal.trace.schema import (
    CallBase,
    Configuration,
    Finish,
    Launch,
    Load,
    Manifest,
    ReadDram,
    ReadL1,
    Write,
    WriteDram,
    WriteL1,
)


@dataclass(slots=True)
class ProgramInfo:
    """A program and how often it was launched."""

    fingerprint: str
    image: ProgramImage
    launches: int = 0


@dataclass(slots=True)
class TraceInfo:
    """The findings; sizes in bytes. ``missing`` says why the trace is not hermetic, empty when it is."""

    manifest: Manifest
    file_size: int
    blobs: int = 0
    blob_size: int = 0
    written: int = 0
    read: int = 0
    programs: dict[str, ProgramInfo] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    device_headers: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    operations: Counter[str] = field(default_factory=Counter)

    @property
    def hermetic(self) -> bool:
        """Whether the trace holds all that running its kernels again needs, except the device's own headers."""
        return not self.missing


_MOST_FAILURES = 20


def collect(trace: Trace) -> TraceInfo:
    """Read a trace once and say what it is about.

    Raises:
        TraceFormatError: it is damaged.
    """
    info = TraceInfo(trace.manifest, trace.path.stat().st_size)
    for digest in trace.blob_names():
        info.blobs += 1
        info.blob_size += trace.size_of(digest)
    for call in trace.calls():
        info.operations[call.op] += 1
        _sizes(trace, call, info)
        _program(trace, call, info)
        if call.error is not None and len(info.failures) < _MOST_FAILURES:
            first = call.error.message.splitlines()[0] if call.error.message else ""
            info.failures.append(f"call {call.n} ({call.op}): {call.error.kind}: {first}")
    _judge(info)
    return info


def _sizes(trace: Trace, call: CallBase, info: TraceInfo) -> None:
    try:
        if isinstance(call, Write | WriteL1 | WriteDram):
            info.written += trace.size_of(call.data)
        elif isinstance(call, ReadL1 | ReadDram) and call.data:
            info.read += trace.size_of(call.data)
        elif isinstance(call, Finish):
            info.read += sum(trace.size_of(each.data) for each in call.reads if each.data)
    except TraceFormatError as error:
        info.missing.append(f"call {call.n}: {error}")


def _program(trace: Trace, call: CallBase, info: TraceInfo) -> None:
    if isinstance(call, Load) and call.program not in info.programs:
        info.programs[call.program] = ProgramInfo(call.program, trace.image(call.program))
    elif isinstance(call, Launch):
        known = info.programs.setdefault(call.program, ProgramInfo(call.program, trace.image(call.program)))
        known.launches += 1


def _judge(info: TraceInfo) -> None:
    found: dict[str, None] = {}
    for program in info.programs.values():
        for kernel in program.image.kernels:
            for name in foreign_includes(kernel.content):
                found[name] = None
                if not is_portable(name):
                    info.missing.append(
                        f"kernel {kernel_name(kernel)} includes {name}, a file of the recording machine"
                    )
    info.device_headers = sorted(name for name in found if is_portable(name))


def kernel_name(kernel: KernelImage) -> str:
    """Return what a kernel is called."""
    return kernel.content.name or kernel.content.source_name


def kernel_processor(kernel: KernelImage) -> str:
    """Return what a kernel runs on, in a few letters."""
    if kernel.data_movement is not None:
        return f"{kernel.data_movement.processor.name} {kernel.data_movement.noc.name}"
    if kernel.compute is not None:
        return f"compute {kernel.compute.math_fidelity.name}"
    return "ethernet" if kernel.ethernet is not None else "?"


def options_of(configuration: Configuration) -> str:
    """Return a device's options as text, the backend's defaults not repeated."""
    return ", ".join(f"{key}={value}" for key, value in sorted(configuration.options.items())) or "none"


def opened(info: TraceInfo) -> Iterator[tuple[str, Configuration]]:
    """Yield the devices with a heading each."""
    for configuration in info.manifest.devices:
        times = f", opened {configuration.opens} times" if configuration.opens > 1 else ""
        yield f"device {configuration.device_id}{times}", configuration
