"""The engine of one device: libwasmtime's configuration, and the host functions that modules are bound to."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from .c_api import CApi, Owned
from .host_functions import HostFunction, HostFunctionTable
from .libwasmtime import wasmtime_library
from .linear_memory import MemoryCreator
from .memory_map import MemoryModel
from .signals import FAULT_HANDLERS
from .traps import EngineError

_BACKTRACE_DETAILS = "WASMTIME_BACKTRACE_DETAILS"
_environment_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How an engine runs code.

    Attributes:
        yield_interval: fuel (about one per wasm instruction) after which a new processor gives way.
        host_stack: bytes of a fiber's stack; host functions run on it. Only touched pages cost memory.
        wasm_stack: the part of it that compiled code may use.
    """

    memory_model: MemoryModel = field(default_factory=MemoryModel.best)
    yield_interval: int = 1_000_000
    host_stack: int = 2 << 20
    wasm_stack: int = 128 << 10


class Engine:
    """What modules are compiled for and processors run on.

    One thread at a time may run an engine's processors; modules may be compiled from several.

    Args:
        stack_creator: a ``wasmtime_stack_creator_t*`` that makes the fibers' stacks; whoever gives it keeps it alive.

    Attributes:
        polled: the processor that Python polls; None outside :meth:`Processor.poll`.

    Raises:
        BackendUnavailable: libwasmtime is missing or of the wrong version.
    """

    def __init__(self, options: EngineOptions | None = None, stack_creator: Any = None) -> None:
        self.stack_creator = stack_creator
        self.options = options or EngineOptions()
        self.api = CApi(wasmtime_library())
        self.polled: object = None
        mapped = self.options.memory_model is MemoryModel.MAPPED
        self.memory_creator = MemoryCreator(self.api) if mapped else None
        self.handle = self.api.own(self._new_engine(), self.api.c.wasm_engine_delete)
        FAULT_HANDLERS.remember()
        self.offer(())

    def offer(self, functions: Sequence[HostFunction]) -> None:
        """Let kernels import ``functions``, from module ``tt``; say so before the first module is compiled."""
        self.host_functions = HostFunctionTable(self.api, functions)
        self.linker = self.new_linker()

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

    def new_linker(self) -> Owned:
        """A linker that offers the host functions."""
        c = self.api.c
        linker = self.api.own(c.wasmtime_linker_new(self.handle.pointer), c.wasmtime_linker_delete)
        self.host_functions.define_in(linker.pointer)
        return linker

    def bind(self, module: Owned, linker: Owned) -> Owned:
        """Resolve a module's imports once for all its instances.

        Raises:
            EngineError: an import is unknown or has another signature.
        """
        c, bound = self.api.c, self.api.ffi.new("wasmtime_instance_pre_t**")
        self.api.check(c.wasmtime_linker_instantiate_pre(linker.pointer, module.pointer, bound))
        return self.api.own(bound[0], c.wasmtime_instance_pre_delete)


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
