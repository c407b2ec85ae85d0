"""The options of compiler and linker, and why they are there (engine.md §0, §1, §5)."""

from __future__ import annotations

from tthal_emulator.engine import STACK_POINTER, MemoryModel
from tthal_emulator.engine import memory_map as at

LANGUAGE = (
    "-x",
    "c++",
    "-std=gnu++20",
    "-fno-exceptions",
    "-fno-rtti",
    "-fno-threadsafe-statics",
    # As on the target: RISC-V's char is unsigned, and address 0 is an address.
    "-funsigned-char",
    "-fno-delete-null-pointer-checks",
    # The vendor's GCC takes narrowing of constants in braces as a warning.
    "-Wno-c++11-narrowing",
    # The same float results on every host.
    "-ffp-contract=off",
    "-fno-math-errno",
    # A conversion that does not fit is a function of LLVM, which card_arithmetic.py exchanges; else it is undefined.
    "-fno-strict-float-cast-overflow",
    # Else printf("x") turns into putchar, which the kernel's source does not mention.
    "-fno-builtin-printf",
    "-D_LIBCPP_REMOVE_TRANSITIVE_INCLUDES",
)
CODE = (
    # Exactly the features that the engine allows; notably no bulk memory (see Engine._choose_features).
    "-mcpu=mvp",
    "-mmutable-globals",
    "-msign-ext",
    "-mnontrapping-fptoint",
    "-msimd128",
    # wasm has no volatile; as atomics these accesses survive the translation to native code.
    "-fms-volatile",
    "-matomics",
    "-fvisibility=hidden",
    # Names in line tables and __FILE__ are relative to the working directory: logical names.
    "-gline-tables-only",
    "-ffile-compilation-dir=.",
)
ANNOUNCE_ACCESSES = ("-fsanitize-coverage=bb,trace-loads,trace-stores",)
# Of code whose instructions are counted: those of a processor without vectors.
SCALAR = ("-fno-vectorize", "-fno-slp-vectorize")
UNOPTIMISED = ("-Xclang", "-disable-llvm-passes", "-emit-llvm", "-S")
# An object, and the LLVM IR that the first pass of the optimiser is given, as a file in the folder that follows.
WITH_UNOPTIMISED = (
    "-c", "-mllvm", "-print-module-scope", "-mllvm", "-print-before-pass-number=1", "-mllvm", "-ir-dump-directory",
    "-mllvm",
)  # fmt: skip
REPORT = (
    "-fno-color-diagnostics",
    "-fmessage-length=0",
    "-ferror-limit=20",
    "-ftemplate-backtrace-limit=12",
    "-fno-crash-diagnostics",
)

OPT_LEVELS = {"O0": "-O0", "O1": "-O1", "O2": "-O2", "O3": "-O3", "Os": "-Os", "Oz": "-Oz", "Ofast": "-O3", "Og": "-O1"}
"""The vendor's levels; Ofast gives up IEEE arithmetic, which would give up reproducibility."""

ENTRIES = ("kernel_main", "__tt_compute_main")
"""What a kernel may define: ``void kernel_main()``, or ``MAIN`` in ``namespace NAMESPACE`` (becomes the second)."""


def address_defines(model: MemoryModel, slot: int) -> tuple[tuple[str, str], ...]:
    """The memory map, for the device headers."""
    return (
        ("TTHAL_REGISTERS_BASE", f"0x{at.REGISTERS_BASE:x}u"),
        ("TTHAL_REGISTERS_SIZE", f"0x{at.REGISTERS_SIZE:x}u"),
        ("TTHAL_BLOCK_BASE", f"0x{model.private_layout(slot).block:x}u"),
        ("TTHAL_BLOCK_SIZE", f"0x{at.BLOCK_SIZE:x}u"),
        ("TTHAL_MONITOR_SIZE", f"0x{at.MONITOR_SIZE:x}u"),
    )


def of_language(language: str) -> tuple[str, ...]:
    """What the compiler needs for code in another form of ours: LLVM's."""
    return ("-x", language, *(flag for flag in CODE if not flag.startswith("-ffile")))


def frame_flags(local_memory: int | None) -> list[str]:
    """Refuse a function whose variables alone do not fit the stack."""
    return [f"-Wframe-larger-than={local_memory or at.STACK_SIZE}", "-Werror=frame-larger-than"]


def link_flags(model: MemoryModel, slot: int, stack: int | None = None) -> list[str]:
    """Place stack and static data as the memory map says; no entry, no growth, no undefined names.

    Args:
        stack: bytes of stack, at its low end, below which nothing is; by default all that the memory map has.
    """
    layout = model.private_layout(slot)
    memory = ["--import-memory"] if model is MemoryModel.SHARED else []
    return [
        "--no-entry",
        "--fatal-warnings",
        "--error-limit=0",
        *(f"--export-if-defined={entry}" for entry in ENTRIES),
        # For the engine, which puts it back before it runs an instance again.
        f"--export={STACK_POINTER}",
        "--stack-first",
        "-z",
        f"stack-size={layout.block if stack is None else layout.stack_low + stack}",
        f"--global-base={layout.data}",
        f"--max-memory={layout.end if not memory else model.memory_end}",
        *memory,
    ]
