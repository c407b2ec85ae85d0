"""What an exploration says at its end."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from tthal.columns import counted
from tthal_explore.cases import Case, Outcome, Status
from tthal_explore.exploration import Summary
from tthal_explore.search import Race


@dataclass(frozen=True, slots=True)
class Witness:
    """A schedule under which the program is wrong, what it does then, and who the decisions are about."""

    case: Case
    what: str
    processors: tuple[str, ...]


def repeat(case: Case) -> str:
    """Return the command that runs a case again."""
    return shlex.join(["tthal", "run", "--backend", case.selection, *case.command])


def report(found: Summary, cases: Mapping[int, Case], smaller: Mapping[int, Case]) -> str:
    """Say what came out, and how to repeat what did not pass.

    Args:
        cases: by seed.
        smaller: the smallest schedules that fail like the outcomes with these seeds.
    """
    orders = f", {counted(found.orders, 'different order')}" if found.orders else ""
    lines = [f"{counted(found.cases, 'case')}{orders}: {found.cases - found.failed} passed, {found.failed} did not"]
    if found.outputs > 1 and found.usual is not None and found.other is not None:
        lines.append(f"  passing cases printed {found.outputs} different outputs")
        lines += [f"    {word}: {_command(each, cases, smaller)}" for word, each in
                  (("usual", found.usual), ("another", found.other))]  # fmt: skip
    for kind in found.kinds:
        if kind.status is not Status.PASSED:
            lines.append(f"  {kind.count} {kind.status.value}: {kind.reason}")
            lines.append(f"    repeat: {_command(kind.first, cases, smaller)}")
    return "\n".join(lines)


def _command(outcome: Outcome, cases: Mapping[int, Case], smaller: Mapping[int, Case]) -> str:
    return repeat(smaller.get(outcome.seed, cases[outcome.seed]))


def race_report(races: list[Race], witnesses: Mapping[Race, Witness]) -> str:
    """List findings with their witnesses, and apart those that have none."""
    proven = [race for race in races if race in witnesses]
    lines = [f"{counted(len(races), 'finding')} of check=full, {len(proven)} with a witness"]
    for race in proven:
        lines += [f"  {race.text}", f"    witness: {repeat(witnesses[race].case)}", f"    then: {witnesses[race].what}"]
    unproven = [race for race in races if race not in witnesses]
    if unproven:
        lines.append("unproven: no order that was tried makes a difference")
        lines += [f"  {race.text}" for race in unproven]
    return "\n".join(lines)
