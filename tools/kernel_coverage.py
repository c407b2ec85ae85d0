"""How much of a corpus of device kernels compiles against the emulator's headers, and what stands in the way.

The corpus is the vendor's wheel ``ttnn`` (a ``.whl`` file or the folder it was unpacked into), or a checkout of
tenstorrent/tt-metal, whose tests and programming examples are counted: the operations are in the wheel. Every
Wormhole and Blackhole kernel in it is compiled with arguments that are made up (``made_up_arguments.py``): compile-time
arguments, bindings for the names it mentions, and, when it asks for them, the macros that a host program would define.
Some fail for want of the real ones; the report keeps those apart. Kernels for Quasar and those that include fabric or
ethernet headers are left out. Only the compiler's front end runs. ``--results FILE`` keeps what came of each kernel, so
that a later run takes from it what has not changed since: kernel, headers and this tool.

    python tools/kernel_coverage.py ttnn-0.81.1-….whl --kind dataflow
    python tools/kernel_coverage.py tt-metal --kind compute --results compute.jsonl
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from re import compile as pattern
from subprocess import run
from threading import get_ident
from time import monotonic

from coverage_causes import NOT_COUNTED, Cause, causes
from coverage_results import Outcome, Results, digest
from made_up_arguments import CHOICES, Choice, macros_for, named_arguments, positional_arguments
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tthal import kernel_source
from tthal.device_interface import CircularBufferFormat, ComputeSettings, KernelContent
from tthal.types import DataFormat, MathFidelity
from tthal_emulator.abi import MAX_CIRCULAR_BUFFERS
from tthal_emulator.board.boards import find_board
from tthal_emulator.board.machine import Machine
from tthal_emulator.compiler import Cache, DeviceHeaders, find_toolchain, flags
from tthal_emulator.device import INCLUDE_FOLDER
from tthal_emulator.engine import MemoryModel
from tthal_emulator.program.config_region import RiscType
from tthal_emulator.program.preamble import (
    DATA_MOVEMENT_SETTINGS,
    compute_settings,
    known_when_compiling,
    processor_defines,
    target_of,
    vector_settings,
)
from tthal_emulator.program.source.kernel_text import prepared
from tthal_emulator.tensix.register_formats import RegisterFormats

STANDARD = ("tthal/language/fixed_width.h", "tthal/language/standard_library.h")
COMPUTE = ComputeSettings(MathFidelity.HiFi4, False, False, (), False, False)
FORMATS = {index: CircularBufferFormat(index, DataFormat.Float16_b) for index in range(MAX_CIRCULAR_BUFFERS)}
REGISTERS = dict.fromkeys(FORMATS, RegisterFormats(DataFormat.Float16_b, DataFormat.Float16_b))
WHEEL = {"ttnn": "ttnn/ttnn"}
CHECKOUT = {
    "ttnn": "ttnn", "tests": "tests", "models": "models",
    "tt_metal/kernels": "tt_metal/kernels", "tt_metal/programming_examples": "tt_metal/programming_examples",
}  # fmt: skip
"""What a kernel can include from, and where a corpus keeps it: never the device headers, which must be ours."""
WORD = pattern(r"\b[A-Za-z_]\w*\b")
COMPUTE_HEADER = pattern(r"api/compute/|compute_kernel_api|kernel_lib/eltwise/")
ROUNDS = 6
"""Times that a kernel may ask for one more macro."""


class Corpus:
    """An unpacked wheel or a checkout; its device headers are only looked at for the names they know."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        is_checkout = (folder / "tt_metal").is_dir()
        self._device_headers = folder / ("tt_metal" if is_checkout else "ttnn/tt_metal")
        self.root = scratch / "root"
        for name, place in (CHECKOUT if is_checkout else WHEEL).items():
            if (folder / place).is_dir():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                (self.root / name).symlink_to(folder / place)
        self._kernels = ("tests", "tt_metal/programming_examples") if is_checkout else ("ttnn/cpp/ttnn",)
        self.include_paths = [self.root, self.root / "ttnn", self.root / "ttnn" / "cpp"]
        self.known_names = self._names()

    def kernels(self, kind: str) -> list[Path]:
        """List the kernels of a kind: ``dataflow`` or ``compute``."""
        found = []
        for path in sorted(path for place in self._kernels for path in (self.root / place).rglob("*.cpp")):
            relative = path.relative_to(self.root).as_posix()
            if "kernel" not in relative or NOT_COUNTED.search(relative):
                continue
            text = path.read_text(encoding="utf-8", errors="replace")
            included = [name for name, _ in kernel_source.included_names(text)]
            is_kernel = any(word in text for word in ("kernel_main", "TT_KERNEL", "MAIN"))
            is_compute = _is_compute(relative.rsplit("kernel", 1)[1], included)
            if is_kernel and is_compute == (kind == "compute") and not any(map(NOT_COUNTED.search, included)):
                found.append(path)
        return found

    def _names(self) -> frozenset[str]:
        names: set[str] = set()
        for path in self._device_headers.rglob("*"):
            if path.suffix in (".h", ".hpp", ".inl") and path.is_file():
                names.update(WORD.findall(path.read_text(encoding="utf-8", errors="replace")))
                names.add(path.name)
        return frozenset(names)


