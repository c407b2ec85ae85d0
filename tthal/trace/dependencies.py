"""Which calls a chosen part of a trace depends on.

A launch reaches the buffers that its state names and those whose addresses its arguments hold; when its arguments hold
no buffer's address at all, it reaches all. Going backwards from the chosen calls, a read needs its buffer's contents, a
launch that reaches needed contents is needed with everything it reaches, and a write of a whole buffer settles it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tthal.device_interface import BufferSpec, DeviceProperties, LaunchState, ProgramImage
from tthal.trace.reader import Trace
from tthal.trace.schema import (
    Allocate,
    CallBase,
    Finish,
    Free,
    Launch,
    Load,
    Open,
    Read,
    Unload,
    Write,
)
from tthal.types import TensorMemoryLayout

_Buffer = tuple[int, int]
"""A device's number and the number of the call that allocated the buffer."""


@dataclass(slots=True)
class Node:
    """A call as far as dependencies go."""

    n: int
    op: str
    device: int
    failed: bool
    queue: int = -1
    buffer: int = 0
    program: str = ""
    reaches: frozenset[int] = frozenset()
    reads: tuple[int, ...] = ()
    batch: int = 0
    explicit: bool = False
    writers: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Live:
    """A buffer that exists: the call that allocated it and its extent in every bank."""

    made: int
    start: int
    end: int
    is_l1: bool


@dataclass(slots=True)
class _Device:
    properties: DeviceProperties
    live: dict[int, _Live] = field(default_factory=dict)
    batches: dict[int, int] = field(default_factory=dict)
    last_launch: dict[int, int] = field(default_factory=dict)


def survey(trace: Trace) -> list[Node]:
    """Return all calls of a trace as nodes; their number is all that this takes memory for."""
    devices: dict[int, _Device] = {}
    return [_node(trace, call, devices) for call in trace.calls()]


def _node(trace: Trace, call: CallBase, devices: dict[int, _Device]) -> Node:
    node = Node(call.n, call.op, call.device, call.error is not None, getattr(call, "queue", -1))
    if isinstance(call, Open) and call.properties is not None:
        devices[call.device] = _Device(trace.properties(call.properties))
    device = devices.get(call.device)
    if device is None:
        return node
    if isinstance(call, Allocate) and call.allocation is not None and call.address is not None:
        device.live[call.allocation] = _place(call.n, call.spec, call.address, device.properties)
        node.buffer, node.explicit = call.n, call.spec.address is not None
    elif isinstance(call, Free | Write | Read) and call.allocation in device.live:
        node.buffer = device.live[call.allocation].made
        _follow_buffer(call, node, device)
    elif isinstance(call, Load | Unload | Launch):
        node.program = call.program
    if isinstance(call, Launch):
        node.reaches = _reached(trace.image(call.program), trace.state(call.state), device)
        device.last_launch.update(dict.fromkeys(node.reaches, call.n))
    if isinstance(call, Finish):
        node.reads = tuple(each.call for each in call.reads)
    if node.queue >= 0:
        node.batch = device.batches.get(node.queue, 0)
        device.batches[node.queue] = node.batch + isinstance(call, Finish)
    return node


def _follow_buffer(call: Free | Write | Read, node: Node, device: _Device) -> None:
    if isinstance(call, Free):
        del device.live[call.allocation]
    elif isinstance(call, Write):
        device.last_launch.pop(node.buffer, None)
    elif node.buffer in device.last_launch:
        node.writers = frozenset({device.last_launch[node.buffer]})


