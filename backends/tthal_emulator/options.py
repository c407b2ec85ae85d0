"""The emulator's options: the keys of its selection string, their defaults, and how they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from tthal.errors import SelectionError
from tthal.types import DispatchMode

from .engine import MemoryModel
from .execution.spin_detection import Watchdog
from .tensix.operations import Grade

OPTION_HELP: Mapping[str, str] = {
    "dispatch": "fast (default) or slow: whether a row or column of cores is set apart for dispatch, as on the card",
    "seed": "an integer; 0 (default) runs in a fixed order, others explore other orders the hardware allows",
    "numerics": "fast (default) or exact: whether tile math equals the hardware's bit for bit",
    "math": "simd (default) or numpy: who computes what both can; the results are the same",
    "memory": "mapped or shared: how the processors of a core share memory; default: the most protective one",
    "toolchain": "zig (default: the ziglang package) or system: which clang compiles kernels",
    "jobs": "how many CPUs to use: for compiling, and (unless 1) for matrix products beside the kernels; default: all",
    "timeout": "seconds that a launch may take (default 600; 0: no limit)",
    "dprint": "a file for what kernels print, besides the log; default: none",
    "watchdog": "instructions a processor may spend while nothing else moves (default 4000000000)",
}


def _integer(text: str) -> int:
    return int(text, 0)


def _positive(text: str) -> int:
    value = int(text, 0)
    if value <= 0:
        raise ValueError("must be positive")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise ValueError("must be 0 or more")
    return value


def _toolchain(text: str) -> str:
    if text not in ("zig", "system"):
        raise ValueError("one of zig, system")
    return text


def _math(text: str) -> bool:
    if text not in ("simd", "numpy"):
        raise ValueError("one of simd, numpy")
    return text == "numpy"


@dataclass(frozen=True, slots=True)
class Options:
    """How a device was opened; see ``OPTION_HELP``."""

    dispatch: DispatchMode = DispatchMode.FAST
    seed: int = 0
    numerics: Grade = Grade.FAST
    math_on_host: bool = False
    memory: MemoryModel | None = None
    toolchain: str = "zig"
    jobs: int | None = None
    timeout: float = Watchdog().seconds
    watchdog: int = Watchdog().fuel
    print_file: Path | None = None
    num_command_queues: int = 1
    l1_small_size: int = 0
    trace_region_size: int = 0
    worker_l1_size: int = 0

    @classmethod
    def read(cls, texts: Mapping[str, str]) -> Options:
        """Read the options' texts.

        Raises:
            SelectionError: an option's value is not understood.
        """
        values: dict[str, Any] = {}
        for key, text in texts.items():
            field, convert = _READERS[key]
            try:
                values[field] = convert(text)
            except ValueError as error:
                raise SelectionError(f"emulator option {key}={text!r}: {error}; {_help(key)}") from None
        return cls(**values)


_READERS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "dispatch": ("dispatch", DispatchMode),
    "seed": ("seed", _integer),
    "numerics": ("numerics", Grade),
    "math": ("math_on_host", _math),
    "memory": ("memory", MemoryModel),
    "toolchain": ("toolchain", _toolchain),
    "jobs": ("jobs", _positive),
    "timeout": ("timeout", _seconds),
    "watchdog": ("watchdog", _positive),
    "dprint": ("print_file", Path),
    **{
        field.name: (field.name, _integer)
        for field in fields(Options)
        if field.name in ("num_command_queues", "l1_small_size", "trace_region_size", "worker_l1_size")
    },
}


def _help(key: str) -> str:
    return f"it is {OPTION_HELP[key]}" if key in OPTION_HELP else "it is a number of bytes, or of queues"
