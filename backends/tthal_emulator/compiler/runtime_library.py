"""The code that every kernel may call: memory and float functions, and the tile operations behind the headers.

It sees the device headers and the memory map, but no target's defines, so that one build serves all kernels.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tthal.errors import BackendUnavailable

from . import flags
from .cache import Cache, digest
from .request import define_lines
from .toolchain import Toolchain
from .tools import Answer, Tools

RUNTIME_FOLDER = Path(__file__).resolve().parent.parent / "runtime"
ON_DEMAND = "on_demand"
"""Sources in a folder of this name are compiled only when a kernel turns out to need them."""
_KIND = "o"


class RuntimeLibrary:
    """Sources, each compiled to an object once per toolchain, memory map and content.

    Args:
        sources: C++ files; headers beside them enter the key.
        headers: flags that find the device headers.
        headers_digest: their content.
    """

    def __init__(
        self,
        sources: Sequence[Path],
        toolchain: Toolchain,
        cache: Cache,
        tools: Tools,
        headers: Sequence[str],
        headers_digest: str,
    ) -> None:
        self._command = [*toolchain.clang, *toolchain.target, *flags.LANGUAGE, *flags.CODE, "-O3", *headers]
        self._sources = tuple(sources)
        folders = sorted({source.parent for source in sources})
        self._command += [f"-ffile-prefix-map={folder}=<tthal runtime>" for folder in folders]
        self._cache = cache
        self._tools = tools
        self._lock = threading.Lock()
        texts = [path.read_bytes() for folder in folders for path in sorted(folder.glob("*.h"))]
        self._common = digest(toolchain.version, *flags.LANGUAGE, *flags.CODE, headers_digest, *texts)
        self._ready: dict[tuple[str, bool], list[Path]] = {}

    def key(self, defines: tuple[tuple[str, str], ...]) -> str:
        """What the library's content depends on."""
        return digest(*(self._unit_key(source, defines) for source in self._sources))

    def _unit_key(self, source: Path, defines: tuple[tuple[str, str], ...]) -> str:
        return digest(self._common, define_lines(defines), source.name, source.read_bytes())

    def objects(self, defines: tuple[tuple[str, str], ...], *, all_parts: bool = False) -> list[Path]:
        """The compiled library for one memory map, made when it does not exist yet.

        Args:
            all_parts: with the parts that few kernels need.

        Raises:
            BackendUnavailable: it does not compile.
        """
        sources = [source for source in self._sources if all_parts or source.parent.name != ON_DEMAND]
        name = (define_lines(defines), all_parts)
        with self._lock:
            if name not in self._ready:
                with ThreadPoolExecutor(thread_name_prefix="tthal-runtime") as pool:
                    self._ready[name] = list(pool.map(lambda source: self._object(source, defines), sources))
            return self._ready[name]

    def is_blamed(self, answer: Answer) -> bool:
        """Whether the linker died, or complains about one of the library's objects."""
        if answer.status < 0 or "LLVM ERROR" in answer.errors:
            return True
        return any(str(path) in answer.errors for paths in self._ready.values() for path in paths)

    def renew(self, used: list[Path]) -> None:
        """Make the library anew, because an object on disk is damaged or gone; once for all who used it."""
        with self._lock:
            if any(used is paths for paths in self._ready.values()):
                self._ready.clear()
                for path in used:
                    path.unlink(missing_ok=True)

    def _object(self, source: Path, defines: tuple[tuple[str, str], ...]) -> Path:
        key = self._unit_key(source, defines)
        path = self._cache.path(_KIND, key)
        if path.exists():
            return path
        with self._cache.scratch() as scratch:
            settings = [f"-D{name}={value}" for name, value in defines]
            answer = self._tools.run([*self._command, *settings, "-c", str(source), "-o", "runtime.o"], scratch)
            if answer.failed:
                raise BackendUnavailable(f"the emulator's runtime library does not compile: {answer.errors}")
            return self._cache.adopt(_KIND, key, scratch / "runtime.o")
