"""Scoring: what a tool found, missed and invented, by kind of fault."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from tthal_conformance.racebench.pair import Variant, pairs
from tthal_conformance.racebench.run import Bytes, Observation

ALL = "all kinds"


class Verdict(Enum):
    """What a report, or its absence, is worth."""

    HIT = "hit"
    MISPLACED = "misplaced"
    MISS = "miss"
    FALSE_ALARM = "false alarm"
    QUIET = "quiet"
    NOT_APPLICABLE = "not applicable"


def judge(seen: Observation) -> Verdict:
    """Compare a report with the truth. A report of the faulty program counts when it names a line of the fault."""
    if seen.result is Bytes.NOT_APPLICABLE:
        return Verdict.NOT_APPLICABLE
    if seen.variant is Variant.FIXED:
        return Verdict.FALSE_ALARM if seen.report else Verdict.QUIET
    if not seen.report:
        return Verdict.MISS
    return Verdict.HIT if pairs()[seen.pair].names_site(seen.report) else Verdict.MISPLACED


@dataclass(frozen=True, slots=True)
class Score:
    """One tool's score in one kind.

    Attributes:
        wrong: faulty programs whose bytes were wrong or that an error ended, not a check's: those that anybody would
            notice; None when that is not known of one of them.
    """

    kind: str
    hits: int
    misplaced: int
    misses: int
    false_alarms: int
    wrong: int | None

    @property
    def recall(self) -> float:
        """The part of the faults that was found, at their place."""
        faults = self.hits + self.misplaced + self.misses
        return self.hits / faults if faults else 1.0

    @property
    def precision(self) -> float:
        """The part of the reports that was true, at the right place."""
        reports = self.hits + self.misplaced + self.false_alarms
        return self.hits / reports if reports else 1.0


def scores(seen: Iterable[Observation]) -> list[Score]:
    """Return the score of every kind, sorted, and that of all together, last."""
    observed = list(seen)
    kinds = sorted({pairs()[item.pair].kind for item in observed})
    return [
        *(_score(kind, [o for o in observed if pairs()[o.pair].kind == kind]) for kind in kinds),
        _score(ALL, observed),
    ]


def _score(kind: str, seen: list[Observation]) -> Score:
    found = [judge(item) for item in seen]
    results = [item.result for item in seen if item.variant is Variant.FAULTY]
    wrong = None if Bytes.UNKNOWN in results else sum(each in (Bytes.WRONG, Bytes.NONE) for each in results)
    return Score(
        kind,
        found.count(Verdict.HIT),
        found.count(Verdict.MISPLACED),
        found.count(Verdict.MISS),
        found.count(Verdict.FALSE_ALARM),
        wrong,
    )
