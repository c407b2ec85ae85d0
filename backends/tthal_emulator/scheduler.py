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

from .abi import Wait
from .diagnostics.faults import deadlock, kernel_error, never_ends, transfer_error
from .engine import Trap
from .noc import Noc, NocError
from .running import RunningKernel

TURN = 1_000_000
"""Fuel that a processor may spend at once, about one per instruction."""
SHORT_TURN = 10_000
"""The same for one that seems to poll memory."""
LONGEST_TURN = 10_000_000
"""The same for one that polls alone."""
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

    The networks call :meth:`touch` when they change a core's L1.
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
        self._sending: dict[int, RunningKernel] = {}
        self._moves = 0
        self._live = len(kernels)
        self._deadline = time.monotonic() + watchdog.seconds if watchdog.seconds else None

    def run(self) -> None:
        turns = 0
        while self._live:
            while self._ready:
                self._turn(self._next())
                turns += 1
                if not turns & 0xFF:
                    self._check_time()
            if self._live:
                self._nothing_moves()

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
            self._sending.pop(id(kernel), None)
            self._deliver(kernel)
            self._live -= 1
            self._moves += 1
        else:
            self._put_aside(kernel)
        self._wake(kernel.core)
        while self._touched:
            self._wake(self._touched.pop())

    def _put_aside(self, kernel: RunningKernel) -> None:
        """Note why an unfinished processor stopped running."""
        if kernel.port.unsettled():
            self._sending[id(kernel)] = kernel
            if self._chance is not None and self._chance.random() < ARRIVAL_CHANCE:
                self._deliver(kernel, self._chance)
        if kernel.waiting is None:
            computes = kernel.seems_to_compute()
            kernel.processor.set_yield_interval(TURN if computes else SHORT_TURN)
            (self._ready if computes else self._polling).append(kernel)
            self._moves += computes
            self._check_time()
        elif kernel.waiting[0] == Wait.YIELD:
            self._polling.append(kernel)
        else:
            self._waiting.setdefault(kernel.core, []).append(kernel)
            self._moves += 1

    def _deliver(self, kernel: RunningKernel, chance: random.Random | None = None) -> bool:
        try:
            if chance is not None:
                self._noc.deliver_some(kernel.port, chance)
                return True
            return self._noc.deliver(kernel.port)
        except NocError as error:
            raise transfer_error(kernel, error) from None

    def _wake(self, core: int) -> None:
        waiting = self._waiting.get(core)
        if waiting:
            still: list[RunningKernel] = []
            for kernel in waiting:
                (self._ready if kernel.may_go_on() else still).append(kernel)
            self._waiting[core] = still

    def _nothing_moves(self) -> None:
        """Nobody is ready: let transfers arrive, then those who poll look again, else it is a deadlock."""
        sending, self._sending = self._sending, {}
        arrived = [self._deliver(kernel) for kernel in sending.values()]
        while self._touched:
            self._wake(self._touched.pop())
        if any(arrived):
            self._moves += 1
        elif not self._polling and not self._ready:
            raise deadlock(self._unfinished())
        for kernel in self._polling:
            self._watch(kernel)
        self._ready.extend(self._polling)
        self._polling.clear()

    def _watch(self, kernel: RunningKernel) -> None:
        """Give a polling processor longer turns while it is alone, and give up when it polls for too long."""
        if kernel.seen_moves != self._moves:
            kernel.seen_moves, kernel.idle_fuel, kernel.idle_rounds = self._moves, 0, 0
        kernel.idle_rounds += 1
        alone = len(self._polling) == 1 and kernel.waiting is None
        turn = SHORT_TURN
        if alone:
            turn = min(turn << min(kernel.idle_rounds, 10), LONGEST_TURN)
            kernel.processor.set_yield_interval(turn)
        kernel.idle_fuel += turn
        if kernel.idle_fuel > self._watchdog.fuel or kernel.idle_rounds > self._watchdog.rounds:
            raise never_ends(kernel, self._unfinished())
        if alone or not kernel.idle_rounds & 0xFF:
            self._check_time()

    def _unfinished(self) -> list[RunningKernel]:
        return [kernel for kernel in self._kernels if not kernel.processor.finished]

    def _check_time(self) -> None:
        if self._deadline is not None and time.monotonic() > self._deadline:
            unfinished = self._unfinished()
            raise LaunchError(
                f"the launch did not end within {self._watchdog.seconds:g} s ({len(unfinished)} processors are "
                f"unfinished, the first: {unfinished[0].where()}, {unfinished[0].describe()}); if it is not stuck, "
                "allow more time with emulator?timeout=SECONDS (0 = no limit)"
            )
