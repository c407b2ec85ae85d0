"""The code that every kernel may call: memory and float functions, and the tile operations behind the headers.

It sees the device headers and the memory map, but no target's defines, so that one build serves all kernels. A source
is compiled when a kernel first needs one of the names that stand in it: few programs need many of them.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tthal.errors import BackendUnavailable
from tthal.kit.cache import Cache, digest

from . import flags
from .request import define_lines
from .toolchain import Toolchain
from .tools import Answer, Tools

LIBRARY_FOLDER = Path(__file__).resolve().parent.parent / "kernel_side" / "library"
_KIND = "o"
_WORD = re.compile(r"\w+")
_DEFINITION = re.compile(r'^\w+\((\w+)|\b(\w+)(?=\(|\[|;| =|\{)|"(\w+)"')
"""In a line at the margin: a function, a variable, a macro's first argument, or a name given to the linker."""
_UNDEFINED = re.compile(r"undefined symbol: ([^(\n]+)")

Defines = tuple[tuple[str, str], ...]


class KernelLibrary:
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
        # The same C++ types as kernels see: they are part of the names that the two are linked by.
        self._command += ["-include", "tthal/language/fixed_width.h"]
        folders = sorted({source.parent for source in sources})
        self._command += [f"-ffile-prefix-map={folder}=<tthal runtime>" for folder in folders]
        self._cache = cache
        self._tools = tools
        self._lock = threading.Lock()
        self._texts = {Path(source): Path(source).read_bytes() for source in sources}
        self._keys: dict[tuple[Path, Defines], str] = {}
        own = [path.read_bytes() for folder in folders for path in sorted(folder.glob("*.h"))]
        self._common = digest(toolchain.version, *flags.LANGUAGE, *flags.CODE, headers_digest, *own)

    def key(self, defines: Defines) -> str:
        """What the library's content depends on."""
        return digest(*(self._unit_key(source, defines) for source in self._texts))

    def _unit_key(self, source: Path, defines: Defines) -> str:
        if (source, defines) not in self._keys:
            key = digest(self._common, define_lines(defines), source.name, self._texts[source])
            self._keys[source, defines] = key
        return self._keys[source, defines]

    def _path(self, source: Path, defines: Defines) -> Path:
        return self._cache.path(_KIND, self._unit_key(source, defines))

    def _find(self, source: Path, defines: Defines) -> Path | None:
        return self._cache.find(_KIND, self._unit_key(source, defines))

    def objects(self, defines: Defines) -> list[Path]:
        """The objects that exist for one memory map."""
        found = (self._find(source, defines) for source in self._texts)
        return [path for path in found if path is not None]

    def provide(self, defines: Defines, answer: Answer) -> bool:
        """Compile the sources that have what the linker found undefined.

        Returns:
            Whether there are objects that the linker has not seen.

        Raises:
            BackendUnavailable: a source does not compile.
        """
        names = undefined_names(answer.errors)
        # The C library's float functions stand in a source under the name of the double ones.
        names |= {name[:-1] for name in names if name.endswith("f")}
        sources = self._sources_of(names)
        with self._lock:
            missing = [source for source in sources if self._find(source, defines) is None]
            self._compile_all(missing, defines)
        return any(str(self._path(source, defines)) not in answer.command for source in sources)

    def _sources_of(self, names: set[str]) -> list[Path]:
        """The sources that define names; of one that seems to be defined nowhere, all that mention it."""
        texts = {source: text.decode() for source, text in self._texts.items()}
        defined = {source: defined_names(text) for source, text in texts.items()}
        words = {source: set(_WORD.findall(text)) for source, text in texts.items()}
        found: set[Path] = set()
        for name in names:
            defining = {source for source in texts if name in defined[source]}
            found |= defining or {source for source in texts if name in words[source]}
        return sorted(found)

    def _compile_all(self, sources: Iterable[Path], defines: Defines) -> None:
        with ThreadPoolExecutor(thread_name_prefix="tthal-kernel-library") as pool:
            list(pool.map(lambda source: self._compile(source, defines), sources))

    def _compile(self, source: Path, defines: Defines) -> None:
        with self._cache.scratch() as scratch:
            settings = [f"-D{name}={value}" for name, value in defines]
            answer = self._tools.run([*self._command, *settings, "-c", str(source), "-o", "library.o"], scratch)
            if answer.failed:
                raise BackendUnavailable(f"the emulator's kernel library does not compile: {answer.errors}")
            self._cache.adopt(_KIND, self._unit_key(source, defines), scratch / "library.o")

    def discard_damaged(self, defines: Defines, answer: Answer) -> bool:
        """Remove the objects that the linker complains about, or all that it was given when it died of them.

        Returns:
            Whether there were any.
        """
        used = {
            path: self._unit_key(source, defines)
            for source in self._texts
            if str(path := self._path(source, defines)) in answer.command
        }
        died = answer.status < 0 or "LLVM ERROR" in answer.errors
        complaints = "\n".join(line for line in answer.errors.splitlines() if _UNDEFINED.search(line) is None)
        blamed = [key for path, key in used.items() if died or str(path) in complaints]
        for key in blamed:
            self._cache.remove(_KIND, key)
        return bool(blamed)


def defined_names(text: str) -> set[str]:
    """Names that a source may define for others, and a few more: those that definitions at the margin begin with."""
    lines = (line for line in text.splitlines() if line[:1].isalpha() or line[:1] in ("_", "["))
    return {name for line in lines for groups in _DEFINITION.findall(line) for name in groups if name}


def undefined_names(output: str) -> set[str]:
    """The last names of the symbols that the linker calls undefined, without parameters."""
    return {names[-1] for symbol in _UNDEFINED.findall(output) if (names := _WORD.findall(symbol))}