def _place(made: int, spec: BufferSpec, address: int, properties: DeviceProperties) -> _Live:
    """Return a buffer's extent; for shards an upper bound is enough."""
    per_bank = spec.size
    if spec.layout is TensorMemoryLayout.INTERLEAVED and spec.page_size:
        banks = len(properties.l1_banks if spec.buffer_type.is_l1 else properties.dram_banks) or 1
        step = properties.alignments.l1_page if spec.buffer_type.is_l1 else properties.alignments.dram_page
        pages = -(-spec.num_pages // banks)
        per_bank = pages * -(-spec.page_size // max(1, step)) * max(1, step)
    return _Live(made, address, address + max(1, per_bank), spec.buffer_type.is_l1)


def _reached(image: ProgramImage, state: LaunchState, device: _Device) -> frozenset[int]:
    named = [*state.allocations, *(each.allocation for each in state.circular_buffers if each.allocation)]
    bound = {device.live[each.id].made for each in named if each.id in device.live}
    by_address = set(_addressed(_words(image, state), device.live.values()))
    if not by_address:
        return frozenset(each.made for each in device.live.values())
    return frozenset(bound | by_address)


def _words(image: ProgramImage, state: LaunchState) -> set[int]:
    words: set[int] = set()
    for kernel in state.kernels:
        words.update(kernel.common)
        for _, values in kernel.per_core:
            words.update(values)
    for built in image.kernels:
        words.update(built.compile_time_args)
        words.update(value for _, value in built.named_compile_time_args)
    return words


def _addressed(words: set[int], live: Iterable[_Live]) -> Iterator[int]:
    """Yield the buffers into which one of the words points, as an address in a bank."""
    ordered = sorted(words)
    for buffer in live:
        before = bisect_right(ordered, buffer.end - 1)
        if before and ordered[before - 1] >= buffer.start:
            yield buffer.made


# ---------------------------------------------------------------------------------------------- closing a choice


def results_of(nodes: list[Node], programs: frozenset[str]) -> set[int]:
    """Return the launches of some programs and the reads whose buffers they were the last to reach."""
    launches = {node.n for node in nodes if node.op == "launch" and node.program in programs}
    return launches | {node.n for node in nodes if node.op == "read" and node.writers & launches}


def close_over(nodes: list[Node], chosen: set[int], everything: bool = False) -> set[int]:
    """Return the numbers of all calls needed to make the chosen ones with the recorded results.

    Args:
        nodes: the calls.
        chosen: what is wanted.
        everything: keep every earlier write and launch instead of those that the chosen calls depend on.
    """
    chosen = chosen | {read for node in nodes if node.n in chosen for read in node.reads}
    while True:
        closure = _Closure(nodes, chosen, everything)
        kept = closure.data_flow()
        more = closure.companions(kept) - chosen
        if not more:
            return _with_frame(nodes, kept)
        chosen = chosen | more


class _Closure:
    """Walks backwards over the calls and collects what is needed."""

    def __init__(self, nodes: list[Node], chosen: set[int], everything: bool) -> None:
        self._nodes = nodes
        self._chosen = chosen
        # Buffers placed by hand may lie over each other, so there every write counts.
        self._all = {node.device for node in nodes if everything or node.explicit}
        self._needed: set[_Buffer] = set()

    def data_flow(self) -> set[int]:
        """Return the chosen calls and those their contents come from."""
        last = max(self._chosen, default=0)
        return {node.n for node in reversed(self._nodes) if node.n <= last and self._keeps(node)}

    def companions(self, kept: set[int]) -> set[int]:
        """Return the launches that must stay with a kept command because their queue failed: which did is unknown."""
        failed = {_batch(node) for node in self._nodes if node.op == "finish" and node.failed}
        affected = failed & {_batch(node) for node in self._nodes if node.queue >= 0 and node.n in kept}
        return {node.n for node in self._nodes if node.op == "launch" and _batch(node) in affected}

    def _keeps(self, node: Node) -> bool:
        keep = node.n in self._chosen
        buffer = (node.device, node.buffer)
        if node.op in ("write_l1", "write_dram"):
            return True
        if node.op in ("read_l1", "read_dram"):
            # Raw memory may be anybody's, so everything before it counts.
            self._all |= {node.device} if keep else set()
        elif node.op == "read" and keep:
            self._needed.add(buffer)
        elif node.op == "write":
            keep = keep or node.device in self._all or buffer in self._needed
            self._needed.discard(buffer)
        elif node.op == "launch" and (keep or self._launch_counts(node)):
            keep = True
            self._needed |= {(node.device, made) for made in node.reaches}
        return keep

    def _launch_counts(self, node: Node) -> bool:
        if node.failed:
            return False
        return node.device in self._all or any((node.device, made) in self._needed for made in node.reaches)


def _batch(node: Node) -> tuple[int, int, int]:
    """Return what the commands between two finishes of one queue have in common."""
    return node.device, node.queue, node.batch


def _with_frame(nodes: list[Node], kept: set[int]) -> set[int]:
    """Add what the kept calls cannot be made without: opening, allocating, loading, finishing, freeing, closing."""
    by_number = {node.n: node for node in nodes}
    wanted = [by_number[n] for n in kept if n in by_number]
    devices = {node.device for node in wanted}
    buffers = {(node.device, node.buffer) for node in wanted if node.buffer}
    buffers |= {(node.device, made) for node in wanted for made in node.reaches}
    programs = {(node.device, node.program) for node in wanted if node.program}
    frame = set(kept)
    busy: set[tuple[int, int]] = set()
    for node in nodes:
        queue = (node.device, node.queue)
        if node.n in kept and node.op in ("write", "read", "launch"):
            busy.add(queue)
        elif node.op == "finish" and queue in busy:
            busy.discard(queue)
            frame.add(node.n)
        elif node.device in devices and _frames(node, buffers, programs):
            frame.add(node.n)
    return frame


def _frames(node: Node, buffers: set[_Buffer], programs: set[tuple[int, str]]) -> bool:
    if node.op in ("open", "close"):
        return not node.failed
    if node.op in ("allocate", "free"):
        return (node.device, node.buffer) in buffers
    return node.op in ("load", "unload") and (node.device, node.program) in programs and not node.failed
