"""Tells processors that compute from those that spin on memory, and gives up on those that spin for too long."""

from __future__ import annotations

from dataclasses import dataclass

from tthal_emulator.abi import MAX_CIRCULAR_BUFFERS

from .running import RunningKernel

TURN = 1_000_000
"""Fuel that a processor may spend at once, about one per instruction."""
SHORT_TURN = 10_000
"""The same for one that seems to spin."""
LONGEST_TURN = 10_000_000
"""The same for one that spins alone."""
QUIET_TURNS = 2
"""Turns without a call or a moved page after which a processor counts as spinning."""


@dataclass(frozen=True, slots=True)
class Watchdog:
    """When a launch is given up.

    Attributes:
        fuel: instructions, about, that a processor may spend while nothing else in the device moves.
        rounds: how often it may poll in vain.
        seconds: how long a launch may take; 0 = for ever.
    """

    # Turns count as they are granted, so this is some 400 looks for one that spins alone, whose turns grow to
    # LONGEST_TURN, and 400,000 for one beside others or one that only gives way. `rounds` ends a launch before that
    # when the fuel was set higher.
    fuel: int = 4_000_000_000
    rounds: int = 2_000_000
    seconds: float = 600.0


@dataclass(slots=True)
class SpinDetector:
    """One processor's turns in one launch.

    Attributes:
        rounds, fuel: turns and instructions that it polled in vain, since the launch made progress.
    """

    rounds: int = 0
    fuel: int = 0
    _seen_progress: int = -1
    _counters: bytes = b""
    _quiet_turns: int = 0

    def computes(self, kernel: RunningKernel) -> bool:
        """Whether it did more than poll memory: it called the host or moved pages in one of its last two turns.

        Two, because a turn may be short: it ends when the fuel is spent that was there before the processor waited.
        """
        counters = bytes(kernel.registers[: 2 * MAX_CIRCULAR_BUFFERS])
        if kernel.processor.called or counters != self._counters:
            self._quiet_turns = 0
        self._counters = counters
        self._quiet_turns += 1
        return self._quiet_turns <= QUIET_TURNS

    def next_turn(self, progress: int, alone: bool) -> int:
        """Count another look at memory and return the fuel for it, more and more for one that spins alone.

        Args:
            progress: the launch's progress counter.
        """
        # Only what is polled in vain counts: whatever moves in the device may be what it waits for.
        if self._seen_progress != progress:
            self._seen_progress, self.fuel, self.rounds = progress, 0, 0
        self.rounds += 1
        # Beside others it takes a quick look, for its turns delay those whom it waits for. Alone, only it can change
        # what it reads: then turns double, so that a long computation without a call is seldom interrupted and an
        # endless loop takes few turns. What is granted counts as spent, as it is by all who do nothing but spin.
        turn = min(SHORT_TURN << min(self.rounds, 10), LONGEST_TURN) if alone else SHORT_TURN
        self.fuel += turn
        return turn

    def exceeds(self, watchdog: Watchdog) -> bool:
        """Whether it polled in vain for longer than the watchdog allows."""
        return self.fuel > watchdog.fuel or self.rounds > watchdog.rounds
