"""From kernels to modules: in parallel, each only once, and out of the cache where possible."""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path

from tthal.errors import BackendUnavailable, CompileError, Diagnostic, Frame
from tthal.kit.cache import Cache, digest
from tthal_emulator.engine import Engine, EngineError, MemoryModel, Module

from . import flags
from .builder import Builder
from .instructions import waits_on_memory
from .kernel_library import LIBRARY_FOLDER
from .limits import Limits
from .messages import failure
from .request import CompileRequest
from .source_map import SourceMap
from .toolchain import Toolchain
from .tools import Tools, usable_cpus
from .wasm_binary import code_section, count_globals

Progress = Callable[[int, int, str], None]
"""Called as ``progress(done, total, kernel name)`` from the calling thread, for kernels that are not in the cache."""

MOST_CODE = 4 << 20
"""Bytes of a kernel's code; to translate more in this process would take many seconds that nobody could cut short."""
_WASM = "wasm"
_NATIVE = "native"
_REFUSED = "refused"
"""Marks general forms that do not compile."""


class Compiler:
    """Compiles kernels for one engine.

    Args:
        include_dirs: the device headers; read when the compiler is made, their content enters every key.
        library: C++ sources of the kernel library; by default the emulator's.
        limits: what compiling or linking one kernel may use.
        timeout: seconds that one run of a tool over the emulator's own code may take.

    Attributes:
        announces_accesses: whether kernels are compiled to announce their own loads and stores.
        counts_executed: whether kernels are compiled to count what they execute.
    """

    announces_accesses = False
    counts_executed = False

    def __init__(
        self,
        engine: Engine,
        toolchain: Toolchain,
        include_dirs: Sequence[Path],
        cache: Cache,
        *,
        library: Sequence[Path] | None = None,
        limits: Limits | None = None,
        timeout: float = 300.0,
    ) -> None:
        self._engine = engine
        self._cache = cache
        self._tools = Tools(timeout)
        sources = sorted(LIBRARY_FOLDER.rglob("*.cpp")) if library is None else library
        model = engine.options.memory_model
        self._builder = Builder(model, toolchain, include_dirs, sources, cache, self._tools, limits or Limits())
        self._refused: set[str] = set()
        self._modules: weakref.WeakValueDictionary[str, Module] = weakref.WeakValueDictionary()
        self._source_maps: weakref.WeakKeyDictionary[Module, SourceMap] = weakref.WeakKeyDictionary()

    def compile_all(
        self, requests: Sequence[CompileRequest], progress: Progress | None = None, jobs: int | None = None
    ) -> list[Module]:
        """Compile kernels; equal requests share a module. Nothing is left running when it is interrupted.

        Raises:
            CompileError: of every kernel that does not compile.
            BackendUnavailable: the toolchain or the cache does not work.
        """
        for request in requests:
            request.check()
        if self.announces_accesses:
            requests = [_announcing(request) for request in requests]
        if self.counts_executed:
            requests = [_counting(request) for request in requests]
        requests = self._in_general_form(requests, progress, jobs or usable_cpus())
        wanted = {self._builder.key(request): request for request in requests}
        modules = {key: module for key in wanted if (module := self._find(key)) is not None}
        missing = {key: request for key, request in wanted.items() if key not in modules}
        if missing:
            modules |= self._build_all(missing, progress, jobs or usable_cpus())
        return [modules[self._builder.key(request)] for request in requests]

    def frames(self, module: Module, site: int) -> tuple[Frame, ...]:
        """Return the calls that lead to a site of a module, innermost first; none when its wasm is no longer cached."""
        if module not in self._source_maps:
            key = next((key for key, known in self._modules.items() if known is module), "")
            self._source_maps[module] = SourceMap(self._cache.get(_WASM, key) or b"")
        return self._source_maps[module].frames(site)

    def _in_general_form(
        self, requests: Sequence[CompileRequest], progress: Progress | None, jobs: int
    ) -> list[CompileRequest]:
        """Put those that compile in the place of the requests that have a general form."""
        forms = {self._builder.key(each.general): each.general for each in requests if each.general is not None}
        unknown = {key: form for key, form in forms.items() if key not in self._refused and self._find(key) is None}
        missing = {key: form for key, form in unknown.items() if self._cache.get(_REFUSED, key) is None}
        built = self._run_all(missing, progress, jobs) if missing else {}
        for key, future in built.items():
            if _diagnostics_of(future):
                self._cache.put(_REFUSED, key, b"\n")
        self._refused |= {key for key in unknown if key not in missing or _diagnostics_of(built[key])}
        compiled = {form for key, form in forms.items() if key not in self._refused}
        return [each.general if each.general in compiled and each.general else each for each in requests]

    def _find(self, key: str) -> Module | None:
        """A module that is alive or in the cache as native code."""
        module = self._modules.get(key)
        if module is not None:
            return module
        native_key = digest(key, self._engine.identity)
        code = self._cache.get(_NATIVE, native_key)
        if code is None:
            return None
        try:
            module = self._modules[key] = Module.deserialize(self._engine, code)
        except EngineError:
            # Made on a machine with other instructions: make it anew from the wasm.
            self._cache.remove(_NATIVE, native_key)
        return module

    def _build_all(self, missing: dict[str, CompileRequest], progress: Progress | None, jobs: int) -> dict[str, Module]:
        built = self._run_all(missing, progress, jobs)
        failed = [found for future in built.values() if (found := _diagnostics_of(future))]
        if failed:
            raise failure(failed)
        return {key: future.result() for key, future in built.items()}

    def _run_all(
        self, missing: dict[str, CompileRequest], progress: Progress | None, jobs: int
    ) -> dict[str, Future[Module]]:
        """Build all to the end, or to the exception that ends this."""
        self._tools.allow()
        with ThreadPoolExecutor(min(jobs, len(missing)), "tthal-compile") as pool:
            futures: dict[Future[Module], CompileRequest] = {}
            try:
                # Ctrl-C may come while a thread starts: the pool does not know it yet, but it may have a compiler.
                for key, request in missing.items():
                    futures[pool.submit(self._build, key, request)] = request
                _follow(futures, progress)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                self._tools.stop()
                raise
        return dict(zip(missing, futures, strict=True))

    def _build(self, key: str, request: CompileRequest) -> Module:
        try:
            wasm = self._cache.get(_WASM, key)
            if wasm is None:
                wasm = self._builder.build(request)
                self._cache.put(_WASM, key, wasm)
            module = self._translate(request, wasm)
            self._cache.put(_NATIVE, digest(key, self._engine.identity), module.serialize())
        except OSError as error:
            where = self._cache.folder
            raise BackendUnavailable(f"kernel {request.name} cannot be compiled in {where}: {error}") from error
        self._modules[key] = module
        return module

    def _translate(self, request: CompileRequest, wasm: bytes) -> Module:
        if count_globals(wasm) > 1:
            raise _refusal(
                request, "the kernel has a variable in address space 1; only memory exists: drop the attribute"
            )
        start, end = code_section(wasm)
        if end - start > MOST_CODE:
            raise _refusal(
                request, f"the kernel has {end - start >> 10} KB of code; up to {MOST_CODE >> 10} KB are translated"
            )
        if waits_on_memory(wasm):
            raise _refusal(
                request,
                "the kernel waits on memory with an atomic instruction, which would stop all processors: wait with "
                "noc_semaphore_wait, cb_wait_front, or a loop that polls a volatile word",
            )
        try:
            module = Module.compile(self._engine, wasm)
            if unknown := module.unknown_imports():
                raise _refusal(request, f"the kernel imports what the emulator does not have: {', '.join(unknown)}")
            if self._engine.options.memory_model is MemoryModel.MAPPED:
                module.bind()
        except EngineError as error:
            reason = re.sub(r"^\s*\d+: ", "", str(error).strip().rpartition("\n")[2]).strip()
            raise _refusal(request, f"the emulated processor lacks what the kernel uses: {reason}") from error
        if not module.exports.intersection(flags.ENTRIES):
            raise _refusal(request, "the kernel defines neither void kernel_main() nor MAIN")
        return module


def _follow(futures: dict[Future[Module], CompileRequest], progress: Progress | None) -> None:
    """Wait until all are done, reporting each."""
    pending = set(futures)
    while pending:
        done, pending = wait(pending, return_when=FIRST_COMPLETED)
        if progress is not None:
            for number, future in enumerate(done, len(futures) - len(pending) - len(done) + 1):
                progress(number, len(futures), futures[future].name)


def _diagnostics_of(future: Future[Module]) -> tuple[Diagnostic, ...]:
    error = future.exception()
    if error is None:
        return ()
    if isinstance(error, CompileError):
        return error.diagnostics
    raise error


def _refusal(request: CompileRequest, message: str) -> CompileError:
    return failure([[Diagnostic(request.name, "error", message)]])


def _announcing(request: CompileRequest) -> CompileRequest:
    general = request.general and _announcing(request.general)
    return replace(request, target=request.target.announcing_accesses(), general=general)


def _counting(request: CompileRequest) -> CompileRequest:
    general = request.general and _counting(request.general)
    return replace(request, target=replace(request.target, counts_executed=True), general=general)
