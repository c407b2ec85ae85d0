"""How near the timing model (plugins/tthal_time) comes to silicon: every measured point, and its error.

``python benchmarks/time_model.py --data FOLDER`` reads tables of measured NoC points and prints, for each of them, what
was measured, what the model says and the error; then the points that it does not cover and why, and a summary by family
and chip. Points of very many packets are solved for fewer commands and continued in proportion; they are marked ``~``.
"""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from time_points import Pattern, Point, in_packets, packets, read_points, workload

import tthal as ttnn
from tthal.types import Arch
from tthal_time.constants import CHIPS
from tthal_time.places import Places
from tthal_time.solver import Solver

BOARDS = {Arch.WORMHOLE_B0: "n150", Arch.BLACKHOLE: "p150"}
PACKETS = 20_000
"""Above so many packets a point is solved for fewer commands."""
AIMS = (0.10, 0.25)
"""Of the median and the 90th percentile, per chip."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model says of a point, in cycles; ``continued``: solved for fewer commands."""

    point: Point
    cycles: float
    continued: bool

    @property
    def error(self) -> float:
        """Relative to the measured value; negative is too fast."""
        return self.cycles / self.point.measured - 1


class Model:
    """Solves points; what several of them have in common is solved once."""

    def __init__(self, solver: Solver, places: dict[Arch, Places]) -> None:
        self._solver = solver
        self._places = places
        self._known: dict[tuple[Pattern, int], float] = {}

    def answer(self, point: Point, pattern: Pattern) -> Answer:
        """Solve a point."""
        pattern = in_packets(pattern)
        short = max(1, PACKETS // (packets(pattern) // pattern.count) // 2)
        if packets(pattern) <= PACKETS or pattern.count <= 2 * short:
            return Answer(point, self._solve(pattern, pattern.count), False)
        half, whole = (self._solve(pattern, count) for count in (short, 2 * short))
        return Answer(point, whole + (whole - half) / short * (pattern.count - 2 * short), True)

    def _solve(self, pattern: Pattern, count: int) -> float:
        key = (replace(pattern, count=0), count)
        if key not in self._known:
            places = self._places[pattern.arch]
            solution = self._solver.solve(places.chip, workload(pattern, places, count))
            if not solution.complete:
                raise RuntimeError(f"{pattern} does not come to an end")
            self._known[key] = float(np.median(solution.finish))
        return self._known[key]


def report(console: Console, answers: Sequence[Answer], left_out: Iterable[Point], every: bool) -> bool:
    """Print all of it; return whether the aims are met on both chips."""
    for answer in answers if every else ():
        console.print(_line(answer), highlight=False, soft_wrap=True)
    reasons: dict[str, int] = defaultdict(int)
    for point in left_out:
        reasons[f"{point.arch.value} {point.family}: {point.reason}"] += 1
    for reason, count in sorted(reasons.items()):
        console.print(f"not covered, {count} points: {reason}", highlight=False, soft_wrap=True)
    groups: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    for answer in answers:
        groups[answer.point.arch.value, answer.point.family].append(answer)
    console.print(_table("NoC points by family", groups))
    totals: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    for answer in answers:
        totals[answer.point.arch.value, "all"].append(answer)
    console.print(_table("per chip", totals))
    return all(
        float(np.median(errors)) <= AIMS[0] and float(np.quantile(errors, 0.9)) <= AIMS[1]
        for errors in ([abs(answer.error) for answer in group] for group in totals.values())
    )


def _line(answer: Answer) -> str:
    point, mark = answer.point, "~" if answer.continued else ""
    figures = f"{point.measured:g} measured, {mark}{answer.cycles:.0f} modelled, {answer.error:+.1%}"
    return f"{point.arch.value} {point.name}: {figures}"


def _table(title: str, groups: dict[tuple[str, str], list[Answer]]) -> Table:
    table = Table("chip", "family", "points", "median", "90 %", "worst", "bias", title=title)
    for (chip, family), group in sorted(groups.items()):
        errors = np.array([answer.error for answer in group])
        sizes = np.abs(errors)
        figures = (np.median(sizes), np.quantile(sizes, 0.9), sizes.max(), np.median(errors))
        table.add_row(chip, family, str(len(group)), *(f"{figure:.1%}" for figure in figures))
    return table


def main() -> None:
    """Solve what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    default = os.environ.get("TTHAL_REFERENCE")
    parser.add_argument("--data", type=Path, default=Path(default) / "silicon" if default else None, help="the tables")
    parser.add_argument("--only", default="", help="points whose name, family or chip holds this text")
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="every Nth point only")
    parser.add_argument("--summary", action="store_true", help="leave out the single points")
    chosen = parser.parse_args()
    if chosen.data is None or not chosen.data.is_dir():
        parser.error("--data FOLDER: a folder with noc_latencies.csv, noc_wormhole.csv, noc_blackhole.csv")
    points = [
        point for point in read_points(chosen.data) if chosen.only in f"{point.arch.value} {point.family} {point.name}"
    ][:: chosen.sample]
    solver, places = Solver(), {}
    for arch, board in BOARDS.items():
        with ttnn.open_device(0, backend=f"emulator:{board}") as device:
            device.observe(solver)
            places[arch] = Places(CHIPS[arch], device.properties)
    model = Model(solver, places)
    answers = [model.answer(point, point.pattern) for point in points if point.pattern is not None]
    console = Console()
    met = report(console, answers, [point for point in points if point.pattern is None], not chosen.summary)
    console.print(f"median within {AIMS[0]:.0%} and 90 % within {AIMS[1]:.0%} on both chips: {'yes' if met else 'no'}")


if __name__ == "__main__":
    main()
