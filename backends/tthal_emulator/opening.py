"""What a board is opened with: its machine, the first content of its memory and how launches run, by its options."""

from __future__ import annotations

from .board.boards import find_board
from .board.first_content import Content, poison, random_bytes
from .board.machine import Machine
from .compiler.tools import usable_cpus
from .engine import MemoryModel
from .execution.launches import LaunchOptions
from .execution.spin_detection import Watchdog
from .options import Fill, LocalMemory, Options, SwitchAt


def machine_of(board: str, options: Options) -> Machine:
    """Return the board as its options divide it."""
    return Machine(
        find_board(board),
        options.dispatch,
        options.l1_small_size,
        options.trace_region_size,
        options.worker_l1_size,
        options.local_memory is LocalMemory.BOARD,
    )


def first_content(options: Options) -> Content | None:
    """Return what memory holds at first; None: it is zero anyway."""
    if options.fill is Fill.ZERO:
        return None
    return poison if options.fill is Fill.POISON else random_bytes(options.seed)


def launch_options(options: Options) -> LaunchOptions:
    """Return how launches run."""
    return LaunchOptions(
        options.memory or MemoryModel.best(),
        options.order.by_seed(options.seed),
        options.late_reads,
        options.switch_at is SwitchAt.LOADS,
        Watchdog(fuel=options.watchdog, seconds=options.timeout),
        workers=options.workers(usable_cpus()),
        fast=options.fast,
    )
