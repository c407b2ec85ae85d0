"""How much of a corpus of device kernels compiles against the emulator's headers, and what stands in the way.

The corpus is the vendor's wheel ``ttnn`` (a ``.whl`` file or the folder it was unpacked into). Every Wormhole and
Blackhole kernel in it is compiled with arguments that are made up: compile-time arguments that all have one value, and
bindings for the names it mentions, as the vendor's build would generate them. So some fail for want of real arguments;
the report keeps those apart. Kernels that need fabric or ethernet, and those for Quasar, are left out.

    python tools/kernel_coverage.py ttnn-0.81.1-….whl --kind dataflow
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from subprocess import run
from threading import get_ident

from tthal import kernel_source
from tthal.device_interface import CircularBufferFormat, ComputeSettings, KernelContent
from tthal.types import DataFormat, MathFidelity
from tthal_emulator.abi import MAX_CIRCULAR_BUFFERS
from tthal_emulator.boards import find_board
from tthal_emulator.compiler import find_toolchain, flags
from tthal_emulator.config_region import Processor
from tthal_emulator.device import INCLUDE_FOLDER
from tthal_emulator.engine import MemoryModel
from tthal_emulator.kernel_text import prepared, template_parameters
from tthal_emulator.machine import Machine
from tthal_emulator.preamble import compute_settings, known_when_compiling, target_of

FILLS = (2, 32, 1, 64, 4, 0)
"""Values tried for all compile-time arguments; 2 and 1 make the words of an interleaved and a sharded accessor."""
NUMBER_OF_ARGUMENTS = 320
COMPUTE = ComputeSettings(MathFidelity.HiFi4, False, False, (), False, False)
DATA_MOVEMENT = ["constexpr uint8_t noc_index = NOC_INDEX;", "constexpr uint8_t noc_mode = NOC_MODE;"]
FORMATS = {index: CircularBufferFormat(index, DataFormat.Float16_b) for index in range(MAX_CIRCULAR_BUFFERS)}
DEVICE_HEADERS = "ttnn/tt_metal"
NOT_OURS = re.compile(r"fabric|ethernet|erisc|\beth_|edm_|quasar", re.IGNORECASE)
TOKEN = re.compile(r"\b(args|dfb|sem|tensor|scratch)::([A-Za-z_]\w*)")
GROUP = re.compile(
    r"(?:std::get<[^;{}]*?>|std::apply|make_\w+|tuple_size\w*<[^;]*?decltype|tuple_size\w*)\s*\(?[^;(){}]*?"
    r"\b(args|dfb|sem|tensor|scratch)::([A-Za-z_]\w*)"
)
OPTIONAL_TOKEN = re.compile(r'\b(dfb|sem|tensor|scratch)::get_token_if_present<\s*"(\w+)"')
NAMED = re.compile(r'get_named_compile_time_arg_val\(\s*"([^"]+)"')
WORD = re.compile(r"\b[A-Za-z_]\w*\b")
ERROR = re.compile(r"^(?P<file>[^\n:]+):(?P<line>\d+):\d+: (?:fatal )?error: (?P<text>.*)$", re.MULTILINE)
QUOTED = re.compile(r"'([^']+)'")
DUMMY = (
    "static assertion", "constant expression", "narrow", "zero-size", "division by zero", "negative", "too large",
    "shift count", "non-type template argument", "array is too", "overflow", "out of bounds", "excess elements",
    "initializer-string", "tthal_host_misuse", "subexpression", "array size", "must be initialized by a constant",
)  # fmt: skip


class Cause(Enum):
    """Why a kernel does not compile, the most telling first."""

    NAME = "missing name"
    BINDING = "missing binding that the vendor's build generates"
    DEFINE = "define or name that the host program injects"
    OTHER = "other (may be our bug)"
    DUMMY = "made-up argument"


@dataclass(slots=True)
class Outcome:
    """What became of one kernel."""

    path: Path
    causes: dict[Cause, list[str]] = field(default_factory=dict)

    @property
    def compiled(self) -> bool:
        """Whether it compiled, with one of the fills."""
        return not self.causes

    @property
    def cause(self) -> Cause:
        """What is in its way most of all."""
        return next(cause for cause in Cause if cause in self.causes)


class Corpus:
    """An unpacked wheel; its device headers are only looked at for the names they know."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self.folder = folder
        # A root with nothing but the operations: the device headers must be ours.
        self.root = scratch / "root"
        self.root.mkdir()
        (self.root / "ttnn").symlink_to(folder / "ttnn" / "ttnn")
        self.include_paths = [self.root, self.root / "ttnn", self.root / "ttnn" / "cpp"]
        self.known_names = self._names()

    def kernels(self, kind: str) -> list[Path]:
        """List the kernels of a kind: ``dataflow`` or ``compute``."""
        found = []
        for path in sorted((self.root / "ttnn" / "cpp" / "ttnn").rglob("*.cpp")):
            relative = path.relative_to(self.root).as_posix()
            if "/kernel" not in relative or NOT_OURS.search(relative):
                continue
            text = path.read_text(encoding="utf-8", errors="replace")
            included = [name for name, _ in kernel_source.included_names(text)]
            is_compute = "compute" in relative.rsplit("/kernel", 1)[1] or any("compute/" in name for name in included)
            is_kernel = "kernel_main" in text or "TT_KERNEL" in text
            if is_kernel and is_compute == (kind == "compute") and not any(map(NOT_OURS.search, included)):
                found.append(path)
        return found

    def _names(self) -> frozenset[str]:
        names: set[str] = set()
        for path in (self.folder / DEVICE_HEADERS).rglob("*"):
            if path.suffix in (".h", ".hpp", ".inl") and path.is_file():
                names.update(WORD.findall(path.read_text(encoding="utf-8", errors="replace")))
        return frozenset(names)


