"""Runs the processors of a device in turn, in an order that depends on nothing but the program and the seed.

A processor runs until it blocks, spends its fuel or ends. With seed 0 all have a first turn, then a core's processors
go on while they wake each other, and transfers arrive when a barrier asks for them or when nobody can run. Other seeds
pick at random, which explores other orders that the hardware allows: with them, now and then, some transfers arrive
before anybody asks for them.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from tthal.errors import LaunchError
from tthal_emulator.diagnostics.faults import deadlock, kernel_error, never_ends, transfer_error
from tthal_emulator.engine import Processor, Trap
from tthal_emulator.noc.transfers import Noc, NocError

from .compiled import CompiledLaunch, Event
from .running import RunningKernel

TURN = 1_000_000
"""Fuel that a processor may spend at once, about one per instruction."""
SHORT_TURN = 10_000
"""The same for one that seems to poll memory."""
LONGEST_TURN = 10_000_000
"""The same for one that polls alone."""
TURNS = 4096
"""Turns between two looks at the clock, and at Ctrl-C."""


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

    Compiled code gives the turns and wakes who may go on; this class sees to ends, polling, deadlock and time.
    """

    def __init__(self, seed: int, watchdog: Watchdog, launch: CompiledLaunch) -> None:
        self._seed = seed
        self._watchdog = watchdog
        self._launch = launch

    def run(self, kernels: Sequence[RunningKernel], noc: Noc) -> None:
        """Run kernels to their end.

        Raises:
            KernelError: one of them did something illegal or never ends.
            DeadlockError: none of them can go on.
        """
        if kernels:
            self._launch.begin(kernels, self._seed)
            _Launch(kernels, noc, self._launch, self._seed, self._watchdog).run()


class _Launch:
    def __init__(
        self, kernels: Sequence[RunningKernel], noc: Noc, launch: CompiledLaunch, seed: int, watchdog: Watchdog
    ) -> None:
        self._kernels = kernels
        self._noc = noc
        self._launch = launch
        self._watchdog = watchdog
        self._chance = random.Random(seed)
        self._engine = kernels[0].processor.engine
        self._deadline = time.monotonic() + watchdog.seconds if watchdog.seconds else None

    def run(self) -> None:
        try:
            while self._launch.live:
                self._handle(self._next_event())
        finally:
            self._see_to_ended()

    def _next_event(self) -> Event:
        self._engine.whose_turn = self._whose_turn
        try:
            return self._launch.run(TURNS)
        finally:
            self._engine.whose_turn = None

    def _handle(self, event: Event) -> None:
        kernel = self._launch.running[self._launch.current]
        if event == Event.ENDED:
            self._end_turn(kernel, ended=True)
            self._deliver(kernel)
        elif event == Event.SPENT:
            self._give_way(kernel)
        elif event == Event.ARRIVAL:
            self._deliver(kernel, self._chance)
        elif event == Event.PAUSE:
            self._check_time()
        elif self._launch.live:
            self._nothing_moves()

    def _whose_turn(self) -> Processor:
        return self._launch.running[self._launch.current].processor

    def _see_to_ended(self) -> None:
        for kernel in self._kernels:
            processor = kernel.processor
            if processor.state.ended and not processor.finished:
                # It trapped only if an interrupt came before the trap was seen to: then the interrupt counts.
                with suppress(Trap):
                    processor.end_turn(ended=True)

    def _end_turn(self, kernel: RunningKernel, ended: bool) -> None:
        try:
            kernel.processor.end_turn(ended)
        except Trap as trap:
            raise kernel_error(kernel, trap) from trap.__cause__

    def _give_way(self, kernel: RunningKernel) -> None:
        """It spent its fuel: one that computes goes on in turn, one that polls when nobody else can."""
        self._end_turn(kernel, ended=False)
        computes = kernel.seems_to_compute()
        kernel.processor.set_yield_interval(TURN if computes else SHORT_TURN)
        if computes:
            self._launch.make_ready(self._launch.current)
            self._launch.move()
        else:
            self._launch.poll_later(self._launch.current)
        self._check_time()

    def _deliver(self, kernel: RunningKernel, chance: random.Random | None = None) -> bool:
        try:
            if chance is not None:
                self._noc.deliver_some(kernel.port, chance)
                return True
            return self._noc.deliver(kernel.port)
        except NocError as error:
            raise transfer_error(kernel, error) from None

    def _nothing_moves(self) -> None:
        """Nobody is ready: let transfers arrive, then those who poll look again, else it is a deadlock."""
        arrived = [self._deliver(self._launch.running[index]) for index in self._launch.take_sending()]
        polling = self._launch.take_polling()
        if any(arrived):
            self._launch.move()
        elif not polling:
            raise deadlock(self._unfinished())
        for index in polling:
            self._watch(self._launch.running[index], len(polling) == 1)
            self._launch.make_ready(index)

    def _watch(self, kernel: RunningKernel, alone: bool) -> None:
        """Give a polling processor longer turns while it is alone, and give up when it polls for too long."""
        moves = self._launch.moves
        if kernel.seen_moves != moves:
            kernel.seen_moves, kernel.idle_fuel, kernel.idle_rounds = moves, 0, 0
        kernel.idle_rounds += 1
        alone = alone and kernel.waiting is None
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
        return [kernel for kernel in self._kernels if not kernel.processor.state.ended]

    def _check_time(self) -> None:
        if self._deadline is not None and time.monotonic() > self._deadline:
            unfinished = self._unfinished()
            raise LaunchError(
                f"the launch did not end within {self._watchdog.seconds:g} s ({len(unfinished)} processors are "
                f"unfinished, the first: {unfinished[0].where()}, {unfinished[0].describe()}); if it is not stuck, "
                "allow more time with emulator?timeout=SECONDS (0 = no limit)"
            )
