"""The engine of one device: configuration, modules, host functions, and the memory creator."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import memory_map as at
from .address_space import AddressSpace
from .host_functions import IMPORT_MODULE, HostFunction, HostFunctionTable
from .library import Library, wasmtime_library
from .memories import CoreMemories, MappedMemories, MemoryModel, SharedMemories
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

    memory_model: MemoryModel = MemoryModel.MAPPED
    yield_interval: int = 1_000_000
    spin_interval: int = 10_000
    host_stack: int = 2 << 20
    wasm_stack: int = 128 << 10

    @classmethod
    def default(cls) -> EngineOptions:
        return cls(memory_model=MemoryModel.best())


class Module:
    """Compiled code of one kernel, ready to be instantiated on any number of processors."""

    def __init__(self, engine: Engine, handle: Any) -> None:
        self.engine = engine
        self.handle = engine.library.ffi.gc(handle, engine.library.c.wasmtime_module_delete)
        self.exports = frozenset(engine.exported_names(self.handle))
        self.imports = tuple(engine.imported_names(self.handle))
        self._prepared: Any = None

    @property
    def prepared(self) -> Any:
        """The module bound to the engine's host functions (mapped model only); made once."""
        if self._prepared is None:
            self._prepared = self.engine.prepare(self, self.engine.linker)
        return self._prepared

    def unknown_imports(self) -> tuple[str, ...]:
        """Names of imported functions that the engine does not offer."""
        known = self.engine.host_functions.functions
        return tuple(
            name if module == IMPORT_MODULE else f"{module}.{name}"
            for module, name in self.imports
            if not (module == IMPORT_MODULE and name in known) and (module, name) != ("env", "memory")
        )

    def memory_minimum(self) -> int:
        """Bytes of memory that the module asks for when it imports it (shared model); else 0."""
        return self.engine.imported_memory_minimum(self.handle)

    def serialize(self) -> bytes:
        """Native code for :meth:`Engine.deserialize`; keep it where only this user can write."""
        library = self.engine.library
        vector = library.ffi.new("wasm_byte_vec_t*")
        self.engine.check(library.c.wasmtime_module_serialize(self.handle, vector))
        return self.engine.take_bytes(vector)


