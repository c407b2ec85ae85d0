"""What an exploration does besides running cases: the order without decisions first, smaller schedules, witnesses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from enum import Enum

from tthal.columns import unfolded
from tthal.errors import InvalidArgument
from tthal_explore.cases import Case, Outcome, Status, run_case, with_options
from tthal_explore.plans import Listed, Plan, Systematic
from tthal_explore.shrinking import shrink

DEFAULT = "default"
"""The order without decisions."""
PERHAPS = "TT-NOC-006"
"""The warning of a source that was used again while it may still be read: a race where that is so."""
UNKNOWN = "no order of events became known: does the program open a device of the emulator, and close it?"
_FINDING = re.compile(r"\[(TT-[A-Z]+-\d+)\]|\b(TT-[A-Z]+-\d+) at ")
_BEFORE = re.compile(r"^(?:\S+:\d+: )?(?:[\w.]*(?:Error|error|Warning): )+")
_PROCESSOR = re.compile(r"core \(\d+,\d+\) \w+")
_PARTY = re.compile(r"core \(\d+,\d+\) \w+, kernel \S+(?: at [^\s,:]+(?::\d+)+)?")


class Strategy(str, Enum):
    """How orders are chosen."""

    MIXED = "mixed"
    RANDOM = "random"
    PCT = "pct"
    SYSTEMATIC = "systematic"


def baseline(case: Case, executor: Executor) -> Outcome:
    """Run a case in the order without decisions; the backend may not say which that was."""
    return executor.submit(run_case, replace(case, order=DEFAULT)).result()


def plan(strategy: Strategy, cases: list[Case], depth: int, executor: Executor) -> tuple[Plan, Outcome | None]:
    """Return what to try, and the outcome without decisions where it was needed."""
    if strategy is Strategy.RANDOM or (strategy is Strategy.MIXED and not cases[0].logged):
        return Listed(cases), None
    if strategy is Strategy.SYSTEMATIC:
        return Systematic(cases[0], depth, len(cases)), None
    first = baseline(cases[0], executor)
    if not first.taken and strategy is Strategy.MIXED:
        return Listed(cases), None
    if not first.taken:
        raise InvalidArgument(f"{UNKNOWN} {first.reason}")
    order = f"pct:{depth}:{max(1, *(taken.steps for taken in first.taken))}"
    chosen = (replace(case, order=order) if strategy is Strategy.PCT or by_pct(case.seed) else case for case in cases)
    return Listed(chosen), first


def by_pct(seed: int) -> bool:
    """Whether a seed chooses by PCT when strategies take turns: four do, as random ones differ in four ways."""
    return seed % 8 < 4


# ---------------------------------------------------------------------------------------------- smaller schedules


def smallest(
    case: Case, outcome: Outcome, wrong: Callable[[Outcome], bool], executor: Executor, most: int
) -> Case | None:
    """Return the case with the fewest decisions that is still wrong; None when its order is not known as a whole."""
    if not outcome.taken or not outcome.taken[0].order:
        again = executor.submit(run_case, replace(case, order=case.order or "random", logged=True, whole=True))
        outcome = again.result()
    if len(outcome.taken) != 1 or not outcome.taken[0].complete:
        return None

    def run(decisions: list[str]) -> Case:
        return replace(case, order=",".join(decisions) or DEFAULT, logged=True)

    def fails(decisions: list[str]) -> bool:
        return wrong(executor.submit(run_case, run(decisions)).result())

    decisions = list(filter(None, outcome.taken[0].order.split(",")))
    if fails([]):
        return run([])
    return run(shrink(decisions, fails, most)) if fails(decisions) else None


# ---------------------------------------------------------------------------------------------- findings and witnesses


@dataclass(frozen=True, slots=True)
class Race:
    """A finding of the checks: its id, its text, the processors that it is about, and their places in the code.

    The same two places are the same race, whichever comes first.
    """

    id: str = field(compare=False)
    text: str = field(compare=False)
    processors: frozenset[str]
    places: frozenset[str]


def findings(wrong: Iterable[Case], others: Iterable[Case], executor: Executor) -> dict[Race, list[Case]]:
    """Return what ``check=full`` finds, errors and the warning of what may be one, and in which orders.

    Looked at are the order without decisions and those that went ``wrong``. When that is nothing, ``others`` until
    something is found: a kernel that polled in a loop of its own has heard of all that was told before it looked, and
    may have looked late.
    """
    found: dict[Race, list[Case]] = {}
    for case in wrong:
        for race in _found_in(case, executor):
            found.setdefault(race, []).append(case)
    if not found:
        for case in others:
            if raced := _found_in(case, executor):
                return {race: [case] for race in raced}
    return found


def _found_in(case: Case, executor: Executor) -> list[Race]:
    checked = replace(case, backend=with_options(case.backend, check="full"), logged=False, whole=True)
    outcome = executor.submit(run_case, checked).result()
    found = races_in(outcome.tail)
    return [race for race in found if race.id == PERHAPS] if outcome.status is Status.PASSED else found


def races_in(report: str) -> list[Race]:
    """Read findings from the text of an error."""
    lines = unfolded(report).splitlines()
    found: dict[Race, Race] = {}
    for number, line in enumerate(lines):
        named = _FINDING.search(line)
        if named is None:
            continue
        about = [line, *_details(lines[number + 1 :])] if named[1] else [line]
        kind, text = named[1] or named[2], _BEFORE.sub("", line.strip())
        parties = _PARTY.findall("\n".join(about))
        if named[1] and len(parties) > 1:
            text += f"; the other: {parties[1]}"
        race = Race(kind, text, frozenset(_PROCESSOR.findall("\n".join(about))), frozenset(parties[:2] or [text]))
        found.setdefault(race, race)
    return list(found.values())


def _details(lines: Iterable[str]) -> list[str]:
    """The indented lines that belong to a finding, up to the list of others."""
    details: list[str] = []
    for line in lines:
        if not line.startswith("    ") or "In the same launch" in line:
            break
        details.append(line)
    return details


def proves(schedule: Case, about: Iterable[str], race: Race, found: Mapping[Race, list[Case]]) -> bool:
    """Whether a smallest schedule that goes wrong is a race's witness.

    It is when there is no other race, when it is the only order in which the checks find this one, or when its
    decisions are ``about`` one of the parties.
    """
    return len(found) == 1 or found[race] == [schedule] or bool(race.processors & set(about))
