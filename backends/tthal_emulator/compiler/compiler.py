"""From kernel sources to modules: precompiled headers, parallel compilation, linking, and a cache by content."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from tthal.errors import BackendUnavailable, CompileError, Diagnostic
from tthal_emulator.engine import Engine, EngineError, MemoryModel, Module

from . import flags
from .cache import Cache, digest
from .diagnostics import Reader, failure
from .layout import UNIT, lay_out
from .request import CompileRequest, Target, define_lines
from .runtime_library import RUNTIME_FOLDER, RuntimeLibrary
from .toolchain import Toolchain
from .tools import Answer, Tools
from .wasm_binary import share_imported_memory

Progress = Callable[[int, int, str], None]
"""Called as ``progress(done, total, kernel name)``, from the calling thread."""

_SCHEMA = "1"
_PRECOMPILED = "pch"
_WASM = "wasm"
_NATIVE = "native"


class Compiler:
    """Compiles kernels for one engine.

    Args:
        include_dirs: the device headers; their content enters every key.
        runtime: C++ sources of the runtime library; by default the emulator's.
        timeout: seconds that one run of the compiler may take.
    """

    def __init__(
        self,
        engine: Engine,
        toolchain: Toolchain,
        include_dirs: Sequence[Path],
        cache: Cache,
        *,
        runtime: Sequence[Path] | None = None,
        timeout: float = 300.0,
    ) -> None:
        self._engine = engine
        self._toolchain = toolchain
        self._include_dirs = tuple(Path(folder).resolve() for folder in include_dirs)
        self._cache = cache
        self._tools = Tools(timeout)
        self._headers_digest = _folder_digest(self._include_dirs)
        self._header_flags = self._find_headers()
        self._runtime = RuntimeLibrary(
            sorted(RUNTIME_FOLDER.glob("*.cpp")) if runtime is None else runtime,
            toolchain,
            cache,
            self._tools,
            self._header_flags,
            self._headers_digest,
        )
        self._modules: dict[str, Module] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def compile_all(
        self, requests: Sequence[CompileRequest], progress: Progress | None = None, jobs: int | None = None
    ) -> list[Module]:
        """Compile kernels, in parallel where the cache does not have them; equal requests share a module.

        Raises:
            CompileError: of every kernel that does not compile.
            BackendUnavailable: the toolchain does not run.
        """
        keys = [self._key(request) for request in requests]
        missing = {
            key: request
            for key, request in zip(keys, requests, strict=True)
            if key not in self._modules and not self._load_native(key)
        }
        if missing:
            self._build_all(missing, progress, jobs or os.cpu_count() or 1)
        return [self._modules[key] for key in keys]

    def _key(self, request: CompileRequest) -> str:
        request.check()
        runtime = self._runtime.key(self._address_defines(request.target))
        return digest(self._target_key(request.target, request.opt_level), request.key(), runtime)

    def _target_key(self, target: Target, opt_level: str) -> str:
        return digest(
            _SCHEMA,
            self._toolchain.version,
            self._headers_digest,
            target.prelude,
            define_lines(self._target_defines(target)),
            *self._code_flags(opt_level),
            *flags.link_flags(self._engine.options.memory_model, target.slot),
        )

    def _target_defines(self, target: Target) -> tuple[tuple[str, str], ...]:
        return (*self._address_defines(target), *target.defines)

    def _address_defines(self, target: Target) -> tuple[tuple[str, str], ...]:
        return flags.address_defines(self._engine.options.memory_model, target.slot)

    def _code_flags(self, opt_level: str) -> list[str]:
        return [*flags.LANGUAGE, *flags.CODE, flags.OPT_LEVELS[opt_level]]

    def _native_key(self, key: str) -> str:
        return digest(key, self._engine.identity)

    def _load_native(self, key: str) -> bool:
        native_key = self._native_key(key)
        native = self._cache.get(_NATIVE, native_key)
        if native is None:
            return False
        try:
            self._modules[key] = self._engine.deserialize(native)
        except EngineError:
            # Made for another processor or build of wasmtime: make it anew from the wasm.
            self._cache.remove(_NATIVE, native_key)
            return False
        return True

    # Building -----------------------------------------------------------------------------------------------------

    def _build_all(self, missing: dict[str, CompileRequest], progress: Progress | None, jobs: int) -> None:
        failed: list[Diagnostic] = []
        with ThreadPoolExecutor(min(jobs, len(missing)), "tthal-compile") as pool:
            pending = {pool.submit(self._build, key, request): request for key, request in missing.items()}
            total = len(pending)
            try:
                while pending:
                    done, _ = wait(pending, return_when=FIRST_COMPLETED)
                    for future in done:
                        request = pending.pop(future)
                        failed += _diagnostics_of(future)
                        if progress is not None:
                            progress(total - len(pending), total, request.name)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                self._tools.stop()
                raise
        if failed:
            order = {request.name: number for number, request in enumerate(missing.values())}
            raise failure(sorted(failed, key=lambda diagnostic: order.get(diagnostic.kernel, 0)))

    def _build(self, key: str, request: CompileRequest) -> None:
        wasm = self._cache.get(_WASM, key)
        if wasm is None:
            wasm = self._compile_and_link(request)
            self._cache.put(_WASM, key, wasm)
        module = self._translate(request, wasm)
        self._cache.put(_NATIVE, self._native_key(key), module.serialize())
        self._modules[key] = module

    def _translate(self, request: CompileRequest, wasm: bytes) -> Module:
        try:
            module = self._engine.compile(wasm)
        except EngineError as error:
            raise _refusal(request, f"the processor lacks what the kernel uses: {error}") from error
        unknown = module.unknown_imports()
        if unknown:
            raise _refusal(request, f"the kernel imports what the emulator does not have: {', '.join(unknown)}")
        if not module.exports.intersection(flags.ENTRIES):
            raise _refusal(request, "the kernel defines neither void kernel_main() nor MAIN")
        return module

    def _compile_and_link(self, request: CompileRequest) -> bytes:
        runtime = self._runtime.objects(self._address_defines(request.target))
        with self._cache.scratch() as scratch:
            origin = lay_out(request, scratch / "source")
            unit, linked = scratch / "kernel.o", scratch / "kernel.wasm"
            self._compile(request, origin, unit)
            model = self._engine.options.memory_model
            answer = self._tools.run(
                [
                    *self._toolchain.linker,
                    *flags.link_flags(model, request.target.slot),
                    unit.name,
                    "--start-lib",
                    *map(str, runtime),
                    "--end-lib",
                    "-o",
                    linked.name,
                ],
                scratch,
            )
            if answer.failed:
                raise failure(Reader(request).linker(answer.errors) or [_unexplained(request, answer.errors)])
            wasm = linked.read_bytes()
            return share_imported_memory(wasm) if model is MemoryModel.SHARED else wasm

    def _compile(self, request: CompileRequest, origin: Path, unit: Path) -> None:
        answer = self._run_clang(request, origin, unit)
        if answer.failed and _blames_precompiled(answer.errors):
            self._forget_precompiled(request.target, request.opt_level)
            answer = self._run_clang(request, origin, unit)
        if answer.failed:
            raise failure(Reader(request).clang(answer.errors) or [_unexplained(request, answer.errors)])

    def _run_clang(self, request: CompileRequest, origin: Path, unit: Path) -> Answer:
        prelude = self._precompiled(request.target, request.opt_level)
        command = self._clang(request.opt_level, "-I.")
        return self._tools.run([*command, "-include-pch", str(prelude), "-c", UNIT, "-o", str(unit)], origin)

    def _clang(self, opt_level: str, *first: str) -> list[str]:
        code = [*self._code_flags(opt_level), *flags.REPORT]
        return [*self._toolchain.clang, *self._toolchain.target, *code, *first, *self._header_flags]

    def _find_headers(self) -> list[str]:
        found = []
        for number, folder in enumerate(self._include_dirs):
            found += [f"-I{folder}", f"-ffile-prefix-map={folder}=<tthal{number or ''}>"]
        return found + [f"-ffile-prefix-map={folder}=<{self._toolchain.name}>" for folder in self._toolchain.headers]

    def _prelude_text(self, target: Target) -> str:
        return f'{define_lines(self._target_defines(target))}#include <{target.prelude}>\n'

    def _precompiled_key(self, target: Target, opt_level: str) -> str:
        return digest(self._target_key(target, opt_level), *map(str, self._include_dirs), *self._toolchain.clang)

    def _precompiled(self, target: Target, opt_level: str) -> Path:
        key = self._precompiled_key(target, opt_level)
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            path = self._cache.path(_PRECOMPILED, key)
            return path if path.exists() else self._precompile(target, opt_level, key)

    def _forget_precompiled(self, target: Target, opt_level: str) -> None:
        self._cache.remove(_PRECOMPILED, self._precompiled_key(target, opt_level))

    def _precompile(self, target: Target, opt_level: str, key: str) -> Path:
        with self._cache.scratch() as scratch:
            (scratch / "begin.h").write_text(self._prelude_text(target), encoding="utf-8")
            # The compiler looks for this file whenever it reads what it made from it.
            begin = self._cache.adopt("h", key, scratch / "begin.h")
            command = self._clang(opt_level)
            command[command.index("-x") + 1] = "c++-header"
            options = ["-Xclang", "-fno-pch-timestamp", "-fpch-instantiate-templates"]
            answer = self._tools.run([*command, *options, str(begin), "-o", "begin.pch"], scratch)
            if answer.failed:
                raise BackendUnavailable(f"the emulator's own headers do not compile: {answer.errors}")
            return self._cache.adopt(_PRECOMPILED, key, scratch / "begin.pch")


def _diagnostics_of(future: Future[None]) -> tuple[Diagnostic, ...]:
    error = future.exception()
    if error is None:
        return ()
    if isinstance(error, CompileError):
        return error.diagnostics
    raise error


def _blames_precompiled(output: str) -> bool:
    """Whether a compilation failed over its precompiled header, or died without a word about the kernel."""
    return "precompiled" in output or "AST file" in output or " error: " not in output


def _refusal(request: CompileRequest, message: str) -> CompileError:
    return failure([Diagnostic(request.name, "error", message)])


def _unexplained(request: CompileRequest, output: str) -> Diagnostic:
    return Diagnostic(request.name, "error", f"the compiler failed without saying why: {output.strip()[-2000:]}")


def _folder_digest(folders: Sequence[Path]) -> str:
    parts: list[str | bytes] = []
    for folder in folders:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            parts += [path.relative_to(folder).as_posix(), path.read_bytes()]
    return digest(*parts)
