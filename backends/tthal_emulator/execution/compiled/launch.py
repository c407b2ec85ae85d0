"""A launch's data for compiled code: who takes part, who waits for what, and what answers at a NoC's nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from tthal_emulator.engine.callbacks import Callbacks
from tthal_emulator.engine.library import wasmtime_library
from tthal_emulator.engine.memory_map import SLOTS
from tthal_emulator.noc.nodes import Target

from .worker import Worker

if TYPE_CHECKING:
    from tthal_emulator.engine import Engine, Processor
    from tthal_emulator.execution.running import RunningKernel

NONE = 0xFFFFFFFF
WORKSPACE_SIZE = 1 << 20
"""Bytes that matrix products work with, see products.cpp."""
_NODES = 4096
_LINE = 64
_GOLDEN = 0x9E3779B97F4A7C15


class Event(IntEnum):
    """Why compiled code stopped giving turns, see ``tthal_event`` in interface.h."""

    ENDED = 0
    SPENT = 1
    ARRIVAL = 2
    IDLE = 3
    PAUSE = 4


class CompiledLaunch:
    """The ``tthal_launch`` of one device, used for one launch after the other.

    Args:
        part: the compiled part.
        cores: how many the device has.

    Attributes:
        running: the kernels of the launch, by index.
        callbacks: makes those that run during turns.
    """

    def __init__(self, part: Any, cores: int) -> None:
        library = wasmtime_library()
        self._part = part
        self._ffi = ffi = library.ffi
        self.callbacks = Callbacks(ffi)
        self.running: dict[int, RunningKernel] = {}
        self._begin = part.tthal_begin
        self._run, self._touch, self._make_ready = part.tthal_run, part.tthal_touch, part.tthal_make_ready
        self._finish = part.tthal_finish
        self._handle = ffi.new("tthal_launch*")
        self._lent: dict[str, Any] = {}
        self._nodes: list[Any] = []
        pointer = ffi.addressof(ffi.dlopen(None), "memmove")
        self._handle.move = ffi.cast(ffi.typeof(self._handle.move), pointer)
        for name, function in (
            ("poll", "wasmtime_call_future_poll"),
            ("context_of", "wasmtime_caller_context"),
            ("data_of", "wasmtime_context_get_data"),
        ):
            pointer = ffi.addressof(library.c, function)
            setattr(self._handle, name, ffi.cast(ffi.typeof(getattr(self._handle, name)), pointer))
        self._handle.core_count, self._handle.kernel_count = cores, cores * SLOTS
        for name, kind, count in (
            ("kernels", "tthal_kernel[]", cores * SLOTS),
            ("ready", "uint32_t[]", cores * SLOTS),
            ("polling", "uint32_t[]", cores * SLOTS),
            ("sending", "uint32_t[]", cores * SLOTS),
            ("waiting", "uint32_t[]", cores),
            ("touched", "uint32_t[]", cores),
            ("is_touched", "bool[]", cores),
        ):
            self._lent[name] = ffi.new(kind, count)
            setattr(self._handle, name, self._lent[name])
        self._entries = [self._lent["kernels"] + index for index in range(cores * SLOTS)]
        self._entered: dict[int, tuple[Processor, tuple[int, ...]]] = {}
        self._workspace = ffi.new("uint8_t[]", WORKSPACE_SIZE + _LINE)
        address = int(ffi.cast("uintptr_t", self._workspace))
        self._handle.workspace = self._workspace + -address % _LINE
        self._worker: Worker | None = None

    # ---- once per device

    def host_function(self, name: str) -> tuple[Any, Any]:
        """Return the compiled code of a host function and its environment."""
        return self._ffi.addressof(self._part, f"tthal_{name}"), self._handle

    def fall_back_to(self, engine: Engine) -> None:
        """Let compiled host functions hand what they do not know to the engine's Python ones."""
        for name in ("wait", "noc", "matmul"):
            member = f"{name}_on_host"
            kind = self._ffi.typeof(getattr(self._handle, member))
            setattr(self._handle, member, self._ffi.cast(kind, engine.host_functions.callback(name)))

    def connect(self, targets: tuple[Mapping[int, Target], Mapping[int, Target]]) -> None:
        """Say what answers at the nodes of both NoCs."""
        self._nodes = [self._ffi.new("tthal_node[]", _NODES) for _ in targets]
        for noc, (nodes, found) in enumerate(zip(self._nodes, targets, strict=True)):
            for place, target in found.items():
                node = nodes[place]
                node.memory = self._ffi.from_buffer("uint8_t[]", target.memory)
                node.size = target.size
                node.read_mask, node.write_mask = target.read_mask, target.write_mask
                node.core = target.core if target.core >= 0 else NONE
            self._handle.nodes[noc] = nodes

    def employ_worker(self) -> None:
        """Let another thread do matrix products."""
        self._worker = Worker(self._ffi, self._part.tthal_work, self._handle, self._workspace)
        self._handle.wake_worker = self._worker.wake

    def close(self) -> None:
        """Let the worker and the device's memory go; no launch may run, nor follow."""
        if self._worker is not None:
            self._handle.wake_worker = self._ffi.NULL
            self._worker.close()
        self._worker = None
        self._entered.clear()

    # ---- once per launch

    def begin(self, kernels: Sequence[RunningKernel], seed: int) -> None:
        """Make all ``kernels`` ready, in their order."""
        self.running = {kernel.core * SLOTS + kernel.processor.slot: kernel for kernel in kernels}
        for index, kernel in self.running.items():
            self._enter(index, kernel)
        order = self._ffi.new("uint32_t[]", list(self.running))
        # Any seed but 0 starts the generator somewhere else; 0 itself would stop it.
        self._begin(self._handle, order, len(self.running), seed * _GOLDEN & 0xFFFFFFFFFFFFFFFF)

    def _enter(self, index: int, kernel: RunningKernel) -> None:
        processor, entry = kernel.processor, self._entries[index]
        kernel.entry = kernel.port.entry = entry
        # A processor that is used again lies where it lay, and mostly has the same buffers.
        if self._entered.get(index) == (processor, kernel.pages):
            return
        ffi = self._ffi
        memory, entry.data_low, entry.data_end = processor.static_data()
        entry.memory = ffi.cast("uint8_t*", memory)
        entry.processor = processor.state
        entry.block = ffi.from_buffer("uint8_t[]", kernel.port.block)
        entry.l1 = ffi.from_buffer("uint8_t[]", kernel.port.l1)
        entry.l1_size = len(kernel.port.l1)
        entry.registers = ffi.cast("uint32_t*", ffi.from_buffer("uint8_t[]", kernel.registers))
        entry.core = kernel.core
        entry.pages = kernel.pages
        processor.state.kernel = entry
        self._entered[index] = processor, kernel.pages

    def end(self) -> None:
        """Finish the products that are left, so that the kernels' memory is their own again; may be called twice."""
        self._finish(self._handle)
        self.running = {}

    # ---- while it runs

    def run(self, turns: int) -> Event:
        """Give turns until something happens that Python must see to."""
        event = Event(self._run(self._handle, turns))
        self.callbacks.raise_pending()
        return event

    @property
    def current(self) -> int:
        """Index of the kernel that runs, or ran last."""
        return int(self._handle.current)

    def touch(self, core: int) -> None:
        """Note that a core's L1 changed, so that those who wait there are looked at again."""
        self._touch(self._handle, core)

    def make_ready(self, index: int) -> None:
        """Let a kernel run when its turn comes."""
        self._make_ready(self._handle, index)

    @property
    def live(self) -> int:
        """How many kernels have not ended."""
        return int(self._handle.live)

    @property
    def moves(self) -> int:
        """Counts what brings the launch on."""
        return int(self._handle.moves)

    def move(self) -> None:
        """Note that something brought the launch on."""
        self._handle.moves += 1

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