def _is_compute(place: str, included: Sequence[str]) -> bool:
    if "/dataflow/" in place or any("dataflow_api" in name for name in included):
        return False
    return "compute" in place or any(map(COMPUTE_HEADER.search, included)) or any("compute/" in n for n in included)


class Checker:
    """Compiles kernels without making code, and sorts what the compiler says."""

    def __init__(self, corpus: Corpus, risc: RiscType, scratch: Path) -> None:
        self._corpus = corpus
        self._scratch = scratch
        toolchain = find_toolchain("zig")
        target = target_of(Machine(find_board("n150")), risc)
        model = MemoryModel.best()
        defines = (*flags.address_defines(model, target.slot), *target.defines)
        processor = () if risc is RiscType.TRISC else processor_defines(risc)
        self._role = ["-DNOC_INDEX=1", "-DNOC_MODE=0", *(f"-D{name}={value}" for name, value in processor)]
        lines = (
            [*vector_settings(COMPUTE), *compute_settings(COMPUTE)]
            if risc is RiscType.TRISC
            else DATA_MOVEMENT_SETTINGS
        )
        self._settings = "\n".join([*lines, ""])
        common = [*toolchain.clang, *toolchain.target, *flags.LANGUAGE, *flags.CODE, *flags.REPORT, "-O0"]
        headers = DeviceHeaders([INCLUDE_FOLDER])
        common += [*headers.search_options(), *headers.name_options(Cache(scratch / "cache"))]
        self._command = [*common, *[f"-I{path}" for path in corpus.include_paths], "-w"]
        self._surroundings = digest(*flags.LANGUAGE, *flags.CODE, *headers_and_tool(), risc.name)
        begin = scratch / "begin.h"
        lines = [f"#define {name} {value}" for name, value in defines]
        lines += [f"#include <{header}>" for header in (*STANDARD, target.prelude)]
        begin.write_text("\n".join([*lines, ""]), encoding="utf-8")
        self._prelude = scratch / "begin.pch"
        command = [*common]
        command[command.index("-x") + 1] = "c++-header"
        made = run([*command, str(begin), "-o", str(self._prelude)], capture_output=True, text=True, check=False)
        if made.returncode:
            raise SystemExit(made.stderr)

    def content(self, path: Path) -> KernelContent:
        """Return a kernel and the headers of the corpus that it includes."""
        return kernel_source.from_file(path, self._corpus.include_paths)

    def key(self, path: Path) -> str:
        """Return what the outcome depends on: the kernel, its headers, ours, this tool."""
        content = self.content(path)
        texts = [text for header in content.headers for text in (header.name, header.text)]
        return digest(self._surroundings, content.source, *texts)

    def check(self, path: Path) -> Outcome:
        """Compile one kernel, with one choice after the other until one does."""
        content = self.content(path)
        first: Outcome | None = None
        macros: dict[str, str] = {}
        for choice in CHOICES:
            outcome = self._attempt(path, content, choice, macros)
            for _ in range(ROUNDS):
                wanted = macros_for([what for found in outcome.causes.values() for what in found], content.source)
                if wanted.keys() <= macros.keys():
                    break
                macros |= wanted
                outcome = self._attempt(path, content, choice, macros)
            if outcome.compiled or outcome.whatever_the_arguments:
                return outcome
            if first is None or set(outcome.causes) == {Cause.ARGUMENT}:
                first = outcome
        return first if first is not None else Outcome(path)

    def _header_changes(self, path: Path, content: KernelContent, changed: KernelContent) -> list[str]:
        """Write the headers that are not compiled as they stand; return the options that put them in their place."""
        options: list[str] = []
        folders = (path.parent, *self._corpus.include_paths)
        for before, after in zip(content.headers, changed.headers, strict=True):
            if before.text == after.text:
                continue
            place = next((folder / before.name for folder in folders if (folder / before.name).exists()), None)
            if place is not None:
                copy = self._scratch / f"header{get_ident()}-{len(options)}"
                copy.write_text(after.text, encoding="utf-8")
                options += ["-Xclang", "-remap-file", "-Xclang", f"{place};{copy}"]
        return options

    def _attempt(self, path: Path, content: KernelContent, choice: Choice, macros: Mapping[str, str]) -> Outcome:
        named = list(named_arguments(content, choice))
        known = known_when_compiling(positional_arguments(content, choice), named, FORMATS, REGISTERS)
        changed = prepared(content, named)
        defined = [f"#define {name} {value}" for name, value in macros.items()]
        unit = self._scratch / f"unit{get_ident()}.cpp"
        lines = [*known, *defined, f'{self._settings}#line 1 "{path}"', changed.source]
        unit.write_text("\n".join(lines), encoding="utf-8")
        command = [*self._command, *self._role, f"-iquote{path.parent}", f"-I{path.parent}"]
        command += self._header_changes(path, content, changed)
        made = run(
            [*command, "-include-pch", str(self._prelude), "-fsyntax-only", str(unit)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        outcome = Outcome(path, macros=dict(macros))
        if made.returncode:
            for cause, what in causes(made.stderr, self._corpus.known_names):
                outcome.causes.setdefault(cause, []).append(what)
        return outcome


def headers_and_tool() -> list[str]:
    """Return the texts of the emulator's device headers and of what makes up arguments and sorts messages."""
    here = Path(__file__).resolve().parent
    tool = [here / name for name in ("kernel_coverage.py", "made_up_arguments.py", "coverage_causes.py")]
    headers = sorted(path for path in INCLUDE_FOLDER.rglob("*") if path.is_file())
    return [path.read_text(encoding="utf-8", errors="replace") for path in (*headers, *tool)]


def check_all(checker: Checker, kernels: Sequence[Path], results: Results, jobs: int) -> list[Outcome]:
    """Compile the kernels whose outcome is not known yet; show how many a second."""
    known = {path: found for path in kernels if (found := results.known(checker.key(path), path)) is not None}
    begun, columns = monotonic(), (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with (
        ThreadPoolExecutor(jobs) as pool,
        Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as shown,
    ):
        task = shown.add_task("compiling", total=len(kernels), completed=len(known))
        waiting = {pool.submit(checker.check, path): path for path in kernels if path not in known}
        for number, done in enumerate(as_completed(waiting), 1):
            path = waiting[done]
            known[path] = done.result()
            results.keep(checker.key(path), known[path])
            rate = number / (monotonic() - begun)
            shown.update(task, advance=1, description=f"{rate:.2f} kernels a second")
    return [known[path] for path in kernels]


def report(outcomes: Sequence[Outcome], examples: int) -> None:
    """Print how many compile, and the causes of the others with their frequency."""
    failed = [outcome for outcome in outcomes if not outcome.compiled]
    apart = sum(outcome.cause is Cause.SCOPE for outcome in failed)
    compiled, counted = len(outcomes) - len(failed), len(outcomes) - apart
    helped = sum(outcome.compiled and bool(outcome.macros) for outcome in outcomes)
    print(f"{len(outcomes)} kernels, {apart} of them out of scope by what their headers include")
    print(f"{compiled} of the other {counted} compile as they are ({compiled / max(counted, 1):.1%});")
    print(f"{helped} of these with made-up macros in place of those that a host program injects")
    for cause in Cause:
        mine = [outcome for outcome in failed if outcome.cause is cause]
        if not mine:
            continue
        print(f"\n{len(mine)} kernels: {cause.value}")
        frequency = Counter(what for outcome in mine for what in dict.fromkeys(outcome.causes[cause]))
        for what, count in frequency.most_common(examples):
            example = next(outcome.path for outcome in mine if what in outcome.causes[cause])
            print(f"  {count:4}  {what[:150]}   ({'/'.join(example.parts[-4:])})")


def main() -> int:
    """Read the arguments, check the corpus, print the report."""
    parser = argparse.ArgumentParser(description="coverage of a corpus of kernels by the emulator's device headers")
    parser.add_argument("corpus", type=Path, help="ttnn-*.whl, the folder it was unpacked into, or a checkout")
    parser.add_argument("--kind", choices=("dataflow", "compute"), default="dataflow")
    parser.add_argument("--only", default="", help="only kernels whose path contains this")
    parser.add_argument("--examples", type=int, default=40, help="lines per cause (default 40)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="compilers at once (default: CPUs)")
    parser.add_argument("--results", type=Path, help="keep outcomes in this file, and go on from what is there")
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
        risc = RiscType.TRISC if arguments.kind == "compute" else RiscType.NCRISC
        checker = Checker(corpus, risc, scratch)
        kernels = [path for path in corpus.kernels(arguments.kind) if arguments.only in path.as_posix()]
        results = Results(arguments.results)
        report(check_all(checker, kernels, results, arguments.jobs), arguments.examples)
    return 0


if __name__ == "__main__":
    sys.exit(main())
