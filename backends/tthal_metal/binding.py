"""Binds the shim through cffi and turns its statuses into errors."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import cffi

from tthal.errors import BackendUnavailable
from tthal_metal.vendor_errors import VendorFailure, translate

SHIM_VERSION = 1
HEADER = Path(__file__).parent / "csrc" / "tthal_metal.h"


@cache
def declarations() -> cffi.FFI:
    """Parse the shim's header: it is the one text that both sides are made from."""
    text = HEADER.read_text()
    text = re.sub(r"^#ifdef __cplusplus\n.*?^#endif\n", "", text, flags=re.MULTILINE | re.DOTALL)
    ffi = cffi.FFI()
    ffi.cdef(re.sub(r"^#.*\n", "", text, flags=re.MULTILINE))
    return ffi


class Shim:
    """The loaded library and shim; ``call`` runs one function of it.

    Raises:
        BackendUnavailable: one of them cannot be loaded, or the shim's structs are not those of this header.
    """

    def __init__(self, library: Path, shim: Path) -> None:
        self.ffi: Any = declarations()
        # The vendor's library first and by its full path: the shim names it only by its SONAME.
        self._vendor = self._load(library)
        self.lib: Any = self._load(shim)
        self._check_layout()

    def _load(self, path: Path) -> Any:
        try:
            return self.ffi.dlopen(str(path), self.ffi.RTLD_NOW)
        except OSError as error:
            raise BackendUnavailable(f"cannot load {path}: {error}") from error

    def _check_layout(self) -> None:
        """Compare every struct with what the shim's compiler made of it: ABI mode does not check by itself."""
        version = self.lib.ttm_shim_version()
        if version != SHIM_VERSION:
            raise BackendUnavailable(f"the shim has version {version}, this tthal needs {SHIM_VERSION}: rebuild it")
        rows = self.ffi.new("const ttm_layout_row **")
        count = self.ffi.new("size_t *")
        self.call("ttm_layout_table", rows, count)
        theirs = {self.text(rows[0][i].name): (rows[0][i].offset, rows[0][i].size) for i in range(count[0])}
        ours = layout(self.ffi)
        if theirs != ours:
            differing = sorted(name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name))
            raise BackendUnavailable(
                f"the shim's structs differ from this tthal's ({', '.join(differing[:5])}): rebuild it with "
                "`tthal metal build --force`"
            )

    def text(self, pointer: Any) -> str:
        """Return a C string."""
        return str(self.ffi.string(pointer).decode(errors="replace"))

    def failure(self, status: int) -> VendorFailure:
        """Return what the last failed call of this thread said."""
        return VendorFailure(status, self.text(self.lib.ttm_error_type()), self.text(self.lib.ttm_error()))

    def call(self, function: str, *arguments: Any, doing: str = "") -> None:
        """Call a function of the shim; ``doing`` completes "libtt_metal failed to ...".

        Raises:
            TthalError: as ``vendor_errors.translate`` classifies the vendor's text.
        """
        status = getattr(self.lib, function)(*arguments)
        if status != self.lib.TTM_OK:
            raise translate(self.failure(status), doing or function)

    def make(self, ctype: str, function: str, *arguments: Any, doing: str = "") -> Any:
        """Call a function whose last argument points to its result of type ``ctype``, and return the result."""
        result = self.ffi.new(f"{ctype} *")
        self.call(function, *arguments, result, doing=doing)
        return result[0]


def layout(ffi: Any) -> dict[str, tuple[int, int]]:
    """List the structs as cffi lays them out: name to (0, size), and name.field to (offset, size)."""
    rows: dict[str, tuple[int, int]] = {}
    for name in ffi.list_types()[0]:
        ctype = ffi.typeof(name)
        if ctype.kind != "struct" or ctype.fields is None:
            continue
        rows[name] = (0, ffi.sizeof(ctype))
        for field, info in ctype.fields:
            rows[f"{name}.{field}"] = (info.offset, ffi.sizeof(info.type))
    return rows
