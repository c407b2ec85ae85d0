"""The emulator's options: the keys of its selection string, what they take, and what they mean when they are absent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tthal.kit.options import DeviceOptions, Kind, choice, integer, number, one_of, option, path, switch
from tthal.types import DispatchMode

from .abi import Strategy
from .compiler.limits import Limits
from .engine import MemoryModel
from .execution.compiled.order import WORDS, Order
from .execution.spin_detection import Watchdog
from .tensix.operations import Follow, Grade

MOST_WORKERS = 31
"""The thread of the kernels does not make products faster than so many do them."""


class Fill(Enum):
    """What memory holds before anybody writes to it."""

    ZERO = "zero"
    POISON = "poison"
    RANDOM = "random"


class SwitchAt(Enum):
    """Where other orders of events may let another processor run."""

    CALLS = "calls"
    LOADS = "loads"


class LocalMemory(Enum):
    """How much local memory processors have for stack and static data."""

    BOARD = "board"
    UNLIMITED = "unlimited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(DeviceOptions):
    """How a device was opened."""

    dispatch: DispatchMode = option(
        choice(DispatchMode),
        DispatchMode.FAST,
        "whether a row or column of cores is set apart for dispatch, as on the card",
    )
    seed: int = option(integer(), 0, "0 runs in a fixed order, others explore other orders that the hardware allows")
    order: Order = option(
        Kind(WORDS, Order.read),
        Order(Strategy.RANDOM),
        "how a seed other than 0 chooses, or the decisions that repeat an order, as `tthal explore` prints them",
        unset="random",
    )
    switch_at: SwitchAt = option(
        choice(SwitchAt),
        SwitchAt.CALLS,
        "where other orders let another processor run: at calls that others can see, or at loads and stores of L1 too",
    )
    late_reads: bool = option(
        switch("on", "off"),
        False,
        "on lets other orders read a write's source after its flush, as Wormhole may; `tthal explore --races` sets it",
    )
    order_log: Path | None = option(
        path(), None, "a file that keeps, when the device closes, which order its launches had", unset="none"
    )
    numerics: Grade = option(
        choice(Grade),
        Grade.EXACT,
        "exact gives the hardware's bits in matrix and vector unit; fast multiplies large matrices faster, in float32",
    )
    follow: Follow = option(
        choice(Follow), Follow.SILICON, "whose bits numerics=exact gives where chips and bit-exact simulators differ"
    )
    fast: bool = option(
        switch("on", "off"),
        True,
        "off lets the Python definitions do what compiled code does, in one thread; the results are the same",
        former={"math": {"simd": "on", "numpy": "off"}},
    )
    memory: MemoryModel | None = option(
        choice(MemoryModel), None, "how the processors of a core share memory", unset="the most protective one"
    )
    fill: Fill = option(
        choice(Fill),
        Fill.ZERO,
        "what L1 and buffers hold before anybody writes to them: zeros, NaN of every float format, or random bytes",
    )
    local_memory: LocalMemory = option(
        choice(LocalMemory),
        LocalMemory.BOARD,
        "how much stack and static data a kernel may have: what the board's processors have, or as much as fits here",
    )
    toolchain: str = option(
        one_of("zig", "system"), "zig", "which clang compiles kernels: the ziglang package's, or yours"
    )
    jobs: int | None = option(
        integer(1),
        None,
        "how many CPUs to use: for compiling, and for matrix products beside the kernels",
        unset="all",
    )
    timeout: float = option(
        number(0), Watchdog().seconds, "seconds that a launch, or compiling one of its kernels, may take; 0 is no limit"
    )
    compile_seconds: float = option(
        number(0), Limits().seconds, "seconds of processor time that compiling a kernel may take; 0 is no limit"
    )
    compile_memory: int = option(
        integer(0), Limits().memory >> 20, "MB of memory that compiling a kernel may take; 0 is no limit"
    )
    watchdog: int = option(
        integer(1), Watchdog().fuel, "instructions that a processor may spend while nothing else moves"
    )
    dprint: Path | None = option(path(), None, "a file for what kernels print, besides the log", unset="none")

    @property
    def compile_limits(self) -> Limits:
        """What compiling one kernel may use."""
        return Limits(self.compile_seconds, self.compile_memory << 20).within(self.timeout)

    def workers(self, cpus: int) -> int:
        """Return how many threads beside that of the kernels do matrix products on a machine with so many CPUs."""
        return min((self.jobs or cpus) - 1, MOST_WORKERS) if self.fast else 0
