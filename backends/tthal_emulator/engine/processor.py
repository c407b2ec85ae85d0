"""One processor of one core while it runs a kernel: an instance with its own store, resumed poll by poll."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import memory_map as at
from .memories import MappedMemories, SharedMemories
from .traps import EngineError, Trap, TrapKind, read_report

if TYPE_CHECKING:
    from .engine import Engine, Module
    from .memories import CoreMemories

_FULL_TANK = (1 << 62) - 1


class Processor:
    """Runs one entry of a module on one processor of a core, until it finishes, traps or is closed.

    Making one zeroes its block, stack and data and loads the module's static data.

    Attributes:
        block: the 32 KB processor block, zero at first; kernels find it at ``block_address``.
        parked: it waits in a blocking host function; set False to let the next poll resume it.
        called: a host function was called since the last poll began.
        finished: its entry returned.
        data: anything the scheduler wants host functions to find here.
    """

    __slots__ = (
        "_context",
        "_entry",
        "_error",
        "_future",
        "_instance",
        "_interrupt",
        "_interval",
        "_store",
        "_trap",
        "block",
        "block_address",
        "called",
        "core",
        "data",
        "engine",
        "finished",
        "host_error",
        "module",
        "parked",
        "slot",
        "trap_return",
    )

    def __init__(self, module: Module, memories: CoreMemories, core: int, slot: int, data: Any = None) -> None:
        self._store = self._future = None
        self.engine: Engine = module.engine
        self.module = module
        self.core, self.slot, self.data = core, slot, data
        self.parked = self.called = self.finished = False
        self.host_error: BaseException | None = None
        self._interrupt: str | None = None
        self.trap_return: Any = None
        self.block = memories.block(core, slot)
        self.block_address = self.engine.options.memory_model.private_layout(slot).block
        self.block[:] = bytes(at.BLOCK_SIZE)
        self._new_store()
        try:
            self._instantiate(memories)
        except BaseException:
            self.close()
            raise

    def _new_store(self) -> None:
        ffi, c = self.engine.library.ffi, self.engine.library.c
        self._store = c.wasmtime_store_new(self.engine.handle, ffi.NULL, ffi.NULL)
        self._context = c.wasmtime_store_context(self._store)
        self._trap, self._error = ffi.new("wasm_trap_t**"), ffi.new("wasmtime_error_t**")
        self.engine.check(c.wasmtime_context_set_fuel(self._context, _FULL_TANK))
        self._interval = 0
        self.set_yield_interval(self.engine.options.yield_interval)

    def _instantiate(self, memories: CoreMemories) -> None:
        if isinstance(memories, MappedMemories):
            with self.engine.creating_in(memories.space(self.core, self.slot)):
                self._instantiate_with(self.module.prepared)
        elif isinstance(memories, SharedMemories):
            memories.clear_private(self.core, self.slot, self.module.memory_minimum())
            self._instantiate_with(self._prepared_for(memories))
        else:
            raise EngineError(f"{type(memories).__name__} is not a memory of this engine")

    def _prepared_for(self, memories: SharedMemories) -> Any:
        linker = memories.linkers.get(self.core)
        if linker is None:
            linker = memories.linkers[self.core] = self.engine.new_linker()
            self.engine.define_shared_memory(linker, self._context, memories.handles[self.core])
        return self.engine.prepare(self.module, linker)

    def _instantiate_with(self, prepared: Any) -> None:
        ffi, c = self.engine.library.ffi, self.engine.library.c
        self._instance = ffi.new("wasmtime_instance_t*")
        future = c.wasmtime_instance_pre_instantiate_async(
            prepared, self._context, self._instance, self._trap, self._error
        )
        try:
            if not c.wasmtime_call_future_poll(future):
                raise EngineError("the module runs code while it is instantiated")
        finally:
            c.wasmtime_call_future_delete(future)
        trap = self._take_outcome()
        if trap is not None:
            raise EngineError(f"the module cannot be instantiated: {trap}")

    def set_yield_interval(self, fuel: int) -> None:
        """Let the processor give way after so much fuel, from the next poll on."""
        if fuel != self._interval:
            c = self.engine.library.c
            self.engine.check(c.wasmtime_context_fuel_async_yield_interval(self._context, fuel))
            self._interval = fuel

    def fuel_consumed(self) -> int:
        """Work done so far, about one per wasm instruction; the same in every run."""
        left = self.engine.library.ffi.new("uint64_t*")
        self.engine.check(self.engine.library.c.wasmtime_context_get_fuel(self._context, left))
        return _FULL_TANK - int(left[0])

    def start(self, entry: str) -> None:
        """Begin to run an exported function without parameters; nothing runs before the first poll."""
        if self._future is not None or self.finished or self._store is None:
            raise EngineError("a processor runs one entry in its life")
        ffi, c = self.engine.library.ffi, self.engine.library.c
        self._entry = ffi.new("wasmtime_extern_t*")
        name = entry.encode()
        if not c.wasmtime_instance_export_get(self._context, self._instance, name, len(name), self._entry):
            raise EngineError(f"the module exports no {entry}")
        function = ffi.addressof(self._entry.of, "func")
        self._future = c.wasmtime_func_call_async(
            self._context, function, ffi.NULL, 0, ffi.NULL, 0, self._trap, self._error
        )

    def poll(self) -> bool:
        """Run until the entry ends (True), a blocking host function parks the processor, or fuel makes it give way.

        Raises:
            Trap: it was stopped. A host function's exception is its ``__cause__``.
            BaseException: a host function raised what is not an Exception (KeyboardInterrupt); the Trap is its context.
        """
        engine = self.engine
        if engine.current is not None or self._future is None:
            raise EngineError("poll: the processor is not started, or another one is being polled")
        engine.current = self
        self.called = False
        try:
            ended = engine.library.c.wasmtime_call_future_poll(self._future)
        finally:
            engine.current = None
        if ended:
            self._end()
            return True
        if self.host_error is not None:
            raise self.host_error
        if not self.parked:
            options = engine.options
            self.set_yield_interval(options.yield_interval if self.called else options.spin_interval)
        return False

    def _end(self) -> None:
        self._delete_future()
        self.parked = False
        trap = self._take_outcome()
        if trap is None:
            self.finished = True
            return
        error = self.host_error
        if error is None:
            raise trap
        if isinstance(error, Exception):
            raise trap from error
        try:
            raise trap
        except Trap:
            raise error  # noqa: B904  (the trap becomes its context)

    def _take_outcome(self) -> Trap | None:
        """The trap or error that libwasmtime left, if any."""
        ffi = self.engine.library.ffi
        trap, error = self._trap[0], self._error[0]
        self._trap[0], self._error[0] = ffi.NULL, ffi.NULL
        code: int | None = None
        if error != ffi.NULL:
            text = self.engine.take_error(error)
        elif trap != ffi.NULL:
            text, code = self._take_trap(trap)
        else:
            return None
        found = read_report(text, code)
        if self._interrupt is not None:
            return Trap(TrapKind.INTERRUPTED, self._interrupt, found.frames)
        return found

    def _take_trap(self, trap: Any) -> tuple[str, int | None]:
        ffi, c = self.engine.library.ffi, self.engine.library.c
        vector, code = ffi.new("wasm_byte_vec_t*"), ffi.new("uint8_t*")
        c.wasm_trap_message(trap, vector)
        known = bool(c.wasmtime_trap_code(trap, code))
        c.wasm_trap_delete(trap)
        return self.engine.take_bytes(vector).decode(errors="replace").rstrip("\0"), int(code[0]) if known else None

    def interrupt(self, message: str) -> Trap | None:
        """Stop an unfinished processor, blocked or running, and tell where it was.

        Returns:
            A trap of kind INTERRUPTED with ``message`` and the backtrace; another kind when it trapped by itself just
            then; None when it finished or was not running.
        """
        if self._future is None:
            return None
        self._interrupt = message
        if self.parked:
            self.trap_return[0] = self.engine.new_trap(message)
            self.parked = False
        else:
            self.engine.check(self.engine.library.c.wasmtime_context_set_fuel(self._context, 0))
        try:
            while not self.poll():
                pass
        except Trap as trap:
            return trap
        return None

    def close(self) -> None:
        """Cancel what runs and free the instance; the block's content stays readable. Closing twice is fine."""
        if self.engine.current is self:
            raise EngineError("a processor cannot be closed while it is being polled")
        self._delete_future()
        if self._store is not None:
            store, self._store = self._store, None
            self.engine.library.c.wasmtime_store_delete(store)

    def _delete_future(self) -> None:
        if self._future is not None:
            future, self._future = self._future, None
            self.engine.library.c.wasmtime_call_future_delete(future)

    def __del__(self) -> None:
        if getattr(self, "_store", None) is not None:
            self.close()