class Checker:
    """Compiles kernels without making code, and sorts what the compiler says."""

    def __init__(self, corpus: Corpus, processor: Processor, scratch: Path) -> None:
        self._corpus = corpus
        self._scratch = scratch
        toolchain = find_toolchain("zig")
        target = target_of(Machine(find_board("n150")), processor)
        model = MemoryModel.best()
        defines = (*flags.address_defines(model, target.slot), *target.defines)
        self._role = [f"-DCOMPILE_FOR_{processor.name}", f"-DPROCESSOR_INDEX={int(processor)}"]
        self._role += ["-DNOC_INDEX=1", "-DNOC_MODE=0"]
        lines = compute_settings(COMPUTE) if processor is Processor.TRISC else DATA_MOVEMENT
        self._settings = "\n".join([*lines, ""])
        common = [*toolchain.clang, *toolchain.target, *flags.LANGUAGE, *flags.CODE, *flags.REPORT, "-O0"]
        self._command = [*common, f"-I{INCLUDE_FOLDER}", *[f"-I{path}" for path in corpus.include_paths], "-w"]
        begin = scratch / "begin.h"
        lines = [f"#define {name} {value}" for name, value in defines]
        begin.write_text("\n".join([*lines, f"#include <{target.prelude}>", ""]), encoding="utf-8")
        self._prelude = scratch / "begin.pch"
        command = [*common, f"-I{INCLUDE_FOLDER}"]
        command[command.index("-x") + 1] = "c++-header"
        made = run([*command, str(begin), "-o", str(self._prelude)], capture_output=True, text=True, check=False)
        if made.returncode:
            raise SystemExit(made.stderr)

    def check(self, path: Path) -> Outcome:
        """Compile one kernel, with one fill after the other until one does."""
        content = kernel_source.from_file(path, self._corpus.include_paths)
        first: Outcome | None = None
        for fill in FILLS:
            outcome = self._attempt(path, content, fill)
            if outcome.compiled:
                return outcome
            if first is None or (len(outcome.causes) == 1 and Cause.DUMMY in outcome.causes):
                first = outcome
        return first if first is not None else Outcome(path)

    def _attempt(self, path: Path, content: KernelContent, fill: int) -> Outcome:
        named = list(_named_arguments(content, fill))
        known = known_when_compiling([fill] * NUMBER_OF_ARGUMENTS, named, FORMATS)
        text = prepared(content, named).source
        settings = self._settings
        unit = self._scratch / f"unit{get_ident()}.cpp"
        unit.write_text("\n".join(known) + f'\n{settings}#line 1 "{path}"\n{text}', encoding="utf-8")
        command = [*self._command, *self._role, f"-iquote{path.parent}", f"-I{path.parent}"]
        made = run(
            [*command, "-include-pch", str(self._prelude), "-fsyntax-only", str(unit)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        outcome = Outcome(path)
        if made.returncode:
            for cause, what in self._causes(made.stderr):
                outcome.causes.setdefault(cause, []).append(what)
        return outcome

    def _causes(self, output: str) -> Iterator[tuple[Cause, str]]:
        errors = list(ERROR.finditer(output))
        for error in errors:
            yield self._cause(error["text"])
        if not errors:
            yield Cause.OTHER, output.strip()[-200:]

    def _cause(self, text: str) -> tuple[Cause, str]:
        names = QUOTED.findall(text)
        name = names[0] if names else ""
        if "file not found" in text:
            return Cause.NAME if not name.startswith("ttnn") else Cause.OTHER, f"header {name}"
        if any(word in text for word in DUMMY):
            return Cause.DUMMY, text
        plain = name.rsplit("::", 1)[-1]
        unknown = "undeclared" in text or text.startswith(("no member named", "no template named", "unknown type name"))
        if unknown or "does not name" in text:
            if any(found in ("args", "dfb", "sem", "tensor", "scratch", "pipe") for found in (name, *names[1:])):
                return Cause.BINDING, text
            if plain in self._corpus.known_names:
                return Cause.NAME, plain
            return Cause.DEFINE, plain
        return Cause.OTHER, text


def _named_arguments(content: KernelContent, fill: int) -> Iterator[tuple[str, int]]:
    """Make up a value for every name that a kernel and its headers ask for."""
    texts = [content.source, *(header.text for header in content.headers)]
    groups = {found for text in texts for found in GROUP.findall(text)}
    plain = {name for text in texts for name in NAMED.findall(text)}
    yield from ((name, fill) for name in sorted(plain))
    tokens = {found for text in texts for found in TOKEN.findall(text)}
    tokens |= {found for text in texts for found in OPTIONAL_TOKEN.findall(text)}
    tokens |= {("args", name) for name in template_parameters(content.source)}
    for space, name in sorted(tokens):
        if name in ("get_token_if_present", "AccessPattern"):
            continue
        members = [f"{name}[{number}]" for number in range(2)] if (space, name) in groups else [name]
        for member in members:
            yield f"{space}::{member}", 0 if space == "tensor" else 1024 if space == "scratch" else fill
            if space in ("tensor", "scratch"):
                yield f"{space}::{member}.address", 0


def report(outcomes: Sequence[Outcome], examples: int) -> None:
    """Print how many compile, and the causes of the others with their frequency."""
    compiled = sum(outcome.compiled for outcome in outcomes)
    print(f"{compiled} of {len(outcomes)} kernels compile as they are ({compiled / max(len(outcomes), 1):.1%})")
    failed = [outcome for outcome in outcomes if not outcome.compiled]
    for cause in Cause:
        mine = [outcome for outcome in failed if outcome.cause is cause]
        if not mine:
            continue
        print(f"\n{len(mine)} kernels: {cause.value}")
        counted = Counter(what for outcome in mine for what in dict.fromkeys(outcome.causes[cause]))
        for what, count in counted.most_common(examples):
            example = next(outcome.path for outcome in mine if what in outcome.causes[cause])
            print(f"  {count:4}  {what[:150]}   ({'/'.join(example.parts[-4:])})")


def main() -> int:
    """Read the arguments, check the corpus, print the report."""
    parser = argparse.ArgumentParser(description="coverage of a corpus of kernels by the emulator's device headers")
    parser.add_argument("corpus", type=Path, help="the wheel ttnn-*.whl, or the folder it was unpacked into")
    parser.add_argument("--kind", choices=("dataflow", "compute"), default="dataflow")
    parser.add_argument("--only", default="", help="only kernels whose path contains this")
    parser.add_argument("--examples", type=int, default=40, help="lines per cause (default 40)")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        folder = arguments.corpus
        if folder.is_file():
            with zipfile.ZipFile(folder) as wheel:
                members = [name for name in wheel.namelist() if name.endswith((".cpp", ".h", ".hpp", ".inl"))]
                wheel.extractall(scratch / "wheel", members)
            folder = scratch / "wheel"
        corpus = Corpus(folder.resolve(), scratch)
        processor = Processor.TRISC if arguments.kind == "compute" else Processor.NCRISC
        checker = Checker(corpus, processor, scratch)
        kernels = [path for path in corpus.kernels(arguments.kind) if arguments.only in path.as_posix()]
        with ThreadPoolExecutor(arguments.jobs) as pool:
            report(list(pool.map(checker.check, kernels)), arguments.examples)
    return 0


if __name__ == "__main__":
    sys.exit(main())
