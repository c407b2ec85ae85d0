"""From one kernel's source to wasm: precompiled prelude, clang, the card's arithmetic, clang again, wasm-ld."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from tthal.errors import CompileError, Diagnostic
from tthal.kit.cache import Cache, digest
from tthal_emulator.engine import MemoryModel

from . import flags, stack_use
from .accesses import call_blocks
from .card_arithmetic import with_card_arithmetic
from .clock_registers import with_clock_registers
from .confinement import Confinement
from .device_headers import device_headers
from .executed import count_executed
from .kernel_library import KernelLibrary
from .layout import UNIT, lay_out
from .limits import Limits
from .local_memory import STACK_LEFT, static_data
from .messages import Reader, failure
from .precompiled import PrecompiledHeaders
from .request import CompileRequest, Target, define_lines
from .sites import number_sites
from .stack_use import StackUse
from .toolchain import Toolchain
from .tools import Answer, Bounds, Tools
from .visible_files import NO_ASSEMBLER, view
from .wasm_binary import share_imported_memory

logger = logging.getLogger("tthal")

_LINK_ATTEMPTS = 16
"""More than the library's parts are deep, plus some for objects that another process repairs at the same time."""
_MODULE, _ANNOUNCING, _COUNTING, _OPTIMISED = "kernel.ll", "announcing.ll", "counting.ll", "optimised.ll"
_OBJECT, _DUMPS = "kernel.o", "dumps"
_DIVIDES = re.compile(r"TensorAccessor|AddrGen|\s[/%]=?\s+[A-Za-z_(]")
"""Divides by what it does not know, by the look of it; a wrong guess costs the start of a process."""


