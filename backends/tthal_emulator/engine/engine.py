"""The engine of one device: its configuration, modules and host functions."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import memory_map as at
from .c_api import CApi
from .core_memory import CoreMemories, MappedMemories, MemoryModel, SharedMemories
from .host_functions import HostFunction, HostFunctionTable
from .libwasmtime import wasmtime_library
from .linear_memory import MemoryCreator
from .module import Module
from .signals import FAULT_HANDLERS
from .traps import EngineError

if TYPE_CHECKING:
    from .processor import Processor

_SHARED_MEMORY_KIND = 4
_BACKTRACE_DETAILS = "WASMTIME_BACKTRACE_DETAILS"
_environment_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How an engine runs code.

    Attributes:
        yield_interval: fuel (about one per wasm instruction) after which a processor that computes gives way.
        spin_interval: the same for a processor that came back by fuel without a single host call: it spins on memory.
        host_stack: bytes of a fiber's stack; host functions run on it. Only touched pages cost memory.
        wasm_stack: the part of it that compiled code may use.
    """

    memory_model: MemoryModel = field(default_factory=MemoryModel.best)
    yield_interval: int = 1_000_000
    spin_interval: int = 10_000
    host_stack: int = 2 << 20
    wasm_stack: int = 128 << 10


class Engine:
    """Compiles modules and runs processors.

    One thread at a time may run an engine's processors; modules may be compiled from several.

    Args:
        stack_creator: a ``wasmtime_stack_creator_t*`` that makes the fibers' stacks; whoever gives it keeps it alive.

    Attributes:
        polled: the processor that Python polls; None outside :meth:`Processor.poll`.
        whose_turn: while compiled code takes turns (see `execution/compiled/launch.cpp`), tells which processor runs.

    Raises:
        BackendUnavailable: libwasmtime is missing or of the wrong version.
    """

    def __init__(self, options: EngineOptions | None = None, stack_creator: Any = None) -> None:
        self.stack_creator = stack_creator
        self.options = options or EngineOptions()
        self.api = CApi(wasmtime_library())
        self.polled: Processor | None = None
        self.whose_turn: Callable[[], Processor] | None = None
        mapped = self.options.memory_model is MemoryModel.MAPPED
        self.memory_creator = MemoryCreator(self.api) if mapped else None
        self.handle = self.api.ffi.gc(self._new_engine(), self.api.c.wasm_engine_delete)
        FAULT_HANDLERS.remember()
        self.host_functions = HostFunctionTable(self)
        self.linker = self.new_linker()

    def offer(self, functions: Sequence[HostFunction]) -> None:
        """Let kernels import ``functions``, from module ``tt``; say so before the first module is compiled."""
        self.host_functions = HostFunctionTable(self, functions)
        self.linker = self.new_linker()

    @property
    def current(self) -> Processor | None:
        """The processor that runs, for host functions; None outside of turns."""
        if self.polled is None and self.whose_turn is not None:
            return self.whose_turn()
        return self.polled

    @property
    def identity(self) -> str:
        """What native code depends on besides the wasm; the processor's features are checked when it is loaded."""
        return f"wasmtime {self.api.library.version} {self.options}"

    def _new_engine(self) -> Any:
        c = self.api.c
        with _backtrace_details():
            config = c.wasm_config_new()
        c.wasmtime_config_consume_fuel_set(config, True)
        c.wasmtime_config_async_stack_size_set(config, self.options.host_stack)
        c.wasmtime_config_max_wasm_stack_set(config, self.options.wasm_stack)
        c.wasmtime_config_memory_init_cow_set(config, False)
        c.wasmtime_config_concurrency_support_set(config, False)
        # A forked process would wait for ever for threads that it does not have; modules compile side by side anyway.
        c.wasmtime_config_parallel_compilation_set(config, False)
        self._choose_features(config)
        if self.stack_creator is not None:
            c.wasmtime_config_host_stack_creator_set(config, self.stack_creator)
        if self.memory_creator is not None:
            c.wasmtime_config_host_memory_creator_set(config, self.memory_creator.handle)
        else:
            c.wasmtime_config_shared_memory_set(config, True)
        handle = c.wasm_engine_new_with_config(config)
        if handle == self.api.ffi.NULL:
            raise EngineError("libwasmtime refused the engine's configuration")
        return handle

    def _choose_features(self, config: Any) -> None:
        """Allow what kernels need. Bulk copies run in libc, where a fault would end the process instead of trapping;
        the component model and reference types must go because they build on them."""
        c = self.api.c
        c.wasmtime_config_wasm_threads_set(config, True)
        for switch_off in (
            c.wasmtime_config_wasm_component_model_async_set,
            c.wasmtime_config_wasm_component_model_set,
            c.wasmtime_config_wasm_reference_types_set,
            c.wasmtime_config_wasm_bulk_memory_set,
            c.wasmtime_config_wasm_multi_memory_set,
            c.wasmtime_config_wasm_memory64_set,
        ):
            switch_off(config, False)

    # Memory

    def core_memories(self, cores: int, l1_size: int) -> CoreMemories:
        """Memory for ``cores`` cores with ``l1_size`` bytes of L1 each, all zero."""
        if self.memory_creator is not None:
            return MappedMemories(cores, l1_size)
        return SharedMemories(self, cores, l1_size)

    def new_shared_memory(self) -> Any:
        """One shared wasm memory; freed when the handle is collected."""
        ffi, c = self.api.ffi, self.api.c
        pages = self.options.memory_model.memory_end // at.WASM_PAGE
        kind, memory = ffi.new("wasm_memorytype_t**"), ffi.new("wasmtime_sharedmemory_t**")
        self.api.check(c.wasmtime_memorytype_new(pages, True, pages, False, True, 16, kind))
        try:
            self.api.check(c.wasmtime_sharedmemory_new(self.handle, kind[0], memory))
        finally:
            c.wasm_memorytype_delete(kind[0])
        return ffi.gc(memory[0], c.wasmtime_sharedmemory_delete)

    def view_shared_memory(self, handle: Any) -> memoryview:
        """The bytes of a shared memory; they keep it alive."""
        ffi, c = self.api.ffi, self.api.c
        data = ffi.gc(c.wasmtime_sharedmemory_data(handle), lambda pointer, keep=handle: None)
        return memoryview(ffi.buffer(data, self.options.memory_model.memory_end))

    # Modules

    def compile(self, wasm: bytes) -> Module:
        """Translate wasm to native code.

        Raises:
            EngineError: the bytes are not a module that the engine's configuration allows.
        """
        return self._module(self.api.c.wasmtime_module_new, wasm)

    def deserialize(self, code: bytes) -> Module:
        """Load what :meth:`Module.serialize` gave; the bytes are trusted, only version and settings are checked.

        Raises:
            EngineError: another version, other settings, or truncated.
        """
        return self._module(self.api.c.wasmtime_module_deserialize, code)

    def _module(self, load: Any, code: bytes) -> Module:
        handle = self.api.ffi.new("wasmtime_module_t**")
        self.api.check(load(self.handle, self.api.ffi.from_buffer("uint8_t[]", code), len(code), handle))
        return Module(self, handle[0])

    def new_linker(self) -> Any:
        """A linker that offers the host functions."""
        c = self.api.c
        linker = self.api.ffi.gc(c.wasmtime_linker_new(self.handle), c.wasmtime_linker_delete)
        self.host_functions.define_in(linker)
        return linker

    def define_shared_memory(self, linker: Any, context: Any, memory: Any) -> None:
        """Let ``linker`` offer a core's memory as ``env.memory``."""
        extern = self.api.ffi.new("wasmtime_extern_t*")
        extern.kind = _SHARED_MEMORY_KIND
        extern.of.sharedmemory = memory
        self.api.check(self.api.c.wasmtime_linker_define(linker, context, b"env", 3, b"memory", 6, extern))

    def prepare(self, module: Module, linker: Any) -> Any:
        """Resolve a module's imports once for all its instances.

        Raises:
            EngineError: an import is unknown or has another signature.
        """
        ffi, c = self.api.ffi, self.api.c
        prepared = ffi.new("wasmtime_instance_pre_t**")
        self.api.check(c.wasmtime_linker_instantiate_pre(linker, module.handle, prepared))
        return ffi.gc(prepared[0], c.wasmtime_instance_pre_delete)

    def fail_host_call(self, name: str, error: BaseException) -> Any:
        """Remember what a host function raised and make the trap that stops its caller."""
        if self.current is not None:
            self.current.host_error = error
        return self.api.new_trap(f"host function {name} failed: {type(error).__name__}")


@contextmanager
def _backtrace_details() -> Iterator[None]:
    """Let a new configuration keep line tables; libwasmtime offers this only as an environment variable."""
    with _environment_lock:
        before = os.environ.get(_BACKTRACE_DETAILS)
        os.environ[_BACKTRACE_DETAILS] = "1"
        try:
            yield
        finally:
            if before is None:
                del os.environ[_BACKTRACE_DETAILS]
            else:
                os.environ[_BACKTRACE_DETAILS] = before
