"""Compiled code of one kernel."""

from __future__ import annotations

from typing import Any

from .c_api import Owned
from .engine import Engine
from .host_functions import IMPORT_MODULE

_MEMORY_IMPORT = ("env", "memory")


class Module:
    """Compiled code, ready to be instantiated on any number of processors.

    Attributes:
        exports: names of what it exports, its entries among them.
        imports: (module, name) of what it imports, but for its memory.
        image: the static data of a fresh instance, without the zeros at its end; None before the first one.
        memory_minimum: bytes of memory that it asks for when it imports it (shared model); else 0.
    """

    def __init__(self, engine: Engine, handle: Any) -> None:
        api = engine.api
        self.engine = engine
        self.handle = api.own(handle, api.c.wasmtime_module_delete)
        self.exports = frozenset(api.exported_names(handle))
        imports, self.memory_minimum = api.imports(handle)
        self.imports = tuple(entry for entry in imports if entry != _MEMORY_IMPORT)
        self.image: bytes | None = None
        self._bound: Owned | None = None

    @classmethod
    def compile(cls, engine: Engine, wasm: bytes) -> Module:
        """Translate wasm to native code.

        Raises:
            EngineError: the bytes are not a module that the engine's configuration allows.
        """
        return cls._load(engine, engine.api.c.wasmtime_module_new, wasm)

    @classmethod
    def deserialize(cls, engine: Engine, code: bytes) -> Module:
        """Load what :meth:`serialize` gave; the bytes are trusted, only version and settings are checked.

        Raises:
            EngineError: another version, other settings, or truncated.
        """
        return cls._load(engine, engine.api.c.wasmtime_module_deserialize, code)

    @classmethod
    def _load(cls, engine: Engine, load: Any, code: bytes) -> Module:
        ffi = engine.api.ffi
        handle = ffi.new("wasmtime_module_t**")
        engine.api.check(load(engine.handle.pointer, ffi.from_buffer("uint8_t[]", code), len(code), handle))
        return cls(engine, handle[0])

    def bind(self) -> Owned:
        """Return the module bound to the engine's host functions, once for all (mapped model: all else is its own).

        Raises:
            EngineError: an import does not exist with the signature that the module expects.
        """
        if self._bound is None:
            self._bound = self.engine.bind(self.handle, self.engine.linker)
        return self._bound

    def unknown_imports(self) -> tuple[str, ...]:
        """Names of imported functions that the engine does not offer."""
        known = {(IMPORT_MODULE, name) for name in self.engine.host_functions.functions}
        return tuple(f"{module}.{name}" for module, name in self.imports if (module, name) not in known)

    def serialize(self) -> bytes:
        """Native code for :meth:`deserialize`; keep it where only this user can write."""
        api = self.engine.api
        vector = api.ffi.new("wasm_byte_vec_t*")
        api.check(api.c.wasmtime_module_serialize(self.handle.pointer, vector))
        return api.take_bytes(vector)