@cache
def own_code() -> str:
    """A digest of this package's sources, part of every key: they decide what is built from the same input."""
    return digest(*(file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.py"))))


class Builder:
    """Builds wasm with one toolchain, one set of device headers and one memory model.

    Args:
        limits: what compiling or linking one kernel may use.
    """

    def __init__(
        self,
        model: MemoryModel,
        toolchain: Toolchain,
        include_dirs: Sequence[Path],
        library: Sequence[Path],
        cache: Cache,
        tools: Tools,
        limits: Limits,
    ) -> None:
        self._limits = limits
        self._model = model
        self._toolchain = toolchain
        self._headers = device_headers(include_dirs)
        self._cache = cache
        self._tools = tools
        self._precompiled_headers = PrecompiledHeaders(toolchain, self._headers, cache, tools)
        self._header_options = self._precompiled_headers.search_options
        self._library = KernelLibrary(library, toolchain, cache, tools, self._header_options, self._headers.digest)

    # Keys

    def key(self, request: CompileRequest) -> str:
        """A digest of everything that the kernel's wasm depends on."""
        library = self._library.key(self._address_defines(request.target))
        return digest(self._target_key(request.target, request.opt_level), request.key(), library)

    def _target_key(self, target: Target, opt_level: str) -> str:
        return digest(
            own_code(),
            self._toolchain.version,
            self._headers.digest,
            target.prelude,
            define_lines(self._target_defines(target)),
            *_code_flags(target, opt_level),
            *flags.link_flags(self._model, target.slot),
            *flags.frame_flags(target.frame_limit),
            f"{target.local_memory} {target.guards_stack} {target.counts_executed} {target.whole_library}",
        )

    def _precompiled_key(self, target: Target, opt_level: str) -> str:
        return digest(self._target_key(target, opt_level), *map(str, self._headers.folders), *self._toolchain.clang)

    def _target_defines(self, target: Target) -> tuple[tuple[str, str], ...]:
        return (*self._address_defines(target), *target.defines)

    def _address_defines(self, target: Target) -> tuple[tuple[str, str], ...]:
        return flags.address_defines(self._model, target.slot)

    # Compiling

    def build(self, request: CompileRequest) -> bytes:
        """Compile and link a kernel.

        Raises:
            CompileError: the kernel does not compile.
            BackendUnavailable: the toolchain does not run, or the emulator's own code does not compile.
        """
        with self._cache.scratch() as scratch:
            origin = lay_out(request, scratch / "source")
            self._translate(request, scratch, origin)
            self._compile(request, scratch)
            return self._link(request, scratch)

    def _translate(self, request: CompileRequest, scratch: Path, origin: Path) -> None:
        """Write the kernel's LLVM IR as it is before any optimisation; and an object made of it, if it may be used."""
        prelude = self._precompiled(request.target, request.opt_level)
        answer = self._run_frontend(request, prelude, scratch, origin)
        if answer.failed and not answer.limit and (_blames_precompiled(answer.errors) or not prelude.exists()):
            prelude = self._precompiled(request.target, request.opt_level, instead_of=prelude)
            answer = self._run_frontend(request, prelude, scratch, origin)
        if answer.failed:
            raise _failed(request, Reader(request, self._headers.names).clang(answer.errors), answer)
        for diagnostic in Reader(request).missing_argument_warnings(answer.errors):
            logger.warning("%s", diagnostic)

    def _run_frontend(self, request: CompileRequest, prelude: Path, scratch: Path, origin: Path) -> Answer:
        names = self._headers.name_options(self._cache)
        key = self._precompiled_key(request.target, request.opt_level)
        precompiled = self._precompiled_headers.files(key, request.target.whole_library)
        folders: list[str | Path] = [scratch / "source", *self._headers.folders, *self._toolchain.headers]
        visible = scratch / "visible.json"
        visible.write_text(view(folders, [*precompiled, names[-1]]), encoding="utf-8")
        command = self._clang(
            request.target,
            request.opt_level,
            *flags.frame_flags(request.target.frame_limit),
            "-I.",
            "-ivfsoverlay",
            str(visible),
            *NO_ASSEMBLER,
        )
        command += ["-include-pch", str(prelude), UNIT]
        if _is_rewritten(request) and not Reader(request).missing_arguments():
            command += [*flags.UNOPTIMISED, "-o", str(scratch / _MODULE)]
            return self._tools.run(command, origin, self._bounds(scratch))
        command += [*flags.WITH_UNOPTIMISED, str(scratch / _DUMPS), "-o", str(scratch / _OBJECT)]
        answer = self._tools.run(command, origin, self._bounds(scratch))
        if not answer.failed:
            (dump,) = (scratch / _DUMPS).iterdir()
            dump.rename(scratch / _MODULE)
        return answer

    def _compile(self, request: CompileRequest, scratch: Path) -> None:
        """Optimise the IR with the card's arithmetic in it, and make an object of it, unless there is one already."""
        module = scratch / _MODULE
        translated = module.read_text("latin-1")
        text = with_card_arithmetic(with_clock_registers(translated))
        module.write_text(text, "latin-1")
        arrays = self._stack_use(request, scratch)
        if request.target.announces_accesses:
            self._run_backend(request, scratch, *flags.ANNOUNCE_ACCESSES, "-emit-llvm", "-S", "-o", _ANNOUNCING)
            # The calls were put in after inlining; a second pass inlines them.
            module.write_bytes(call_blocks((scratch / _ANNOUNCING).read_bytes()))
        if request.target.counts_executed:
            self._run_backend(request, scratch, *flags.SCALAR, "-emit-llvm", "-S", "-o", _COUNTING)
            module.write_text(count_executed((scratch / _COUNTING).read_text("latin-1")), "latin-1")
        if text != translated or _is_rewritten(request):
            self._run_backend(request, scratch, "-c", "-o", _OBJECT)
        if arrays is not None:
            _check_arrays(request, scratch / _OBJECT, arrays)

    def _stack_use(self, request: CompileRequest, scratch: Path) -> StackUse | None:
        """What arrays take of a stack that is not guarded itself, when it may be more than local memory has."""
        limit = request.target.local_memory
        if limit is None or request.target.guards_stack:
            return None
        unoptimised = (scratch / _MODULE).read_text("latin-1")
        kinds = stack_use.arrays(unoptimised)
        if stack_use.size_of(kinds, unoptimised) <= limit // 2:
            return None
        self._run_backend(request, scratch, "-emit-llvm", "-S", "-o", _OPTIMISED)
        return stack_use.deepest((scratch / _OPTIMISED).read_text("latin-1"), kinds)

    def _run_backend(self, request: CompileRequest, scratch: Path, *output: str) -> None:
        code = [*flags.of_language("ir"), *request.target.features, flags.OPT_LEVELS[request.opt_level], *flags.REPORT]
        code += flags.frame_flags(request.target.frame_limit)
        command = [*self._toolchain.clang, *self._toolchain.target, *code, *output, _MODULE]
        answer = self._tools.run(command, scratch, self._bounds(scratch))
        if answer.failed:
            raise _failed(request, Reader(request, self._headers.names).clang(answer.errors), answer)

    def _bounds(self, scratch: Path) -> Bounds:
        readable = [*map(Path, (*self._toolchain.parts, *self._toolchain.headers)), *self._headers.folders]
        return Bounds(self._limits, Confinement((*readable, self._cache.folder), (scratch,)))

    def _clang(self, target: Target, opt_level: str, *first: str) -> list[str]:
        code = [*_code_flags(target, opt_level), *flags.REPORT]
        headers = [*self._headers.name_options(self._cache), *self._header_options]
        return [*self._toolchain.clang, *self._toolchain.target, *code, *first, *headers]

    def _precompiled(self, target: Target, opt_level: str, instead_of: Path | None = None) -> Path:
        text = f"{define_lines(self._target_defines(target))}#include <{target.prelude}>\n"
        key, code = self._precompiled_key(target, opt_level), _code_flags(target, opt_level)
        return self._precompiled_headers.prelude(key, text, code, target.whole_library, instead_of)

    # Linking

    def _link(self, request: CompileRequest, scratch: Path) -> bytes:
        defines = self._address_defines(request.target)
        for _ in range(_LINK_ATTEMPTS):
            answer = self._run_linker(request, scratch)
            if not answer.failed or answer.limit:
                break
            if not (self._library.discard_damaged(defines, answer) or self._library.provide(defines, answer)):
                break
        if answer.failed:
            raise _failed(request, Reader(request).linker(answer.errors), answer)
        wasm = number_sites((scratch / "kernel.wasm").read_bytes())
        return share_imported_memory(wasm) if self._model is MemoryModel.SHARED else wasm

    def _run_linker(self, request: CompileRequest, scratch: Path) -> Answer:
        options = flags.link_flags(self._model, request.target.slot, _stack(request, scratch / _OBJECT))
        objects = self._library.objects(self._address_defines(request.target))
        library = ["--start-lib", *map(str, objects), "--end-lib"]
        command = [*self._toolchain.linker, *options, _OBJECT, *library, "-o", "kernel.wasm"]
        return self._tools.run(command, scratch, self._bounds(scratch))


def _stack(request: CompileRequest, unit: Path) -> int | None:
    """The bytes of stack that static data leaves a kernel; None: all that the memory map has.

    Raises:
        CompileError: there is none left.
    """
    limit = request.target.local_memory
    if limit is None:
        return None
    variables = static_data(unit.read_bytes())
    used = sum(variable.size for variable in variables)
    if used + STACK_LEFT > limit:
        raise failure([Reader(request).too_much_data(variables, used, limit)])
    # Aligned as the stack is; a trap comes where the stack would run into what is below it.
    return (limit - used) & ~15 if request.target.guards_stack else None


def _check_arrays(request: CompileRequest, unit: Path, arrays: StackUse) -> None:
    """Refuse arrays on the stack that static data leaves no room for.

    Raises:
        CompileError: there are such.
    """
    limit = request.target.local_memory or 0
    if arrays.size + sum(variable.size for variable in static_data(unit.read_bytes())) > limit:
        raise failure([Reader(request).too_large_arrays(arrays, limit)])


def _is_rewritten(request: CompileRequest) -> bool:
    """Whether the IR is, most likely, so that what the compiler makes of it as it is would be made in vain."""
    if request.target.announces_accesses or request.target.counts_executed:
        return True
    return any(_DIVIDES.search(text) for text in (request.content.source, *(h.text for h in request.content.headers)))


def _code_flags(target: Target, opt_level: str) -> list[str]:
    return [*flags.LANGUAGE, *flags.CODE, *target.features, flags.OPT_LEVELS[opt_level]]


def _blames_precompiled(output: str) -> bool:
    """Whether a compilation failed over its precompiled header, or died without a word about the kernel."""
    return any(words in output for words in ("precompiled", "AST file", "PCH file")) or "error: " not in output


def _failed(request: CompileRequest, diagnostics: list[Diagnostic], answer: Answer) -> CompileError:
    if answer.limit:
        diagnostics = [*diagnostics, Diagnostic(request.name, "error", answer.limit)]
    if not any(diagnostic.severity == "error" for diagnostic in diagnostics):
        message = f"the compiler failed without saying why (status {answer.status}): {answer.errors.strip()[-2000:]}"
        diagnostics = [*diagnostics, Diagnostic(request.name, "error", message)]
    return failure([diagnostics])
