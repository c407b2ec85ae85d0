"""Runs the processors of a device in turn, in an order that depends on nothing but the program and the seed.

A processor runs until it blocks, spends its fuel or ends. With seed 0 the order is first come, first served, and
transfers arrive when a barrier asks for them or when nobody can run; other seeds pick at random, which explores other
orders that the hardware allows.
"""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from tthal.errors import LaunchError

from .diagnostics.faults import deadlock, kernel_error, never_ends
from .abi import Wait
from .engine import Trap
from .noc import Noc
from .running import RunningKernel

ARRIVAL_CHANCE = 0.1
"""With a seed: how often, per turn, some transfers of the processor arrive before anybody asks for them."""


@dataclass(frozen=True, slots=True)
class Watchdog:
    """When a launch is given up.

    Attributes:
        fuel: instructions, about, that a processor may spend while nothing else in the device moves.
        rounds: how often it may poll in vain.
        seconds: how long a launch may take; 0 = for ever.
    """

    fuel: int = 4_000_000_000
    rounds: int = 2_000_000
    seconds: float = 600.0


class Scheduler:
    """Runs one launch after the other.

    Args:
        noc: the networks, which call :meth:`touch` when they change a core's L1.
    """

    def __init__(self, seed: int, watchdog: Watchdog) -> None:
        self._seed = seed
        self._watchdog = watchdog
        self._touched: set[int] = set()

    def touch(self, core: int) -> None:
        """Note that a core's L1 changed, so that those who wait there are looked at again."""
        self._touched.add(core)

    def run(self, kernels: Sequence[RunningKernel], noc: Noc) -> None:
        """Run kernels to their end.

        Raises:
            KernelError: one of them did something illegal or never ends.
            DeadlockError: none of them can go on.
        """
        _Launch(kernels, noc, self._touched, self._seed, self._watchdog).run()


class _Launch:
    def __init__(
        self, kernels: Sequence[RunningKernel], noc: Noc, touched: set[int], seed: int, watchdog: Watchdog
    ) -> None:
        self._kernels = kernels
        self._noc = noc
        self._touched = touched
        self._watchdog = watchdog
        self._chance = random.Random(seed) if seed else None
        self._ready = deque(kernels)
        self._polling: list[RunningKernel] = []
        self._waiting: dict[int, list[RunningKernel]] = {}
        self._live = len(kernels)
        self._deadline = time.monotonic() + watchdog.seconds if watchdog.seconds else None

    def run(self) -> None:
        turns = 0
        while self._live:
            while self._ready:
                self._turn(self._next())
                turns += 1
                if not turns & 0xFFF:
                    self._check_time()
            if self._live and not self._nothing_moves():
                continue

    def _next(self) -> RunningKernel:
        if self._chance is not None:
            self._ready.rotate(-self._chance.randrange(len(self._ready)))
        return self._ready.popleft()

    def _turn(self, kernel: RunningKernel) -> None:
        processor = kernel.processor
        kernel.waiting = None
        processor.parked = False
        try:
            ended = processor.poll()
        except Trap as trap:
            raise kernel_error(kernel, trap) from trap.__cause__
        if ended:
            self._noc.deliver(kernel.port)
            self._live -= 1
        elif processor.parked and kernel.waiting is not None and not _yields(kernel):
            self._waiting.setdefault(kernel.core, []).append(kernel)
        elif processor.called and not _yields(kernel):
            self._ready.append(kernel)
        else:
            self._polling.append(kernel)
        if self._chance is not None and self._chance.random() < ARRIVAL_CHANCE:
            self._noc.deliver_some(kernel.port, self._chance)
        self._wake(kernel.core)
        while self._touched:
            self._wake(self._touched.pop())

    def _wake(self, core: int) -> None:
        waiting = self._waiting.get(core)
        if waiting:
            still = []
            for kernel in waiting:
                (self._ready if kernel.may_go_on() else still).append(kernel)
            self._waiting[core] = still

    def _nothing_moves(self) -> bool:
        """Nobody is ready: let transfers arrive, then those who poll look again, else it is a deadlock."""
        arrived = [self._noc.deliver(kernel.port) for kernel in self._kernels if not kernel.processor.finished]
        while self._touched:
            self._wake(self._touched.pop())
        if any(arrived):
            for kernel in self._polling:
                kernel.idle_fuel = kernel.idle_rounds = 0
        elif not self._polling and not self._ready:
            raise deadlock([k for k in self._kernels if not k.processor.finished])
        else:
            for kernel in self._polling:
                self._watch(kernel)
        self._ready.extend(self._polling)
        self._polling.clear()
        return True

    def _watch(self, kernel: RunningKernel) -> None:
        """Give a polling processor longer turns while it is alone, and give up when it polls for too long."""
        kernel.idle_rounds += 1
        alone = len(self._polling) == 1 and not _yields(kernel)
        turn = min(kernel.processor.engine.options.spin_interval << min(kernel.idle_rounds, 10), 10_000_000) if alone else 0
        if turn:
            kernel.processor.set_yield_interval(turn)
        kernel.idle_fuel += turn or kernel.processor.engine.options.spin_interval
        if kernel.idle_fuel > self._watchdog.fuel or kernel.idle_rounds > self._watchdog.rounds:
            raise never_ends(kernel, [k for k in self._kernels if not k.processor.finished])
        if not kernel.idle_rounds & 0xFF:
            self._check_time()

    def _check_time(self) -> None:
        if self._deadline is not None and time.monotonic() > self._deadline:
            unfinished = [k for k in self._kernels if not k.processor.finished]
            raise LaunchError(
                f"the launch did not end within {self._watchdog.seconds:g} s ({len(unfinished)} processors are "
                f"unfinished, the first: {unfinished[0].where()}, {unfinished[0].describe()}); if it is not stuck, "
                "allow more time with emulator?timeout=SECONDS (0 = no limit)"
            )


def _yields(kernel: RunningKernel) -> bool:
    return kernel.waiting is not None and kernel.waiting[0] == Wait.YIELD
