"""Two variants of a program: where their times differ, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from .profile import Cause, Profile, Row, rows
from .report import bound, launches_text, time_text

_WORTH = 0.01
"""Of the longer launch: smaller differences are not spoken of."""


def print_comparison(
    console: Console, names: tuple[str, str], runs: tuple[Sequence[Profile], Sequence[Profile]]
) -> None:
    """Print both sums, what bounds the longest launch of each, and per kernel the causes that differ."""
    first, second = (sum(profile.nanoseconds for profile in run) for run in runs)
    change = f"{second / first - 1:+.1%}" if first else "n/a"
    faster = f", {first / second:.2f} times as fast" if second and second < first else ""
    console.print(f"A {names[0]}: {time_text(first)} in {launches_text(runs[0])}", highlight=False, soft_wrap=True)
    console.print(f"B {names[1]}: {time_text(second)} in {launches_text(runs[1])}", highlight=False, soft_wrap=True)
    console.print(f"B against A: {change}{faster}", highlight=False)
    for letter, run in zip("AB", runs, strict=True):
        for failure in dict.fromkeys(profile.failure for profile in run if profile.failure):
            console.print(
                f"{letter} did not come to its end: {failure}", style="yellow", highlight=False, soft_wrap=True
            )
    if not all(runs):
        return
    longest = [max(run, key=lambda profile: profile.cycles) for run in runs]
    for letter, profile in zip("AB", longest, strict=True):
        if profile.critical is not None:
            console.print(f"{letter} is bound by {bound(profile, profile.critical)}", highlight=False, soft_wrap=True)
    table = Table("kernel", "on", "cause", "A", "B", "difference", box=None, pad_edge=False)
    for cells in _differences(*longest):
        table.add_row(*cells)
    console.print(table)


def _differences(first: Profile, second: Profile) -> Iterator[tuple[str, ...]]:
    """Cycles by cause, the largest difference first; kernels of one name and engine belong together."""
    mine, theirs = ({(row.kernel, row.label): row for row in rows(profile)} for profile in (first, second))
    least = _WORTH * max(first.cycles, second.cycles)
    for key in sorted(mine.keys() | theirs.keys()):
        pairs = [
            (cause, _cycles(first, mine.get(key), cause), _cycles(second, theirs.get(key), cause)) for cause in Cause
        ]
        for cause, a, b in sorted(pairs, key=lambda pair: -abs(pair[2] - pair[1])):
            if abs(b - a) >= least:
                yield (*key, cause.value, f"{a:,.0f}", f"{b:,.0f}", f"{b - a:+,.0f} cycles")


def _cycles(profile: Profile, row: Row | None, cause: Cause) -> float:
    return row.spent[cause] * profile.cycles if row is not None else 0.0
