"""A launch's data for compiled code: who takes part, who waits for what, and what answers at a NoC's nodes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from tthal.errors import InvalidArgument
from tthal.observer import CompiledListener, EventKind
from tthal_emulator.abi import NOC_NODE_BITS, Decision, StopReason
from tthal_emulator.engine import Processor
from tthal_emulator.engine.callbacks import Callbacks
from tthal_emulator.engine.libwasmtime import c_library, wasmtime_library
from tthal_emulator.engine.memory_map import SLOTS
from tthal_emulator.noc.nodes import Nodes
from tthal_emulator.noc.ports import Port

from .order import Deviation, Order, Taken
from .worker import Worker

NONE = 0xFFFFFFFF
WORKSPACE_SIZE = 3 << 19
"""Bytes that each line of matrix products works with, see products.cpp."""
_NODES = 1 << 2 * NOC_NODE_BITS
_RECORDS = 1024
_LINE = 64
_GOLDEN = 0x9E3779B97F4A7C15
_MOST_DECISIONS = 1 << 16
"""Decisions of an order that are kept."""


class CompiledLaunch:
    """The ``tthal_launch`` of one device, used for one launch after the other.

    Kernels go by the index of their processor in the device, ``core * SLOTS + slot``.

    Args:
        part: the compiled part.
        multiplying: opens the part that multiplies tiles.
        cores: how many the device has.
        nodes: what answers at the nodes of both NoCs.
        callbacks: made those that run during turns.
    """

    def __init__(
        self, part: Any, multiplying: Callable[[], Any], cores: int, nodes: Nodes, callbacks: Callbacks
    ) -> None:
        library = wasmtime_library()
        self._part = part
        self._multiplying = multiplying
        self._ffi = ffi = library.ffi
        self._callbacks = callbacks
        self._begin, self._run, self._finish = part.tthal_begin, part.tthal_run, part.tthal_finish
        self._mark_dirty, self._make_ready = part.tthal_mark_dirty, part.tthal_make_ready
        self._reads_late = part.tthal_reads_late
        self._tell, self._announce, self._collect = part.tthal_tell, part.tthal_announce, part.tthal_collect
        self._handle = ffi.new("tthal_launch*")
        self._lent: dict[str, Any] = {}
        self._lend_functions(library.c)
        self._lend_arrays(cores)
        self._entries = [self._lent["kernels"] + index for index in range(cores * SLOTS)]
        self._nodes = [self._lend_nodes(noc, nodes) for noc in range(len(nodes.at))]
        self._workspace: Any = None
        self._make_lines(1)
        self._workers: list[Worker] = []
        self._gathered: tuple[Any, ...] | None = None
        self._heard: frozenset[EventKind] | None = None
        self._transfers_on_host = False

    # ---- once per device

    def _lend_functions(self, engine: Any) -> None:
        """Hand over the functions that compiled code calls."""
        libc = c_library(self._ffi)
        for name, place, function in (
            ("move", libc, "memmove"),
            *([] if sys.platform == "win32" else [("sleep", libc, "usleep")]),
            ("poll", engine, "wasmtime_call_future_poll"),
            ("context_of", engine, "wasmtime_caller_context"),
            ("data_of", engine, "wasmtime_context_get_data"),
        ):
            kind = self._ffi.typeof(getattr(self._handle, name))
            setattr(self._handle, name, self._ffi.cast(kind, self._ffi.addressof(place, function)))

    def _lend_arrays(self, cores: int) -> None:
        """Hand over the memory of queues and flags, one element per processor or per core."""
        self._handle.core_count, self._handle.kernel_count = cores, cores * SLOTS
        for name, kind, count in (
            ("kernels", "tthal_kernel[]", cores * SLOTS),
            ("ready", "uint32_t[]", cores * SLOTS),
            ("polling", "uint32_t[]", cores * SLOTS),
            ("sending", "uint32_t[]", cores * SLOTS),
            ("waiting", "uint32_t[]", cores),
            ("dirty", "uint32_t[]", cores),
            ("is_dirty", "bool[]", cores),
            ("records", "tthal_record[]", _RECORDS),
        ):
            self._lent[name] = self._ffi.new(kind, count)
            setattr(self._handle, name, self._lent[name])

    def _lend_nodes(self, noc: int, nodes: Nodes) -> Any:
        lent = self._ffi.new("tthal_node[]", _NODES)
        for place, found in nodes.at[noc].items():
            node = lent[place]
            node.memory = self._ffi.from_buffer("uint8_t[]", found.memory)
            node.size = found.size
            node.read_mask, node.write_mask = found.read_mask, found.write_mask
            node.core = found.core if found.core >= 0 else NONE
        self._handle.nodes[noc] = lent
        return lent

    def host_function(self, name: str, on_host: Any) -> tuple[Any, Any]:
        """Return the compiled code of a host function and its environment; ``on_host`` does what it does not know."""
        member = f"{name}_on_host"
        kind = self._ffi.typeof(getattr(self._handle, member))
        setattr(self._handle, member, self._ffi.cast(kind, on_host))
        return self._ffi.addressof(self._part, f"tthal_{name}"), self._handle

    def need_products(self) -> None:
        """Have the library that multiplies tiles do so: it is built and opened when somebody first asks."""
        if self._handle.multiply == self._ffi.NULL:
            self._handle.multiply = self._ffi.addressof(self._multiplying(), "tthal_multiply")

    def leave_transfers_to_host(self) -> None:
        """Let Python carry out all transfers, in every launch."""
        self._transfers_on_host = self._handle.on_host = True

    def start_workers(self, count: int) -> None:
        """Let other threads do matrix products, each those of some cores; before the first launch."""
        self._make_lines(count)
        work, launch = self._part.tthal_work, self._handle
        self._workers = [Worker(self._ffi, work, launch, line, self._workspace) for line in range(count)]
        self._lent["wake_worker"] = self._ffi.new("void(*[])(void)", [worker.wake for worker in self._workers])
        launch.wake_worker = self._lent["wake_worker"]

    def _make_lines(self, count: int) -> None:
        self._workspace = self._ffi.new("uint8_t[]", count * WORKSPACE_SIZE + _LINE)
        address = int(self._ffi.cast("uintptr_t", self._workspace))
        self._handle.workspace = self._workspace + -address % _LINE
        self._handle.line_count = count

    def stop_workers(self) -> None:
        """Let the threads end; no launch may run, nor follow."""
        self._handle.wake_worker = self._ffi.NULL
        for worker in self._workers:
            worker.close()
        self._workers = []

    def close(self) -> None:
        """Let go of all memory, which the collector of garbage may be long in coming for; all processors are closed."""
        self._ffi.memmove(self._handle, bytes(self._ffi.sizeof("tthal_launch")), self._ffi.sizeof("tthal_launch"))
        self._lent.clear()
        self._entries.clear()
        self._nodes.clear()
        self._workspace = self._gathered = None

    # ---- once per launch

    def enter(self, index: int, processor: Processor, port: Port, registers: memoryview, pages: Sequence[int]) -> None:
        """Say what a processor has, before its first launch.

        Args:
            registers: the core's registers as 32-bit words.
            pages: of every circular buffer.
        """
        ffi, entry = self._ffi, self._entries[index]
        memory, entry.data_low, entry.data_end = processor.static_data()
        entry.memory = ffi.cast("uint8_t*", memory)
        entry.processor = processor.state
        entry.block = ffi.from_buffer("uint8_t[]", port.block)
        entry.monitor = ffi.from_buffer("uint8_t[]", processor.monitor)
        entry.l1 = ffi.from_buffer("uint8_t[]", port.l1)
        entry.l1_size = len(port.l1)
        entry.registers = ffi.cast("uint32_t*", ffi.from_buffer("uint8_t[]", registers))
        entry.core = port.core
        entry.pages = pages
        processor.state.kernel = entry

    def set_pages(self, index: int, pages: Sequence[int]) -> None:
        """Say how many pages the circular buffers of a processor have now."""
        self._entries[index].pages = pages

    def begin(self, kernels: Sequence[int]) -> None:
        """Make all ``kernels`` ready, in their order."""
        self._begin(self._handle, self._ffi.new("uint32_t[]", kernels), len(kernels))

    def end(self) -> None:
        """Finish the products that are left, so that the kernels' memory is their own again; may be called twice."""
        self._finish(self._handle)

    # ---- orders of events

    def follow(self, order: Order, reads_late: bool = False, at_accesses: bool = False) -> None:
        """Choose between orders of events like this from now on; with ``reads_late`` also where flushes are called,
        with ``at_accesses`` also at loads and stores that kernels announce.
        """
        ffi, ours = self._ffi, self._handle.order
        ours.reads_late, ours.at_accesses = reads_late, at_accesses
        script, falls = order.script, order.falls
        ours.strategy = order.strategy
        ours.gives_way_in, ours.arrives_in = order.one_in
        # Any seed starts the generator somewhere else; 0 would stop it.
        ours.random = order.seed * _GOLDEN & 0xFFFFFFFFFFFFFFFF or _GOLDEN
        ours.script_count, ours.fall_count, ours.made_capacity = len(script), len(falls), _MOST_DECISIONS
        ours.asked_capacity = _MOST_DECISIONS
        for name, kind, content in (
            ("script", "tthal_decision[]", [(item.step, item.kind, item.value, 0) for item in script] or 1),
            ("falls", "uint32_t[]", list(falls) or 1),
            ("priority", "uint32_t[]", self._handle.kernel_count),
            ("made", "tthal_decision[]", _MOST_DECISIONS),
            ("asked", "uint8_t[]", _MOST_DECISIONS),
        ):
            self._lent[name] = ffi.new(kind, content)
            setattr(ours, name, self._lent[name])

    @property
    def taken(self) -> Taken:
        """The order that the launches have had so far."""
        ours = self._handle.order
        made = [ours.made[place] for place in range(min(int(ours.made_count), int(ours.made_capacity)))]
        return Taken(
            kernels=int(ours.most_kernels),
            steps=int(ours.step),
            digest=f"{int(ours.digest):016x}",
            deviations=tuple((Deviation(m.step, Decision(m.kind), m.value), int(m.kernel)) for m in made),
            asked=bytes(self._ffi.buffer(ours.asked, min(int(ours.step), int(ours.asked_capacity)))),
            complete=len(made) == int(ours.made_count),
        )

    def arrival(self, index: int) -> int:
        """Return the seed by which some of a kernel's transfers arrive now, and forget it."""
        entry = self._entries[index]
        seed, entry.arrival = int(entry.arrival), 0
        return seed

    # ---- for those who observe it

    def observe(
        self,
        listeners: Sequence[CompiledListener],
        read: Callable[[memoryview], None] | None,
        capacity: int,
        on_host: bool,
        kinds: frozenset[EventKind],
    ) -> None:
        """Let the next launch write records, for listeners and for a function that reads ``capacity`` at a time.

        Args:
            on_host: Python carries out all transfers.
            kinds: of events that anybody listens for; the others are left out where compiled code would write them.

        Raises:
            InvalidArgument: there are more listeners than places.
        """
        ffi, launch = self._ffi, self._handle
        heard = [(ffi.cast("void*", item.function), ffi.cast("void*", item.environment)) for item in listeners]
        if read is not None:
            heard.append(self._gather(read, max(capacity, 1)))
        if len(heard) > len(launch.listeners):
            raise InvalidArgument(f"{len(heard)} observers listen to a launch; {len(launch.listeners)} can")
        for place, (function, environment) in zip(launch.listeners, heard, strict=False):
            place.listen = ffi.cast(ffi.typeof(place.listen), function)
            place.env = environment
        launch.listener_count = len(heard)
        if kinds is not self._heard:
            self._heard = kinds
            for kind in EventKind:
                launch.is_heard[kind] = kind in kinds
        launch.observed, launch.on_host = True, on_host or self._transfers_on_host

    def _gather(self, read: Callable[[memoryview], None], capacity: int) -> tuple[Any, Any]:
        ffi = self._ffi
        gatherer, records = ffi.new("tthal_gatherer*"), ffi.new("tthal_record[]", capacity)
        size = ffi.sizeof("tthal_record")

        def hand_on() -> None:
            count, gatherer.count = int(gatherer.count), 0
            if count:
                read(memoryview(ffi.buffer(records, count * size)))

        gatherer.records, gatherer.capacity = records, capacity
        full = self._callbacks.new("void(*)(void)", hand_on)
        gatherer.full = full
        self._gathered = gatherer, records, full, hand_on
        return ffi.cast("void*", ffi.addressof(self._part, "tthal_gather")), gatherer

    def stop_observing(self) -> None:
        """Hand on what is left, and write no more."""
        launch = self._handle
        if launch.observed:
            self._tell(launch)
            if self._gathered is not None:
                self._gathered[-1]()
            self._gathered = None
            launch.observed, launch.on_host, launch.listener_count = False, self._transfers_on_host, 0
            self._callbacks.raise_pending()

    @property
    def observed(self) -> bool:
        """Whether the launch writes records."""
        return bool(self._handle.observed)

    def announce(self, index: int, transfer: bytes, event: int) -> None:
        """Write the record of a transfer that Python carries out; ``transfer`` is as in the queue."""
        self._announce(self._handle, index, event, transfer)

    # ---- while it runs

    def run(self, turns: int) -> StopReason:
        """Give turns until something happens that Python must see to."""
        reason = StopReason(self._run(self._handle, turns))
        self._callbacks.raise_pending()
        return reason

    @property
    def current(self) -> int:
        """Index of the kernel that runs, or ran last."""
        return int(self._handle.current)

    def waiting(self, index: int) -> tuple[int, int, int] | None:
        """Return (kind, a, b) of what a kernel waits for."""
        entry = self._entries[index]
        kind = int(entry.wait_kind)
        return None if kind == NONE else (kind, int(entry.wait_a), int(entry.wait_b))

    def mark_dirty(self, core: int) -> None:
        """Note that a core's L1 changed, so that those who wait there are looked at again."""
        self._mark_dirty(self._handle, core)

    def mark_held(self, index: int, held: bool) -> None:
        """Note whether Python has transfers of a kernel, which compiled code must not overtake."""
        self._entries[index].held = held

    def reads_late(self, index: int) -> bool:
        """Decide whether what a kernel's flush lets go is read from its source later."""
        return bool(self._reads_late(self._handle, index))

    def make_ready(self, index: int) -> None:
        """Let a kernel run when its turn comes."""
        self._make_ready(self._handle, index)

    @property
    def live(self) -> int:
        """How many kernels have not ended."""
        return int(self._handle.live)

    @property
    def progress(self) -> int:
        """The progress counter: rises with all that brings the launch on."""
        return int(self._handle.progress)

    def note_progress(self) -> None:
        """Note that something brought the launch on."""
        self._handle.progress += 1

    def poll_later(self, index: int) -> None:
        """Put a kernel to those that look again when nobody else can run."""
        launch = self._handle
        launch.polling[launch.polling_count] = index
        launch.polling_count += 1

    def take_polling(self) -> list[int]:
        """Return who looks again when nobody else can run, and forget them."""
        return self._take("polling")

    def take_sending(self) -> list[int]:
        """Return who stopped with transfers that have not arrived, in that order, and forget it."""
        taken = self._take("sending")
        for index in taken:
            self._handle.kernels[index].sending = False
        return taken

    def _take(self, name: str) -> list[int]:
        count = int(getattr(self._handle, f"{name}_count"))
        setattr(self._handle, f"{name}_count", 0)
        return list(self._ffi.unpack(self._lent[name], count))
