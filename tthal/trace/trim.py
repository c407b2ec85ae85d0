"""Cuts a trace down to some calls or programs and what they depend on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from tthal.errors import InvalidArgument
from tthal.trace.codec import encode, encode_image
from tthal.trace.dependencies import Node, close_over, results_of, survey
from tthal.trace.reader import Trace
from tthal.trace.schema import CURRENT_VERSION, CallBase, Finish, Header, Launch, Load, Manifest, Open, Trimmed, Unload
from tthal.trace.verify import Advance, unseen
from tthal.trace.writer import TraceWriter

_RANGE = re.compile(r"(\d*)\s*(?:(-|\.\.)\s*(\d*))?")


@dataclass(frozen=True, slots=True)
class Trimmings:
    """What trimming kept; sizes are the files', in bytes."""

    path: Path
    chosen: int
    kept: int
    of: int
    size: int
    original_size: int


@dataclass(frozen=True, slots=True)
class Calls:
    """Numbers of calls, as the ranges that they were given in: a trace may number its calls as it likes."""

    ranges: tuple[range, ...]

    def __contains__(self, number: int) -> bool:
        return any(number in each for each in self.ranges)


def parse_calls(text: str, last: int) -> Calls:
    """Return the numbers up to ``last`` in a list such as ``5,10-20,100-``.

    Raises:
        InvalidArgument: the text is no such list, or names no call of the trace.
    """
    ranges: list[range] = []
    for part in text.split(","):
        found = _RANGE.fullmatch(part.strip())
        if found is None or not part.strip() or part.strip() in ("-", ".."):
            raise InvalidArgument(f"{part!r} is no range of calls; write for instance 5, 10-20 or 100-")
        start = int(found[1] or 1)
        end = int(found[3] or last) if found[2] else start
        if chosen := range(start, min(end, last) + 1):
            ranges.append(chosen)
    if not ranges:
        raise InvalidArgument(f"{text!r} names no call; the trace has the calls 1 to {last}")
    return Calls(tuple(ranges))


def find_programs(trace: Trace, wanted: str) -> frozenset[str]:
    """Return the fingerprints of the programs that ``wanted`` names: by the start of a fingerprint or a kernel's name.

    Raises:
        InvalidArgument: no program has it.
    """
    fingerprints = {call.program for call in trace.calls() if isinstance(call, Load)}
    found = {each for each in fingerprints if each.startswith(wanted)}
    for each in fingerprints:
        names = {
            name for kernel in trace.image(each).kernels for name in (kernel.content.name, kernel.content.source_name)
        }
        if wanted in names:
            found.add(each)
    if not found:
        raise InvalidArgument(
            f"no program of {trace.path} has the kernel or the fingerprint {wanted!r}; `tthal trace info` lists them"
        )
    return frozenset(found)


def trim(
    trace: Trace,
    output: Path,
    *,
    calls: str = "",
    program: str = "",
    everything: bool = False,
    overwrite: bool = False,
    advance: Advance = unseen,
) -> Trimmings:
    """Write a trace that holds the chosen calls and those they depend on, under their old numbers.

    Raises:
        InvalidArgument: nothing, or nothing that exists, is chosen.
        TraceError: the output cannot be written.
    """
    nodes = survey(trace)
    chosen = _chosen(trace, nodes, calls, program)
    kept = close_over(nodes, chosen, everything)
    asked = " ".join(filter(None, (f"--calls {calls}" if calls else "", f"--program {program}" if program else "")))
    writer = TraceWriter(output, _header(trace.manifest), overwrite=overwrite, compress=True)
    try:
        for done, call in enumerate(trace.calls(), 1):
            if call.n in kept:
                copy_call(trace, call, writer, kept)
            advance(done, len(nodes))
        writer.seal(repaired=trace.manifest.repaired, trimmed=Trimmed(calls=len(nodes), kept=asked))
    finally:
        writer.close()
    sizes = output.stat().st_size, trace.path.stat().st_size
    return Trimmings(output, len(chosen), len(kept), len(nodes), *sizes)


def _chosen(trace: Trace, nodes: list[Node], calls: str, program: str) -> set[int]:
    existing = {node.n for node in nodes}
    chosen: set[int] = set()
    if calls:
        wanted = parse_calls(calls, max(existing, default=0))
        chosen |= {number for number in existing if number in wanted}
    if program:
        chosen |= results_of(nodes, find_programs(trace, program))
    if not chosen:
        raise InvalidArgument("nothing is chosen: give --calls 10-20, --program NAME, or both")
    return chosen


def _header(manifest: Manifest) -> Header:
    return Header(
        format=CURRENT_VERSION,
        tthal=manifest.tthal,
        interface_version=manifest.interface_version,
        python=manifest.python,
        platform=manifest.platform,
        program=manifest.program,
        created=manifest.created,
    )


def copy_call(trace: Trace, call: CallBase, writer: TraceWriter, kept: set[int]) -> None:
    """Write one call of a trace with its blobs; documents are written anew, in the current version."""
    if isinstance(call, Open) and call.properties:
        properties = trace.properties(call.properties)
        writer.append(replace(call, properties=writer.document(encode(properties))), properties)
        return
    if isinstance(call, Load | Unload | Launch):
        call = replace(call, program=writer.document(encode_image(trace.image(call.program))))
    if isinstance(call, Launch):
        call = replace(call, state=writer.document(encode(trace.state(call.state))))
    if isinstance(call, Finish):
        call = replace(call, reads=tuple(each for each in call.reads if each.call in kept))
        for each in call.reads:
            _copy_data(trace, each.data, writer)
    _copy_data(trace, getattr(call, "data", None), writer)
    writer.append(call)


def _copy_data(trace: Trace, digest: str | None, writer: TraceWriter) -> None:
    if digest is not None and not writer.has(digest):
        writer.data(trace.data(digest))
