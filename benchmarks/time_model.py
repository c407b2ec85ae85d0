"""How near the timing model (plugins/tthal_time) comes to silicon: every measured point, and its error.

``python benchmarks/time_model.py --data FOLDER`` reads tables of measured NoC points, compute operations, matrix
products and programs and prints, for each, what was measured, what the model says and the error; then what it does not
cover and why, and summaries. Points of very many packets are solved for fewer commands and continued in proportion;
they are marked ``~``. Programs are rebuilt (time_programs) and run on the emulator with the model listening; of every
pair of variants of a program that differs by more than 5 % on silicon, it is counted whether the model ranks it right.

All of it takes a quarter of an hour or more. Results are kept (time_results.py): ``--minutes N`` stops after so long,
and another call goes on from there; ``--sample N`` takes every Nth point and variant.
"""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from time_compute import read_rows
from time_launches import read_launches
from time_points import Pattern, Point, in_packets, packets, read_points, workload
from time_products import read_products
from time_programs import Measured, Rebuilt, read_programs
from time_results import Results

import tthal as ttnn
from tthal.types import Arch
from tthal_time.constants import CHIPS
from tthal_time.listener import TimeObserver
from tthal_time.places import Places
from tthal_time.profile import Profile
from tthal_time.solver import Solver

BOARDS = {Arch.WORMHOLE_B0: "n150", Arch.BLACKHOLE: "p150"}
PACKETS = 20_000
"""Above so many packets a point is solved for fewer commands."""
REPETITIONS = (3, 6)
"""Of a program that repeats its work more often than this: both are run, and continued in proportion."""
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

    def __init__(self, solver: Solver, places: dict[Arch, Places], results: Results) -> None:
        self._solver = solver
        self._places = places
        self._results = results
        self._known: dict[tuple[Pattern, int], float] = {}

    def answer(self, point: Point, pattern: Pattern) -> Answer | None:
        """Solve a point, unless there is no time left."""
        pattern = in_packets(pattern)
        short = max(1, PACKETS // (packets(pattern) // pattern.count) // 2)
        is_short = packets(pattern) <= PACKETS or pattern.count <= 2 * short

        def cycles() -> float:
            if is_short:
                return self._solve(pattern, pattern.count)
            half, whole = (self._solve(pattern, count) for count in (short, 2 * short))
            return whole + (whole - half) / short * (pattern.count - 2 * short)

        found = self._results.find(f"point {pattern}", cycles)
        return None if found is None else Answer(point, found, not is_short)

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


# ---- programs


def run_programs(measured: Sequence[Measured], results: Results) -> list[tuple[Measured, float]]:
    """Run what is rebuilt, and is not known yet; return what the model says, in ns."""
    found: list[tuple[Measured, float]] = []
    for arch, board in BOARDS.items():
        mine = [item for item in measured if item.arch is arch]
        if not mine:
            continue
        profiles: list[Profile] = []
        with ttnn.open_device(0, backend=f"emulator:{board}?check=off") as device:
            device.observe(TimeObserver(device.properties, profiles.append))
            for item in mine:
                if item.rebuilt is None:
                    continue
                run = partial(_nanoseconds, device, item, item.rebuilt, profiles)
                ns = results.find(f"program {item.program} {item.name} {item.variant}", run)
                if ns is not None:
                    found.append((item, ns))
    return found


def _nanoseconds(device: ttnn.Device, item: Measured, rebuilt: Rebuilt, profiles: list[Profile]) -> float:
    """Of all repetitions or, where that was measured, of each; many are continued in proportion."""

    def run(times: int) -> float:
        ttnn.EnqueueProgram(device.command_queue(), rebuilt.build(device, item.variant, times), True)
        return profiles.pop().nanoseconds

    times, (few, more) = rebuilt.times(item.variant), REPETITIONS
    if times <= more:
        total = run(times)
    else:
        first, second = run(few), run(more)
        total = first + (second - first) / (more - few) * (times - few)
    return total / times if rebuilt.each else total


def report_programs(console: Console, found: Sequence[tuple[Measured, float]], every: bool) -> None:
    """Print every variant, then each program's errors and how many of its pairs are ranked right."""
    for item, ns in found if every else ():
        line = f"{item.program} {item.name}: {item.ns:.0f} ns measured, {ns:.0f} modelled, {ns / item.ns - 1:+.1%}"
        console.print(line, highlight=False, soft_wrap=True)
    groups: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for item, ns in found:
        groups[item.program].append((item.ns, ns))
    table = Table("program", "variants", "median", "90 %", "worst", "bias", "pairs ranked right", title="programs")
    totals = [0, 0]
    for program, values in sorted(groups.items()):
        errors = np.array([modelled / silicon - 1 for silicon, modelled in values])
        right, pairs = ranked(values)
        totals = [totals[0] + right, totals[1] + pairs]
        sizes = np.abs(errors)
        figures = (np.median(sizes), np.quantile(sizes, 0.9), sizes.max(), np.median(errors))
        table.add_row(program, str(len(values)), *(f"{figure:.1%}" for figure in figures), f"{right} of {pairs}")
    console.print(table)
    every_error = np.array([abs(ns / item.ns - 1) for item, ns in found])
    console.print(
        f"programs: median {np.median(every_error):.1%}, 90 % {np.quantile(every_error, 0.9):.1%}, "
        f"{totals[0]} of {totals[1]} pairs ranked right"
    )


def ranked(values: Sequence[tuple[float, float]]) -> tuple[int, int]:
    """Of the pairs that differ by more than 5 % on silicon: how many are ranked right, and how many there are."""
    pairs = [(a, b) for a, b in combinations(values, 2) if max(a[0], b[0]) > 1.05 * min(a[0], b[0])]
    return sum((a[0] < b[0]) == (a[1] < b[1]) for a, b in pairs), len(pairs)


def main() -> None:
    """Solve what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    default = os.environ.get("TTHAL_REFERENCE")
    parser.add_argument("--data", type=Path, default=Path(default) / "silicon" if default else None, help="the tables")
    parser.add_argument(
        "--only", default="", help="points whose name, family or chip, and programs whose id, hold this text"
    )
    parser.add_argument("--programs", action="store_true", help="programs only")
    parser.add_argument("--points", action="store_true", help="NoC points only")
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="every Nth point and variant only")
    parser.add_argument("--summary", action="store_true", help="leave out the single points")
    parser.add_argument("--minutes", type=float, help="stop after so many; another call goes on from there")
    parser.add_argument("--fresh", action="store_true", help="forget the results that are kept")
    chosen = parser.parse_args()
    if chosen.data is None or not chosen.data.is_dir():
        parser.error("--data FOLDER: a folder with noc_latencies.csv, noc_wormhole.csv, noc_blackhole.csv")
    console, results = Console(), Results(chosen.fresh, chosen.minutes)
    console.print(f"{results.kept} results are kept from before", highlight=False)
    if not chosen.programs:
        _points(console, chosen, results)
    if not chosen.programs and (chosen.data / "compute_cycles.csv").exists():
        _compute(console, chosen)
    if not chosen.programs and (chosen.data / "dispatch.json").exists():
        _launches(console, chosen)
    if not chosen.programs and (chosen.data / "matmul_chip.csv").exists():
        _products(console, chosen)
    if not chosen.points and (chosen.data / "programs.json").exists():
        _programs(console, chosen, results)
    if results.left:
        console.print(f"no time left for {results.left} points and variants: call again to go on", highlight=False)


def _points(console: Console, chosen: argparse.Namespace, results: Results) -> None:
    points = [
        point for point in read_points(chosen.data) if chosen.only in f"{point.arch.value} {point.family} {point.name}"
    ][:: chosen.sample]
    solver, places = Solver(), {}
    for arch, board in BOARDS.items():
        with ttnn.open_device(0, backend=f"emulator:{board}?check=off") as device:
            device.observe(solver)
            places[arch] = Places(CHIPS[arch], device.properties)
    model = Model(solver, places, results)
    found = (model.answer(point, point.pattern) for point in points if point.pattern is not None)
    answers = [answer for answer in found if answer is not None]
    if answers:
        met = report(console, answers, [point for point in points if point.pattern is None], not chosen.summary)
        aims = f"median within {AIMS[0]:.0%} and 90 % within {AIMS[1]:.0%}"
        console.print(f"{aims} on both chips: {'yes' if met else 'no'}")


def _compute(console: Console, chosen: argparse.Namespace) -> None:
    rows = [
        row for row in read_rows(chosen.data / "compute_cycles.csv") if chosen.only in f"{row.arch.value} {row.name}"
    ]
    reasons: dict[str, int] = defaultdict(int)
    errors = []
    for row in rows:
        if row.modelled is None:
            reasons[row.reason] += 1
            continue
        errors.append(abs(row.modelled / row.measured - 1))
        if not chosen.summary:
            figures = f"{row.measured:.1f} cycles measured, {row.modelled:.1f} modelled"
            line = f"{row.arch.value} {row.name}: {figures}, {row.modelled / row.measured - 1:+.1%}"
            console.print(line, highlight=False, soft_wrap=True)
    for reason, count in sorted(reasons.items()):
        console.print(f"not covered, {count} compute operations: {reason}", highlight=False, soft_wrap=True)
    if errors:
        median, most = np.median(errors), np.quantile(errors, 0.9)
        console.print(f"compute operations, {len(errors)}: median {median:.1%}, 90 % {most:.1%}")


def _launches(console: Console, chosen: argparse.Namespace) -> None:
    groups: dict[str, list[float]] = defaultdict(list)
    for launch in read_launches(chosen.data / "dispatch.json"):
        if chosen.only not in f"launch {launch.arch.value} {launch.name}":
            continue
        error = launch.modelled / launch.measured - 1
        groups[launch.arch.value].append(abs(error))
        if not chosen.summary:
            figures = f"{launch.measured:.0f} ns measured, {launch.modelled:.0f} modelled, {error:+.1%}"
            console.print(f"launch {launch.arch.value} {launch.name}: {figures}", highlight=False, soft_wrap=True)
    for chip, errors in sorted(groups.items()):
        median, most = np.median(errors), np.quantile(errors, 0.9)
        console.print(f"launches, {chip}, {len(errors)}: median {median:.1%}, 90 % {most:.1%}")


def _products(console: Console, chosen: argparse.Namespace) -> None:
    groups: dict[tuple[str, str], list[float]] = defaultdict(list)
    for product in read_products(chosen.data / "matmul_chip.csv"):
        if chosen.only not in f"product {product.group[0]} {product.name}":
            continue
        error = product.modelled / product.measured - 1
        groups[product.group].append(abs(error))
        if not chosen.summary:
            figures = f"{product.measured:.0f} cycles measured, {product.modelled:.0f} estimated, {error:+.1%}"
            console.print(f"product {product.group[0]} {product.name}: {figures}", highlight=False, soft_wrap=True)
    for (chip, config), errors in sorted(groups.items()):
        median, most = np.median(errors), np.quantile(errors, 0.9)
        console.print(f"products, {chip} {config}, {len(errors)}: median {median:.1%}, 90 % {most:.1%}")


def _programs(console: Console, chosen: argparse.Namespace, results: Results) -> None:
    measured = [item for item in read_programs(chosen.data / "programs.json") if chosen.only in item.program]
    missing: dict[str, int] = defaultdict(int)
    for item in measured:
        if item.rebuilt is None:
            missing[f"{item.program}: {item.reason}"] += 1
    for reason, count in sorted(missing.items()):
        console.print(f"not covered, {count} variants of {reason}", highlight=False, soft_wrap=True)
    found = run_programs(measured[:: chosen.sample], results)
    if found:
        report_programs(console, found, not chosen.summary)


if __name__ == "__main__":
    main()
