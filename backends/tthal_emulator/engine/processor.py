"""One processor of one core while it runs a kernel: an instance with its own store, resumed poll by poll."""

from __future__ import annotations

import weakref
from typing import Any

from . import memory_map as at
from .c_api import Owned
from .core_memory import CoreMemories
from .engine import Engine
from .module import Module
from .signals import FAULT_HANDLERS
from .traps import EngineError, Trap, TrapKind, read_report

STACK_POINTER = "__stack_pointer"
"""The one global of a kernel; modules that export it find it as new in every run."""
_ALL_FUEL = (1 << 62) - 1
_ZERO_BLOCK = bytes(at.BLOCK_SIZE)


class Processor:
    """Runs one entry of a module on one processor of a core, until it finishes, traps or is closed.

    Making one ends a former one that was left on the same core and slot, zeroes block, stack and data, and loads the
    module's static data.

    Args:
        slot: which of the core's processors; fixes its private memory.
        data: whatever host functions shall find as ``processor.data``.

    Attributes:
        block: the 24 KB processor block, zero at first, where kernels find it by the memory map. Stays valid for ever.
        state: what compiled host functions know of it (``tthal_processor`` in execution/compiled/interface.h).
        finished: its entry returned; False after a trap.
        host_error: what a host function raised in this turn.
    """

    __slots__ = (
        "__weakref__",
        "_armed",
        "_context",
        "_entry",
        "_entry_name",
        "_error",
        "_future",
        "_instance",
        "_interrupt",
        "_interval",
        "_memories",
        "_owner",
        "_stack_pointer",
        "_stack_top",
        "_store",
        "_trap",
        "block",
        "core",
        "data",
        "engine",
        "finished",
        "host_error",
        "module",
        "monitor",
        "slot",
        "state",
    )

    def __init__(self, module: Module, memories: CoreMemories, core: int, slot: int, data: Any = None) -> None:
        self._store: Owned | None = None
        self._future: Owned | None = None
        self._entry: Any = None
        self._entry_name = ""
        self.engine: Engine = module.engine
        self.module = module
        self.core, self.slot, self.data = core, slot, data
        self.finished = False
        self.host_error: BaseException | None = None
        self._interrupt: str | None = None
        self._memories = memories
        self.block = memories.block(core, slot)
        self.monitor = memories.monitor(core, slot)
        self._armed = False
        memories.occupy(self)
        self._arm()
        try:
            self._new_store()
            self._instantiate()
            if module.image is None:
                module.image = memories.image(core, slot)
            self.block[:] = _ZERO_BLOCK
        except BaseException:
            self.close()
            raise

    # ---- its instance

    def _new_store(self) -> None:
        api = self.engine.api
        self.state = api.ffi.new("tthal_processor*")
        # Weak, for what the handle refers to would live as long as the handle, which lives as long as this.
        self._owner = api.ffi.new_handle(weakref.ref(self))
        self.state.owner = self._owner
        store = api.c.wasmtime_store_new(self.engine.handle.pointer, self.state, api.ffi.NULL)
        self._store = api.own(store, api.c.wasmtime_store_delete)
        self._context = api.c.wasmtime_store_context(store)
        self._trap, self._error = api.ffi.new("wasm_trap_t**"), api.ffi.new("wasmtime_error_t**")
        self.state.trap = api.ffi.cast("void**", self._trap)
        self.state.error = api.ffi.cast("void**", self._error)
        self._interval = 0
        self._fill_up()  # and no giving way yet: copying static data costs fuel too

    def _fill_up(self) -> None:
        api = self.engine.api
        api.check(api.c.wasmtime_context_set_fuel(self._context, _ALL_FUEL))

    def _refuel(self) -> None:
        self._fill_up()
        if self._interval != self.engine.options.yield_interval:
            self.set_yield_interval(self.engine.options.yield_interval)

    def _instantiate(self) -> None:
        api = self.engine.api
        self._instance = api.ffi.new("wasmtime_instance_t*")
        with self._memories.instantiating(self.module, self.core, self.slot, self._context) as bound:
            future = api.c.wasmtime_instance_pre_instantiate_async(
                bound.pointer, self._context, self._instance, self._trap, self._error
            )
            done = api.c.wasmtime_call_future_poll(future)
            api.c.wasmtime_call_future_delete(future)
            trap = self._take_outcome()
            if trap is not None:
                raise EngineError(f"the module cannot be instantiated: {trap}")
            if not done:
                raise EngineError("the module runs code while it is instantiated")
        self._remember_stack_top()
        self.set_yield_interval(self.engine.options.yield_interval)

    def _remember_stack_top(self) -> None:
        api = self.engine.api
        self._stack_pointer: Any = None
        if STACK_POINTER in self.module.exports:
            self._stack_pointer, self._stack_top = api.ffi.new("wasmtime_global_t*"), api.ffi.new("wasmtime_val_t*")
            export = self._export(STACK_POINTER)  # with a name, for a part of a structure does not keep it alive
            self._stack_pointer[0] = getattr(export.of, "global")
            api.c.wasmtime_global_get(self._context, self._stack_pointer, self._stack_top)

    def _export(self, name: str) -> Any:
        api, encoded = self.engine.api, name.encode()
        export = api.ffi.new("wasmtime_extern_t*")
        if not api.c.wasmtime_instance_export_get(self._context, self._instance, encoded, len(encoded), export):
            raise EngineError(f"the module exports no {name}")
        return export

    def renew(self, data: Any = None) -> None:
        """Make a finished processor as new, which costs less than to make another: memory, stack, fuel and state."""
        if not self.finished or self._store is None:
            raise EngineError("only a processor whose entry returned can be used again")
        self._arm()
        try:
            self._memories.restore(self.core, self.slot, self.module)
            self.block[:] = _ZERO_BLOCK
            if self._stack_pointer is not None:
                api = self.engine.api
                api.check(api.c.wasmtime_global_set(self._context, self._stack_pointer, self._stack_top))
            self._refuel()
            self.data, self.finished, self.state.ended = data, False, False
            self._interrupt = None
        except BaseException:
            self.close()
            raise

    def retire(self) -> None:
        """Let go of what only a running processor needs; :meth:`renew` makes it usable again."""
        self.data = None
        self._disarm()

    def _arm(self) -> None:
        if not self._armed:
            FAULT_HANDLERS.acquire()
            self._armed = True

    def _disarm(self) -> None:
        if self._armed:
            self._armed = False
            FAULT_HANDLERS.release()

    # ---- its turns

    @property
    def parked(self) -> bool:
        """Whether it waits in a blocking host function; set False to let the next poll resume it."""
        return bool(self.state.parked)

    @parked.setter
    def parked(self, parked: bool) -> None:
        self.state.parked = parked

    @property
    def called(self) -> bool:
        """Whether a host function was called since the last poll began."""
        return bool(self.state.called)

    @property
    def ended(self) -> bool:
        """Whether its run ended, well or not."""
        return bool(self.state.ended)

    def set_yield_interval(self, fuel: int) -> None:
        """Let the processor give way after so much fuel, from the next poll on."""
        if fuel != self._interval:
            api = self.engine.api
            api.check(api.c.wasmtime_context_fuel_async_yield_interval(self._context, fuel))
            self._interval = fuel

    def static_data(self) -> tuple[int, int, int]:
        """Where its memory begins in this process, and the kernel's addresses at which its static data begins and ends.

        Valid until it is closed.
        """
        return self._memories.static_data(self.core, self.slot)

    def start(self, entry: str) -> None:
        """Begin to run an exported function without parameters; nothing runs before the first poll."""
        if self._future is not None or self.finished or self._store is None:
            raise EngineError("a processor runs one entry until it is renewed")
        api = self.engine.api
        if self._entry is None or self._entry_name != entry:
            self._entry, self._entry_name = self._export(entry), entry
        FAULT_HANDLERS.claim()
        null, function = api.ffi.NULL, api.ffi.addressof(self._entry.of, "func")
        future = api.c.wasmtime_func_call_async(self._context, function, null, 0, null, 0, self._trap, self._error)
        self._future = api.own(future, api.c.wasmtime_call_future_delete)
        self.state.future = future

    def poll(self) -> bool:
        """Run until the entry ends (True), a blocking host function parks the processor, or fuel makes it give way.

        Raises:
            Trap: it was stopped; when a host function raised an Exception, that is its ``__cause__``.
            BaseException: what a host function raised and is not an Exception, such as KeyboardInterrupt.
        """
        engine = self.engine
        if engine.polled is not None or self._future is None:
            raise EngineError("poll: the processor is not started, or another one is being polled")
        self.state.called = False
        try:
            engine.polled = self
            self.state.ended = engine.api.c.wasmtime_call_future_poll(self._future.pointer)
        finally:
            engine.polled = None
        self.end_turn()
        return self.ended

    def end_turn(self) -> None:
        """See to what a turn left behind; :meth:`poll` does, and whoever lets compiled code give turns must.

        That a run ended is seen to once; to call this again changes nothing.

        Raises:
            Trap, BaseException: see :meth:`poll`.
        """
        error, self.host_error = self.host_error, None
        if not self.state.ended:
            if error is not None:
                raise error
        elif self._future is not None:
            self._end(error)

    def _end(self, error: BaseException | None) -> None:
        self._release_future()
        self.state.parked = False
        trap = self._take_outcome()
        if trap is None:
            self.finished = True
            return
        if error is None or isinstance(error, Exception):
            raise trap from error
        error.__context__ = trap
        raise error

    def _take_outcome(self) -> Trap | None:
        """The trap or error that libwasmtime left, if any."""
        api = self.engine.api
        trap, error = self._trap[0], self._error[0]
        self._trap[0], self._error[0] = api.ffi.NULL, api.ffi.NULL
        code: int | None = None
        if error != api.ffi.NULL:
            text = api.take_error(error)
        elif trap != api.ffi.NULL:
            text, code = api.take_trap(trap)
        else:
            return None
        found = read_report(text, code)
        if self._interrupt is not None:
            return Trap(TrapKind.INTERRUPTED, self._interrupt, found.frames)
        return self._located(found)

    def _located(self, trap: Trap) -> Trap:
        """Say in the message where a faulting address lies."""
        if trap.address is None:
            return trap
        layout = self.engine.options.memory_model.private_layout(self.slot)
        region = at.describe(trap.address, self._memories.l1_size, layout)
        return Trap(trap.kind, f"{trap.message}: 0x{trap.address:x}, {region}", trap.frames, trap.address, region)

    def interrupt(self, message: str) -> Trap | None:
        """Stop an unfinished processor, blocked or running, and tell where it was.

        Returns:
            A trap of kind INTERRUPTED with ``message`` and the backtrace; None when it finished or was not running.
        """
        if self._future is None:
            return None
        api = self.engine.api
        self._interrupt = message
        api.check(api.c.wasmtime_context_set_fuel(self._context, 0))
        try:
            while True:
                if self.parked:
                    self.state.trap_return[0] = api.new_trap(message)
                    self.parked = False
                if self.poll():
                    return None
        except Trap as trap:
            return trap

    def close(self) -> None:
        """Cancel what runs and free the instance; the block's content stays readable.

        Closing twice is fine, and closing again finishes a close that Ctrl-C interrupted.
        """
        if self.engine.polled is self:
            raise EngineError("a processor cannot be closed while it is being polled")
        self._release_future()
        if self._store is not None:
            self._store.release()
            self._store = None
            self._disarm()
        if self.engine.memory_creator is not None:
            self.engine.memory_creator.raise_pending()

    def _release_future(self) -> None:
        if self._future is not None:
            self.state.future = self.engine.api.ffi.NULL
            self._future.release()
            self._future = None

    def __del__(self) -> None:
        # Should an interrupt end this early, the slots are cleared in their order: the future before its store.
        if getattr(self, "_store", None) is not None:
            self.close()
