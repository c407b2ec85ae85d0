"""How the trace tools print what they find; colours and tables on a terminal, plain text elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tthal.trace.codec import encode
from tthal.trace.diff import Divergence
from tthal.trace.differences import describe
from tthal.trace.fields import to_builtins
from tthal.trace.info import ProgramInfo, TraceInfo, kernel_name, kernel_processor, opened, options_of
from tthal.trace.reader import Trace
from tthal.trace.repair import Repaired
from tthal.trace.report import ReadOutcome, Report
from tthal.trace.schema import Allocate, CallBase, Configuration, Finish, Launch, Load, Open
from tthal.trace.trim import Trimmings
from tthal.trace.verify import Verdict

_PLAIN_WIDTH = 160
_MOST_PROGRAMS = 20
_MOST_HEADERS = 12
_MOST_DIFFERENCES = 20


def size_text(size: float) -> str:
    """Return a number of bytes as people write it."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return ""


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_PLAIN_WIDTH)


def _grid(rows: Iterable[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for what, text in rows:
        table.add_row(Text(what, "dim"), Text(text))
    return table


# ---------------------------------------------------------------------------------------------- info


def show_info(path: Path, info: TraceInfo) -> None:
    """Print the one screen about a trace."""
    console = _console()
    console.print(Text(str(path), "bold"))
    console.print(_grid(_summary(info)))
    for heading, configuration in opened(info):
        console.print(Text(f"\n{heading}", "bold"))
        console.print(_grid(_device_rows(configuration)))
    if info.programs:
        console.print()
        console.print(_programs_table(list(info.programs.values())))
    for text in info.failures:
        console.print(Text(f"failure: {text}", "yellow"))
    for text in info.missing:
        console.print(Text(f"missing: {text}", "red"))


def _summary(info: TraceInfo) -> Iterator[tuple[str, str]]:
    manifest = info.manifest
    yield "format", f"{manifest.format.name} {manifest.format}"
    recorded = f"{manifest.program or 'unknown program'} by tthal {manifest.tthal}, Python {manifest.python}"
    yield "recorded", f"{recorded}, {manifest.platform}, {manifest.created}"
    if manifest.repaired:
        yield "repaired", "yes: the recording was interrupted, its last complete call is the end"
    if manifest.trimmed is not None:
        yield "trimmed", f"from {manifest.trimmed.calls} calls by {manifest.trimmed.kept}"
    counts = ", ".join(f"{count} {op}" for op, count in sorted(info.operations.items(), key=lambda item: -item[1]))
    yield "calls", f"{manifest.calls}: {counts}"
    yield "data", f"{size_text(info.written)} written, {size_text(info.read)} read"
    yield "file", f"{size_text(info.file_size)} for {info.blobs} blobs of {size_text(info.blob_size)}"
    yield "failures", str(manifest.failures)
    yield "hermetic", "yes" if info.hermetic else "no, see below"
    if info.device_headers:
        shown = info.device_headers[:_MOST_HEADERS]
        more = len(info.device_headers) - len(shown)
        yield "from the backend", ", ".join(shown) + (f" and {more} more headers" if more else "")


def _device_rows(configuration: Configuration) -> Iterator[tuple[str, str]]:
    properties = configuration.properties
    grid = properties.compute_grid
    yield "selection", configuration.selection
    yield "options", options_of(configuration)
    yield "board", f"{properties.board} ({properties.arch.value}), {properties.dispatch_mode.value} dispatch"
    banks = f"{len(properties.l1_banks)} L1 banks, {len(properties.dram_banks)} DRAM banks"
    yield "layout", f"{grid.x} x {grid.y} cores, {banks}, accessor encoding {properties.accessor_encoding}"
    versions = ", ".join(f"{name} {version}" for name, version in sorted(properties.library_versions.items()))
    if versions:
        yield "versions", versions


def _programs_table(programs: list[ProgramInfo]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("program", "launches", "kernel", "runs on", "cores"):
        table.add_column(heading, overflow="fold")
    for program in programs[:_MOST_PROGRAMS]:
        first = [program.fingerprint[:12], str(program.launches)]
        for kernel in program.image.kernels or ():
            cores = str(kernel.core_ranges.num_cores())
            table.add_row(*map(Text, (*first, kernel_name(kernel), kernel_processor(kernel), cores)))
            first = ["", ""]
    if len(programs) > _MOST_PROGRAMS:
        table.add_row(Text(f"and {len(programs) - _MOST_PROGRAMS} more"))
    return table


def info_json(info: TraceInfo) -> str:
    """Return the findings as JSON."""
    programs = [
        {
            "fingerprint": program.fingerprint,
            "launches": program.launches,
            "kernels": [kernel_name(kernel) for kernel in program.image.kernels],
        }
        for program in info.programs.values()
    ]
    return _json(
        {
            "manifest": to_builtins(info.manifest),
            "file_size": info.file_size,
            "blobs": info.blobs,
            "blob_size": info.blob_size,
            "written": info.written,
            "read": info.read,
            "programs": programs,
            "failures": info.failures,
            "device_headers": info.device_headers,
            "hermetic": info.hermetic,
            "missing": info.missing,
        }
    )


def _json(value: Any) -> str:
    return encode(value).decode()


# ---------------------------------------------------------------------------------------------- dump


def call_text(trace: Trace, call: CallBase) -> str:
    """Return a call as one or more lines."""
    line = f"{call.n:6d} d{call.device} {describe(call)}"
    if call.error is not None:
        first = call.error.message.splitlines()[0] if call.error.message else ""
        line += f": {first}"
    return "\n".join([line, *(f"          {detail}" for detail in _details(trace, call))])


def _details(trace: Trace, call: CallBase) -> Iterator[str]:
    if isinstance(call, Load):
        for kernel in trace.image(call.program).kernels:
            yield f"{kernel_name(kernel)} ({kernel_processor(kernel)}) on {kernel.core_ranges}"
    elif isinstance(call, Finish):
        for each in call.reads:
            size = size_text(trace.size_of(each.data)) if each.data else "undefined"
            yield f"read {each.call}: {each.data[:12] if each.data else 'nothing'} ({size})"
    elif isinstance(call, Open) and call.properties:
        properties = trace.properties(call.properties)
        yield f"{properties.board}, {properties.arch.value}, grid {properties.compute_grid}"


def call_json(trace: Trace, call: CallBase) -> str:
    """Return a call as one JSON object in which programs, states and properties are spelt out."""
    raw = to_builtins(call)
    if isinstance(call, Load):
        raw["image"] = to_builtins(trace.image(call.program))
    elif isinstance(call, Launch):
        raw["launch_state"] = to_builtins(trace.state(call.state))
    elif isinstance(call, Open) and call.properties:
        raw["device_properties"] = to_builtins(trace.properties(call.properties))
    elif isinstance(call, Allocate):
        raw["pages"] = call.spec.num_pages
    return _json(raw)


# ---------------------------------------------------------------------------------------------- the other tools


def show_divergences(found: Iterator[Divergence], limit: int) -> int:
    """Print divergences, at most ``limit`` unless it is 0; return how many were seen."""
    console = _console()
    count = 0
    for divergence in found:
        count += 1
        for line in divergence.lines()[: _MOST_DIFFERENCES + 1]:
            console.print(Text(line))
        if len(divergence.found) > _MOST_DIFFERENCES:
            console.print(Text(f"    and {len(divergence.found) - _MOST_DIFFERENCES} more fields"))
        if count == limit:
            console.print(Text(f"stopped after {limit} differences; --limit 0 shows all", "dim"))
            break
    return count


def show_trimmings(done: Trimmings) -> None:
    """Print what trimming kept."""
    _console().print(
        Text(
            f"{done.path}: {done.kept} of {done.of} calls ({done.chosen} chosen, the others they depend on), "
            f"{size_text(done.size)} of {size_text(done.original_size)}"
        )
    )


def show_verdict(path: Path, verdict: Verdict) -> None:
    """Print what verifying found."""
    console = _console()
    for problem in verdict.problems:
        console.print(Text(f"problem: {problem}", "red"))
    for remark in verdict.remarks:
        console.print(Text(f"remark: {remark}", "yellow"))
    state = "sound" if verdict.ok else "damaged"
    looked_at = f"{verdict.calls} calls, {verdict.blobs} blobs, {size_text(verdict.size)}"
    console.print(Text(f"{path}: {state} ({looked_at})", "green" if verdict.ok else "red"))


def show_repaired(done: Repaired) -> None:
    """Print what repairing did."""
    console = _console()
    if done.was_complete:
        console.print(Text(f"{done.path} is complete ({done.calls} calls); nothing to repair"))
        return
    if done.damage:
        console.print(Text(f"damage: {done.damage}", "yellow"))
    console.print(Text(f"{done.path}: recovered {done.calls} calls, dropped {done.dropped} bytes behind them"))


def show_report(path: Path, selection: str, compare: str, report: Report) -> None:
    """Print how a re-execution went."""
    console = _console()
    if report.reads:
        console.print(_reads_table(report.reads))
    for text in report.notes:
        console.print(Text(f"note: {text}", "dim"))
    for text in report.outcomes:
        console.print(Text(f"outcome: {text}", "red"))
    if report.stopped:
        console.print(Text(f"stopped: {report.stopped}", "red"))
    reads = f"{report.equal} of {report.equal + report.differing} reads agree ({compare})"
    console.print(
        Text(
            f"{path} on {selection}: {report.calls} calls, {reads}, {size_text(report.compared_bytes)} compared",
            "green" if report.ok else "red",
        )
    )


def _reads_table(reads: list[ReadOutcome]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("call", "what", "bytes", "format", "result"):
        table.add_column(heading, overflow="fold")
    for each in reads:
        result = Text("equal", "green") if each.ok else Text(each.failed or str(each.difference), "red")
        data_format = each.data_format.name if each.data_format is not None else "bytes"
        table.add_row(*map(Text, (str(each.call), each.what, str(each.size), data_format)), result)
    return table
