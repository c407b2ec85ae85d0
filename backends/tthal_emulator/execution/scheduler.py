"""Runs the processors of a device in turn, in an order that depends on nothing but program, seed and order.

A processor runs until it blocks, spends its fuel or ends. All have a first turn, then a core's processors go on while
they wake each other, and transfers arrive when a barrier asks for them or when nobody can run. Other orders that the
hardware allows are this one with decisions in it (order.py): another one runs, a processor gives way before it does
what others can see, some transfers arrive before anybody asks for them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress

from tthal.errors import ProcessorState
from tthal_emulator.abi import StopReason
from tthal_emulator.diagnostics.faults import deadlock, kernel_error, never_ends, out_of_time, transfer_error
from tthal_emulator.diagnostics.states import polled, state
from tthal_emulator.engine import Trap, TrapKind
from tthal_emulator.noc.errors import NocError
from tthal_emulator.noc.transfers import Noc

from .compiled import CompiledLaunch
from .deadline import Deadline, OutOfTime
from .running import RunningKernel
from .spin_detection import SHORT_TURN, TURN, SpinDetector, Watchdog

TURNS = 1024
"""Turns between two looks at the clock, and at Ctrl-C."""


class StoppedByObserver(Exception):
    """A listener wants the launch to end; what it found comes from :meth:`Observers.end`."""


class Scheduler:
    """Runs one launch after the other.

    Compiled code gives the turns and wakes who may go on; this class sees to ends, spinning, deadlock and time.
    """

    def __init__(self, watchdog: Watchdog, deadline: Deadline, compiled: CompiledLaunch, noc: Noc) -> None:
        self._deadline = deadline
        self._watchdog = watchdog
        self._compiled = compiled
        self._noc = noc

    def run(self, kernels: Sequence[RunningKernel]) -> None:
        """Run kernels to their end.

        Raises:
            KernelError: one of them did something illegal or never ends.
            LaunchError: they take too long.
            DeadlockError: none of them can go on.
        """
        if kernels:
            self._compiled.begin([kernel.index for kernel in kernels])
            self._deadline.begin(self._watchdog.seconds)
            _Launch(kernels, self._noc, self._compiled, self._watchdog, self._deadline).run()


class _Launch:
    def __init__(
        self,
        kernels: Sequence[RunningKernel],
        noc: Noc,
        compiled: CompiledLaunch,
        watchdog: Watchdog,
        deadline: Deadline,
    ) -> None:
        self._deadline = deadline
        self._kernels = {kernel.index: kernel for kernel in kernels}
        self._spinning = {kernel.index: SpinDetector() for kernel in kernels}
        self._noc = noc
        self._compiled = compiled
        self._watchdog = watchdog

    def run(self) -> None:
        try:
            while self._compiled.live:
                self._handle(self._compiled.run(TURNS))
        except OutOfTime:
            current = self._kernels[self._compiled.current]
            raise out_of_time(self._watchdog.seconds, self._unfinished() or [current]) from None
        finally:
            self._see_to_ended()

    def _handle(self, reason: StopReason) -> None:
        kernel = self._kernels[self._compiled.current]
        if reason == StopReason.ENDED:
            self._end_turn(kernel)
            self._deliver(kernel)
        elif reason == StopReason.SPENT:
            self._give_way(kernel)
        elif reason == StopReason.ARRIVAL:
            self._deliver(kernel, random.Random(self._compiled.arrival(kernel.index)))
        elif reason == StopReason.PAUSE:
            self._deadline.look()
        elif reason == StopReason.STOP:
            raise StoppedByObserver
        elif self._compiled.live:
            self._nothing_moves()

    def _see_to_ended(self) -> None:
        for kernel in self._kernels.values():
            processor = kernel.processor
            if not processor.finished and processor.ended:
                # It trapped only if an interrupt came before the trap was seen to: then the interrupt counts.
                with suppress(Trap):
                    processor.end_turn()

    def _end_turn(self, kernel: RunningKernel) -> None:
        try:
            kernel.processor.end_turn()
        except Trap as trap:
            if isinstance(trap.__cause__, OutOfTime):
                raise trap.__cause__ from None
            raise kernel_error(kernel, trap) from trap.__cause__

    def _give_way(self, kernel: RunningKernel) -> None:
        """It spent its fuel: one that computes goes on in turn, one that spins when nobody else can."""
        self._end_turn(kernel)
        computes = self._spinning[kernel.index].computes(kernel)
        kernel.processor.set_yield_interval(TURN if computes else SHORT_TURN)
        if computes:
            self._compiled.make_ready(kernel.index)
            self._compiled.note_progress()
        else:
            self._compiled.poll_later(kernel.index)
        self._deadline.look()

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
        arrived = [self._deliver(self._kernels[index]) for index in self._compiled.take_sending()]
        polling = self._compiled.take_polling()
        if any(arrived):
            self._compiled.note_progress()
        elif not polling:
            raise deadlock([self._stop(kernel) for kernel in self._unfinished()])
        for index in polling:
            self._look_again(self._kernels[index], len(polling) == 1)
            self._compiled.make_ready(index)

    def _look_again(self, kernel: RunningKernel, alone: bool) -> None:
        """Give a polling processor longer turns while it is alone, and give up when it polls for too long."""
        spinning = self._spinning[kernel.index]
        alone = alone and kernel.waiting is None
        turn = spinning.next_turn(self._compiled.progress, alone)
        if alone:
            kernel.processor.set_yield_interval(turn)
        if spinning.exceeds(self._watchdog):
            raise self._endless(kernel)
        if alone or not spinning.rounds & 0xFF:
            self._deadline.look()

    def _endless(self, kernel: RunningKernel) -> Exception:
        """Make the error for one that polls in vain; for pages of a circular buffer that is a deadlock."""
        if polled(kernel) is not None:
            return deadlock([self._stop(each) for each in self._unfinished()], polls=True)
        trap = kernel.processor.interrupt("endless loop") or Trap(TrapKind.INTERRUPTED, "endless loop")
        return never_ends(kernel, trap, [self._stop(other) for other in self._unfinished() if other is not kernel])

    def _stop(self, kernel: RunningKernel) -> ProcessorState:
        """Stop a processor that waits for ever, and tell where it was."""
        trap = kernel.processor.interrupt("deadlock")
        return state(kernel, trap.frames if trap is not None else ())

    def _unfinished(self) -> list[RunningKernel]:
        return [kernel for kernel in self._kernels.values() if not kernel.processor.ended]
