"""Where two reports differ."""

from __future__ import annotations

from dataclasses import dataclass

from tthal_conformance.schema import Outcome, Report

_GOODNESS = {
    Outcome.PASSED: 3,
    Outcome.EXPECTED_FAILURE: 2,
    Outcome.UNSUPPORTED: 1,
    Outcome.UNAVAILABLE: 1,
    Outcome.FAILED: 0,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A program whose outcome differs; None: the report has not got it."""

    program: str
    before: Outcome | None
    after: Outcome | None
    reason: str = ""

    @property
    def is_worse(self) -> bool:
        """Whether the second report is worse: a program fails, or something that passed does no more."""
        if self.after is None:
            return self.before is Outcome.PASSED
        return self.after is Outcome.FAILED or (
            self.before is not None and _GOODNESS[self.after] < _GOODNESS[self.before]
        )

    def __str__(self) -> str:
        before, after = (each.value if each else "not run" for each in (self.before, self.after))
        return f"{'-' if self.is_worse else '+'} {self.program}: {before} -> {after}" + (
            f"; {self.reason}" if self.reason else ""
        )


def differences(first: Report, second: Report) -> list[Difference]:
    """Return the programs with different outcomes, worse ones first."""
    before = {result.name: result for result in first.results}
    after = {result.name: result for result in second.results}
    found = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        outcomes = old.outcome if old else None, new.outcome if new else None
        if outcomes[0] is not outcomes[1]:
            reason = new.reason.splitlines()[0] if new and new.reason else ""
            found.append(Difference(name, *outcomes, reason))
    return sorted(found, key=lambda difference: not difference.is_worse)