class Engine:
    """Compiles modules and runs processors; everything made from it must be used by one thread at a time.

    Args:
        functions: what kernels may import, from module ``tt``.

    Attributes:
        current: the processor that is being polled, for host functions; None outside :meth:`Processor.poll`.
    """

    def __init__(self, functions: Sequence[HostFunction] = (), options: EngineOptions | None = None) -> None:
        self.options = options or EngineOptions.default()
        self.library: Library = wasmtime_library()
        self.current: Processor | None = None
        self._spaces: dict[int, AddressSpace] = {}
        self._next_space: AddressSpace | None = None
        self._creation_error: BaseException | None = None
        ffi, c = self.library.ffi, self.library.c
        self._creator = self._memory_creator() if self.options.memory_model is MemoryModel.MAPPED else None
        self.handle = ffi.gc(self._new_engine(), c.wasm_engine_delete)
        self.host_functions = HostFunctionTable(self, tuple(functions))
        self.linker = self.new_linker()

    def _new_engine(self) -> Any:
        c = self.library.c
        with _backtrace_details():
            config = c.wasm_config_new()
        c.wasmtime_config_wasm_threads_set(config, True)
        c.wasmtime_config_consume_fuel_set(config, True)
        c.wasmtime_config_async_stack_size_set(config, self.options.host_stack)
        c.wasmtime_config_max_wasm_stack_set(config, self.options.wasm_stack)
        c.wasmtime_config_wasm_multi_memory_set(config, False)
        c.wasmtime_config_wasm_memory64_set(config, False)
        # Bulk copies run in libc, where a fault on our mappings would end the process instead of trapping.
        c.wasmtime_config_wasm_component_model_async_set(config, False)
        c.wasmtime_config_wasm_component_model_set(config, False)
        c.wasmtime_config_concurrency_support_set(config, False)
        c.wasmtime_config_wasm_reference_types_set(config, False)
        c.wasmtime_config_wasm_bulk_memory_set(config, False)
        c.wasmtime_config_memory_init_cow_set(config, False)
        if self._creator is not None:
            c.wasmtime_config_host_memory_creator_set(config, self._creator)
        else:
            c.wasmtime_config_shared_memory_set(config, True)
        handle = c.wasm_engine_new_with_config(config)
        if handle == self.library.ffi.NULL:
            raise EngineError("libwasmtime refused the engine's configuration")
        return handle

    # Memory -----------------------------------------------------------------------------------------------------

    def _memory_creator(self) -> Any:
        ffi = self.library.ffi
        self._callbacks = (
            ffi.callback("wasmtime_new_memory_t", self._new_memory, onerror=self._memory_refused),
            ffi.callback("wasmtime_memory_get_t", self._get_memory),
            ffi.callback("wasmtime_memory_grow_t", self._grow_memory),
            ffi.callback("finalizer_t", self._free_memory),
        )
        creator = ffi.new("wasmtime_memory_creator_t*")
        creator.new_memory = self._callbacks[0]
        return creator

    def _new_memory(
        self, env: Any, kind: Any, minimum: int, maximum: int, reserved: int, guard: int, memory: Any
    ) -> Any:
        space = self._next_space
        if space is None or not at.PRIVATE_BASE + at.BLOCK_SIZE <= minimum <= at.MEMORY_END:
            raise EngineError(f"the module's memory of {minimum} bytes does not follow the memory map")
        space.prepare(minimum, max(reserved, at.MEMORY_END) + guard)
        space.in_use = True
        self._spaces[space.base] = space
        memory.env = self.library.ffi.cast("void*", space.base)
        _, memory.get_memory, memory.grow_memory, memory.finalizer = self._callbacks
        return self.library.ffi.NULL

    def _memory_refused(self, kind: type, error: BaseException, traceback: Any) -> Any:
        self._creation_error = error
        return self.library.c.wasmtime_error_new(b"no memory for the processor")

    def _get_memory(self, env: Any, byte_size: Any, maximum: Any) -> Any:
        space = self._spaces[int(self.library.ffi.cast("uintptr_t", env))]
        byte_size[0] = maximum[0] = space.size
        return self.library.ffi.cast("uint8_t*", env)

    def _grow_memory(self, env: Any, size: int) -> Any:
        return self.library.c.wasmtime_error_new(b"a processor's memory does not grow")

    def _free_memory(self, env: Any) -> None:
        self._spaces.pop(int(self.library.ffi.cast("uintptr_t", env))).in_use = False

    def core_memories(self, cores: int, l1_size: int) -> CoreMemories:
        """Memory for ``cores`` cores with ``l1_size`` bytes of L1 each, all zero."""
        if self.options.memory_model is MemoryModel.MAPPED:
            return MappedMemories(cores, l1_size)
        return SharedMemories(self, cores, l1_size)

    def new_shared_memory(self) -> Any:
        """One shared wasm memory; freed when the handle is collected."""
        ffi, c = self.library.ffi, self.library.c
        pages = self.options.memory_model.memory_end // at.WASM_PAGE
        kind, memory = ffi.new("wasm_memorytype_t**"), ffi.new("wasmtime_sharedmemory_t**")
        self.check(c.wasmtime_memorytype_new(pages, True, pages, False, True, 16, kind))
        try:
            self.check(c.wasmtime_sharedmemory_new(self.handle, kind[0], memory))
        finally:
            c.wasm_memorytype_delete(kind[0])
        return ffi.gc(memory[0], c.wasmtime_sharedmemory_delete)

    def view_shared_memory(self, handle: Any) -> memoryview:
        """The bytes of a shared memory; they keep it alive."""
        ffi, c = self.library.ffi, self.library.c
        data = ffi.gc(c.wasmtime_sharedmemory_data(handle), lambda pointer, keep=handle: None)
        return memoryview(ffi.buffer(data, self.options.memory_model.memory_end))

    @contextmanager
    def creating_in(self, space: AddressSpace) -> Iterator[None]:
        """While an instance is made, hand out ``space`` as its memory."""
        if space.in_use:
            raise EngineError("another instance still runs on this processor: close it first")
        self._next_space, self._creation_error = space, None
        try:
            yield
        except EngineError as error:
            raise (self._creation_error or error) from error
        finally:
            self._next_space = None

    # Modules ----------------------------------------------------------------------------------------------------

    def compile(self, wasm: bytes) -> Module:
        """Translate wasm to native code.

        Raises:
            EngineError: the bytes are not a module that the engine's configuration allows.
        """
        return self._module(self.library.c.wasmtime_module_new, wasm)

    def deserialize(self, native: bytes) -> Module:
        """Load what :meth:`Module.serialize` gave; the bytes are trusted, only their version and settings are checked.

        Raises:
            EngineError: another version, other settings, or truncated.
        """
        return self._module(self.library.c.wasmtime_module_deserialize, native)

    def _module(self, load: Any, code: bytes) -> Module:
        ffi = self.library.ffi
        handle = ffi.new("wasmtime_module_t**")
        self.check(load(self.handle, ffi.from_buffer("uint8_t[]", code), len(code), handle))
        return Module(self, handle[0])

    def new_linker(self) -> Any:
        """A linker that offers the host functions."""
        c = self.library.c
        linker = self.library.ffi.gc(c.wasmtime_linker_new(self.handle), c.wasmtime_linker_delete)
        self.host_functions.define_in(linker)
        return linker

    def prepare(self, module: Module, linker: Any) -> Any:
        """Resolve a module's imports once for all its instances."""
        ffi, c = self.library.ffi, self.library.c
        prepared = ffi.new("wasmtime_instance_pre_t**")
        self.check(c.wasmtime_linker_instantiate_pre(linker, module.handle, prepared))
        return ffi.gc(prepared[0], c.wasmtime_instance_pre_delete)

    def define_shared_memory(self, linker: Any, context: Any, memory: Any) -> None:
        """Let ``linker`` offer a core's memory as ``env.memory``."""
        extern = self.library.ffi.new("wasmtime_extern_t*")
        extern.kind = _SHARED_MEMORY_KIND
        extern.of.sharedmemory = memory
        self.check(self.library.c.wasmtime_linker_define(linker, context, b"env", 3, b"memory", 6, extern))

    def exported_names(self, module: Any) -> list[str]:
        ffi, c = self.library.ffi, self.library.c
        vector = ffi.new("wasm_exporttype_vec_t*")
        c.wasmtime_module_exports(module, vector)
        names = [self._text(c.wasm_exporttype_name(vector.data[i])) for i in range(vector.size)]
        c.wasm_exporttype_vec_delete(vector)
        return names

    def imported_names(self, module: Any) -> list[tuple[str, str]]:
        ffi, c = self.library.ffi, self.library.c
        vector = ffi.new("wasm_importtype_vec_t*")
        c.wasmtime_module_imports(module, vector)
        entries = [vector.data[i] for i in range(vector.size)]
        names = [(self._text(c.wasm_importtype_module(e)), self._text(c.wasm_importtype_name(e))) for e in entries]
        c.wasm_importtype_vec_delete(vector)
        return names

    def imported_memory_minimum(self, module: Any) -> int:
        ffi, c = self.library.ffi, self.library.c
        vector = ffi.new("wasm_importtype_vec_t*")
        c.wasmtime_module_imports(module, vector)
        types = [c.wasm_importtype_type(vector.data[i]) for i in range(vector.size)]
        memories = [c.wasm_externtype_as_memorytype_const(kind) for kind in types]
        pages = [int(c.wasmtime_memorytype_minimum(memory)) for memory in memories if memory != ffi.NULL]
        c.wasm_importtype_vec_delete(vector)
        return max(pages, default=0) * at.WASM_PAGE

    # Small C matters --------------------------------------------------------------------------------------------

    @contextmanager
    def function_type(self, parameters: list[int], results: list[int]) -> Iterator[Any]:
        """A function type for one call; never kept, because it belongs to the first engine that sees it."""
        ffi, c = self.library.ffi, self.library.c
        vectors = []
        for kinds in (parameters, results):
            vector = ffi.new("wasm_valtype_vec_t*")
            types = ffi.new("wasm_valtype_t*[]", [c.wasm_valtype_new(kind) for kind in kinds])
            c.wasm_valtype_vec_new(vector, len(kinds), types)
            vectors.append(vector)
        signature = c.wasm_functype_new(*vectors)
        try:
            yield signature
        finally:
            c.wasm_functype_delete(signature)

    def fail_host_call(self, name: str, error: BaseException) -> Any:
        """Remember what a host function raised and make the trap that stops its caller."""
        if self.current is not None:
            self.current.host_error = error
        return self.new_trap(f"host function {name} failed: {type(error).__name__}: {error}")

    def new_trap(self, message: str) -> Any:
        encoded = message.encode()
        return self.library.c.wasmtime_trap_new(encoded, len(encoded))

    def check(self, error: Any) -> None:
        """Raise the error that a C function returned, if any."""
        if error != self.library.ffi.NULL:
            raise EngineError(self.take_error(error))

    def take_error(self, error: Any) -> str:
        """The message of an error, which is deleted."""
        vector = self.library.ffi.new("wasm_byte_vec_t*")
        self.library.c.wasmtime_error_message(error, vector)
        self.library.c.wasmtime_error_delete(error)
        return self.take_bytes(vector).decode(errors="replace")

    def take_bytes(self, vector: Any) -> bytes:
        """The content of a byte vector, which is deleted."""
        content = bytes(self.library.ffi.buffer(vector.data, vector.size)) if vector.size else b""
        self.library.c.wasm_byte_vec_delete(vector)
        return content

    def _text(self, vector: Any) -> str:
        return bytes(self.library.ffi.buffer(vector.data, vector.size)).decode(errors="replace") if vector.size else ""


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
