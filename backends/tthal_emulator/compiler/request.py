"""What the compiler is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from tthal.device_interface import KernelContent
from tthal.errors import CompileError, Diagnostic
from tthal.kit.cache import digest

from .flags import OPT_LEVELS

_LINE_END = re.compile(r"\\?(\r\n|\r|\n)")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*(\([\w\s,.]*\))?\Z")


@dataclass(frozen=True, slots=True)
class Target:
    """A kind of processor: what all its kernels share, and therefore what is precompiled.

    Attributes:
        name: for messages, e.g. ``"brisc"``.
        slot: the processor's slot in the memory map.
        prelude: the header that every kernel begins with, found over the compiler's include folders.
        defines: set before the prelude.
        local_memory: bytes for stack and static data; None: as much as the memory map has.
        announces_accesses: whether its kernels announce their own loads and stores.
        counts_executed: whether its kernels count what their own code executes.
        guards_stack: whether the stack ends where local memory does, so that more of it traps.
        features: instructions that its code may use besides those of all (`flags.CODE`).
        whole_library: whether its kernels begin with all standard headers, not with the usual ones only.
    """

    name: str
    slot: int
    prelude: str
    defines: tuple[tuple[str, str], ...] = ()
    local_memory: int | None = None
    guards_stack: bool = False
    announces_accesses: bool = False
    counts_executed: bool = False
    features: tuple[str, ...] = ()
    whole_library: bool = True

    @property
    def frame_limit(self) -> int | None:
        """Bytes that one frame may have: no fewer than the memory map has where the stack is not guarded either.

        Vectors and tile operations of a compute kernel, which are registers and instructions on a card, lie in it here.
        """
        return self.local_memory if self.guards_stack else None

    def announcing_accesses(self) -> Target:
        """Return the same kind of processor, whose kernels announce their own loads and stores."""
        defines = (*self.defines, ("TTHAL_ACCESSES", "1"))
        return replace(self, defines=defines, announces_accesses=True)


@dataclass(frozen=True, slots=True)
class CompileRequest:
    """One kernel for one kind of processor.

    Attributes:
        defines: set after the prelude and before ``preamble``.
        preamble: generated C++ between prelude and kernel.
        opt_level: ``"O0"`` to ``"O3"``, ``"Os"``, ``"Oz"``, ``"Ofast"``.
        general: what to compile instead if it compiles: code that several kernels share.
    """

    content: KernelContent
    target: Target
    defines: tuple[tuple[str, str], ...] = ()
    preamble: str = ""
    opt_level: str = "O2"
    label: str = field(default="", compare=False)
    general: CompileRequest | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        """The kernel as messages call it."""
        return self.label or self.content.source_name

    def check(self) -> None:
        """Refuse what cannot be written into a source file.

        Raises:
            CompileError: a define's name is not an identifier, or the optimisation level is unknown.
        """
        for name, _ in (*self.target.defines, *self.defines):
            if not _IDENTIFIER.match(name):
                self._refuse(f"the define {name!r} is not a C++ macro name")
        headers = ((header.name, header.text) for header in self.content.headers)
        for name, text in ((self.content.source_name, self.content.source), *headers):
            if not _is_text(name + text):
                self._refuse(f"{name!a} is not text that can be written as UTF-8")
        if self.opt_level not in OPT_LEVELS:
            self._refuse(f"unknown optimisation level {self.opt_level!r}; one of {', '.join(OPT_LEVELS)}")

    def _refuse(self, message: str) -> None:
        raise CompileError(f"kernel {self.name}: {message}", [Diagnostic(self.name, "error", message)])

    def key(self) -> str:
        """A digest of everything of the kernel's own that its code depends on."""
        pairs = [part for pair in self.defines for part in pair]
        headers = [part for header in self.content.headers for part in (header.name, header.text)]
        counts = f"{len(pairs)} {len(headers)}"
        content = self.content
        return digest(counts, *pairs, *headers, self.preamble, content.source_name, content.source, self.opt_level)


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def define_lines(defines: tuple[tuple[str, str], ...]) -> str:
    """Preprocessor lines; a value that spans lines becomes one."""
    return "".join(f"#define {name} {_one_line(value)}\n" for name, value in defines)


def _one_line(value: str) -> str:
    return _LINE_END.sub(" ", value).rstrip("\\")
