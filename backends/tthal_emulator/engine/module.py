"""Compiled code of one kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .host_functions import IMPORT_MODULE

if TYPE_CHECKING:
    from .engine import Engine

_MEMORY_IMPORT = ("env", "memory")


class Module:
    """Compiled code, ready to be instantiated on any number of processors.

    Attributes:
        exports: names of what it exports, its entries among them.
        image: the static data of a fresh instance, without the zeros at its end; None before the first one.
        memory_minimum: bytes of memory that it asks for when it imports it (shared model); else 0.
    """

    def __init__(self, engine: Engine, handle: Any) -> None:
        api = engine.api
        self.engine = engine
        self.handle = api.ffi.gc(handle, api.c.wasmtime_module_delete)
        self.exports = frozenset(api.exported_names(self.handle))
        imports, self.memory_minimum = api.imports(self.handle)
        self.imports = tuple(entry for entry in imports if entry != _MEMORY_IMPORT)
        self.image: bytes | None = None
        self._prepared: Any = None

    @property
    def prepared(self) -> Any:
        """The module bound to the engine's host functions; made once (mapped model, where all else is its own)."""
        self.bind()
        return self._prepared

    def bind(self) -> None:
        """Check now that all imports exist with the signatures that the module expects (mapped model).

        Raises:
            EngineError: one does not.
        """
        self._prepared = self._prepared or self.engine.prepare(self, self.engine.linker)

    def unknown_imports(self) -> tuple[str, ...]:
        """Names of imported functions that the engine does not offer."""
        known = {(IMPORT_MODULE, name) for name in self.engine.host_functions.functions}
        return tuple(f"{module}.{name}" for module, name in self.imports if (module, name) not in known)

    def serialize(self) -> bytes:
        """CApi code for :meth:`Engine.deserialize`; keep it where only this user can write."""
        api = self.engine.api
        vector = api.ffi.new("wasm_byte_vec_t*")
        api.check(api.c.wasmtime_module_serialize(self.handle, vector))
        return api.take_bytes(vector)
