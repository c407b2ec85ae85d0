"""How a re-execution went."""

from __future__ import annotations

from dataclasses import dataclass, field

from tthal.trace.elements import DataDifference
from tthal.types import DataFormat

MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class ReadOutcome:
    """One read and how its bytes compare.

    ``difference`` is None when they agree; ``failed`` says why there are none.
    """

    call: int
    what: str
    size: int
    data_format: DataFormat | None = None
    difference: DataDifference | None = None
    failed: str = ""

    @property
    def ok(self) -> bool:
        """Whether the bytes agree."""
        return self.difference is None and not self.failed


@dataclass(slots=True)
class Report:
    """The outcome of a re-execution; ``reads`` lists the first reads and the first that differ."""

    calls: int = 0
    equal: int = 0
    differing: int = 0
    compared_bytes: int = 0
    reads: list[ReadOutcome] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    stopped: str = ""

    @property
    def ok(self) -> bool:
        """Whether everything went as recorded."""
        return not (self.differing or self.outcomes or self.stopped)

    def add(self, outcome: ReadOutcome) -> None:
        """Count a read, and list it while there is room."""
        if outcome.ok:
            self.equal += 1
        else:
            self.differing += 1
        self.compared_bytes += outcome.size
        if len(self.reads) < MOST_LISTED or (not outcome.ok and self.differing <= MOST_LISTED):
            self.reads.append(outcome)
