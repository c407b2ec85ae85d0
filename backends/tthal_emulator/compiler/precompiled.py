"""Precompiled headers: the standard ones once for all kernels, and on top of them the prelude of each processor.

To parse the standard headers takes most of the time, and they are the same for all; a prelude is little beside them.
Most kernels do with the usual ones, which take half the time of all.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tthal.errors import BackendUnavailable
from tthal.kit.cache import Cache, digest

from . import flags
from .device_headers import DeviceHeaders, device_headers
from .toolchain import Toolchain
from .tools import Tools

_KIND = "pch"
_BEGIN = "h"
_USUAL = ("tthal/language/fixed_width.h", "tthal/language/usual_library.h")
_WHOLE = ("tthal/language/fixed_width.h", "tthal/language/standard_library.h")
"""What preludes begin with."""
_TIMEOUT = 300.0
_CODE = (*flags.LANGUAGE, *flags.CODE, "-O2")
# What differs between processors (levels of optimisation, instructions) changes no line of them; that a file is
# undamaged is known from its digest.
_NOT_CHECKED = ("-Xclang", "-fno-validate-pch")
_locks: dict[str, threading.Lock] = {}
_lock = threading.Lock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_locks.clear)  # whoever held them stayed behind


class PrecompiledHeaders:
    """The precompiled headers of one toolchain and one set of device headers."""

    def __init__(self, toolchain: Toolchain, headers: DeviceHeaders, cache: Cache, tools: Tools) -> None:
        self._cache = cache
        self._tools = tools
        self._headers = headers
        folders = [f"-ffile-prefix-map={folder}=<{toolchain.name}>" for folder in toolchain.headers]
        self.search_options = [*headers.search_options(), *folders]
        self._command = [*toolchain.clang, *toolchain.target]
        self._common = digest(toolchain.version, *toolchain.clang, headers.digest, *map(str, headers.folders), *_CODE)
        self._preludes: dict[str, Path] = {}

    def standard(self, whole: bool) -> Path | None:
        """The standard headers; made when they do not exist. None: these device headers have none.

        Args:
            whole: all that kernels may rely on, not the usual ones only.

        Raises:
            BackendUnavailable: they do not compile.
        """
        headers, key = _WHOLE if whole else _USUAL, self._standard_key(whole)
        if not set(headers) <= set(self._headers.names):
            return None
        with self._locked(key):
            if not self._exists(key):
                self._make(key, "".join(f"#include <{header}>\n" for header in headers), _CODE)
        return self._cache.path(_KIND, key)

    def prelude(self, key: str, text: str, code: Sequence[str], whole: bool, instead_of: Path | None = None) -> Path:
        """What a processor's kernels begin with; made when it does not exist.

        Args:
            whole: as of :meth:`standard`, which it stands on.
            code: how kernels are compiled.
            instead_of: one that was found damaged; it is made once more for all who did.
        """
        with self._locked(key):
            known = self._preludes.get(key)
            if known is None or known is instead_of:
                if instead_of is not None:
                    self._cache.remove(_KIND, key)
                    self._cache.remove(_KIND, self._standard_key(whole))
                # A new object each time, so that those who used a former one can be told apart.
                known = self._preludes[key] = Path(self._cache.path(_KIND, key))
            standard = self.standard(whole)
            if not self._exists(key):
                below = () if standard is None else (*_NOT_CHECKED, "-include-pch", str(standard))
                self._make(key, text, [*code, *below])
            return known

    def files(self, key: str, whole: bool) -> list[Path]:
        """All that the compiler reads when it uses a prelude."""
        return [self._cache.path(kind, each) for each in (key, self._standard_key(whole)) for kind in (_BEGIN, _KIND)]

    def _standard_key(self, whole: bool) -> str:
        return digest("standard headers", str(whole), self._common)

    def _exists(self, key: str) -> bool:
        return self._cache.find(_BEGIN, key) is not None and self._cache.find(_KIND, key) is not None

    @contextmanager
    def _locked(self, key: str) -> Iterator[None]:
        # Of all compilers of this process: what one makes, another waits for.
        with _lock:
            lock = _locks.setdefault(f"{self._cache.folder} {key}", threading.Lock())
        with lock:
            yield

    def _make(self, key: str, text: str, code: Sequence[str]) -> None:
        with self._cache.scratch() as scratch:
            (scratch / "begin.h").write_text(text, encoding="utf-8")
            # The compiler looks for this file whenever it reads what it made from it.
            begin = self._cache.adopt(_BEGIN, key, scratch / "begin.h")
            command = [
                *self._command,
                *code,
                *flags.REPORT,
                *self._headers.name_options(self._cache),
                *self.search_options,
            ]
            command[command.index("-x") + 1] = "c++-header"
            options = ["-Xclang", "-fno-pch-timestamp", "-fpch-instantiate-templates"]
            answer = self._tools.run([*command, *options, str(begin), "-o", "begin.pch"], scratch)
            if answer.failed:
                raise BackendUnavailable(f"the emulator's own headers do not compile:\n{answer.errors}")
            self._cache.adopt(_KIND, key, scratch / "begin.pch")


def precompile_standard_headers(toolchain: Toolchain, include_dirs: Sequence[Path], cache: Cache) -> None:
    """Make what the first compilation on a machine begins with, most likely."""
    PrecompiledHeaders(toolchain, device_headers(include_dirs), cache, Tools(_TIMEOUT)).standard(whole=False)
