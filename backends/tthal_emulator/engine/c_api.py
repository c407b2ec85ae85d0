"""Small C matters around libwasmtime: who owns an object, errors, strings, types."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from . import memory_map as at
from .libwasmtime import Library
from .traps import EngineError


class Owned:
    """A C object that is deleted once: when it is released, or when nobody refers to it any more.

    Releasing is atomic and may be repeated, so no interrupt (Ctrl-C) makes it happen twice or never.

    Attributes:
        pointer: for calls of C functions.
    """

    __slots__ = ("_ffi", "pointer")

    def __init__(self, ffi: Any, pointer: Any, delete: Any) -> None:
        self._ffi = ffi
        self.pointer = ffi.gc(pointer, delete)

    def release(self) -> None:
        """Delete the object now."""
        self._ffi.release(self.pointer)


class CApi:
    """What the engine's parts need of the C interface beyond plain calls."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.ffi = library.ffi
        self.c = library.c

    def own(self, pointer: Any, delete: Any) -> Owned:
        """Take over an object that a C function made, and that ``delete`` deletes."""
        return Owned(self.ffi, pointer, delete)

    def check(self, error: Any) -> None:
        """Raise the error that a C function returned, if any."""
        if error != self.ffi.NULL:
            raise EngineError(self.take_error(error))

    def take_error(self, error: Any) -> str:
        """The message of an error, which is deleted."""
        vector = self.ffi.new("wasm_byte_vec_t*")
        self.c.wasmtime_error_message(error, vector)
        self.c.wasmtime_error_delete(error)
        return self.take_bytes(vector).decode(errors="replace")

    def take_trap(self, trap: Any) -> tuple[str, int | None]:
        """Report and code of a trap, which is deleted; None for traps that the host made."""
        vector, code = self.ffi.new("wasm_byte_vec_t*"), self.ffi.new("uint8_t*")
        self.c.wasm_trap_message(trap, vector)
        known = bool(self.c.wasmtime_trap_code(trap, code))
        self.c.wasm_trap_delete(trap)
        return self.take_bytes(vector).decode(errors="replace").rstrip("\0"), int(code[0]) if known else None

    def new_trap(self, message: str) -> Any:
        """A trap for a host function to return."""
        encoded = message.encode(errors="replace")
        return self.c.wasmtime_trap_new(encoded, len(encoded))

    def take_bytes(self, vector: Any) -> bytes:
        """The content of a byte vector, which is deleted."""
        content = bytes(self.ffi.buffer(vector.data, vector.size)) if vector.size else b""
        self.c.wasm_byte_vec_delete(vector)
        return content

    def _text(self, vector: Any) -> str:
        return bytes(self.ffi.buffer(vector.data, vector.size)).decode(errors="replace") if vector.size else ""

    @contextmanager
    def function_type(self, parameters: Sequence[int], results: Sequence[int]) -> Iterator[Any]:
        """A function type for one call; never kept, because it belongs to the first engine that sees it."""
        signature = self.c.wasm_functype_new(self._value_types(parameters), self._value_types(results))
        try:
            yield signature
        finally:
            self.c.wasm_functype_delete(signature)

    def _value_types(self, kinds: Sequence[int]) -> Any:
        vector = self.ffi.new("wasm_valtype_vec_t*")
        types = self.ffi.new("wasm_valtype_t*[]", [self.c.wasm_valtype_new(kind) for kind in kinds])
        self.c.wasm_valtype_vec_new(vector, len(kinds), types)
        return vector

    def exported_names(self, module: Any) -> list[str]:
        """The names that a module exports."""
        vector = self.ffi.new("wasm_exporttype_vec_t*")
        self.c.wasmtime_module_exports(module, vector)
        names = [self._text(self.c.wasm_exporttype_name(vector.data[i])) for i in range(vector.size)]
        self.c.wasm_exporttype_vec_delete(vector)
        return names

    def imports(self, module: Any) -> tuple[list[tuple[str, str]], int]:
        """(module, name) of every import, and the bytes of memory that the module asks for when it imports one."""
        vector = self.ffi.new("wasm_importtype_vec_t*")
        self.c.wasmtime_module_imports(module, vector)
        names, pages = [], 0
        for i in range(vector.size):
            entry = vector.data[i]
            module_name, name = self.c.wasm_importtype_module(entry), self.c.wasm_importtype_name(entry)
            names.append((self._text(module_name), self._text(name)))
            memory = self.c.wasm_externtype_as_memorytype_const(self.c.wasm_importtype_type(entry))
            if memory != self.ffi.NULL:
                pages = int(self.c.wasmtime_memorytype_minimum(memory))
        self.c.wasm_importtype_vec_delete(vector)
        return names, pages * at.WASM_PAGE
