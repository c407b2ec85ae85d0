"""Running pairs for several tools, and the table of what each found."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor, as_completed

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tthal.cli.console import err
from tthal.columns import counted
from tthal.errors import CompileError
from tthal_conformance.racebench.batch import Batch, run_batch
from tthal_conformance.racebench.notes import Notes
from tthal_conformance.racebench.pair import Pair, Variant, pairs
from tthal_conformance.racebench.run import Bytes, Observation
from tthal_conformance.racebench.score import Score, Verdict, judge, scores

_WRONG = (Verdict.MISS, Verdict.MISPLACED, Verdict.FALSE_ALARM)


def run(
    chosen: list[Pair], tools: Mapping[str, str], command: str, timeout: float, pool: Executor, notes: Notes
) -> dict[str, list[Observation]]:
    """Run pairs for every tool, but for those that are noted already.

    Args:
        tools: the backend's selection string, by the tool's name.
        command: the tool's command, empty when the backend itself is the tool.
    """
    batches = {
        tool: [
            Batch(names, selection, command, timeout)
            for names in _kinds([pair for pair in chosen if (tool, pair.name) not in notes.seen])
        ]
        for tool, selection in tools.items()
    }
    _run(batches, pool, notes)
    names = {pair.name for pair in chosen}
    return {tool: [o for name in sorted(names) for o in notes.seen[tool, name]] for tool in tools}


def failed(seen: list[Observation]) -> bool:
    """Whether a tool missed or invented anything."""
    return any(judge(each) in _WRONG for each in seen)


def runnable(seen: list[Observation]) -> tuple[list[Observation], list[str]]:
    """Leave out pairs whose fixed program does not compile: of a backend as it is, that says nothing about their fault.

    Returns the observations that are left, and the names of the pairs that are not.
    """
    broken = {o.pair for o in seen if o.variant is Variant.FIXED and o.report.startswith(CompileError.__name__)}
    return [each for each in seen if each.pair not in broken], sorted(broken)


def _kinds(chosen: list[Pair]) -> list[tuple[str, ...]]:
    kinds = dict.fromkeys(pair.kind for pair in chosen)
    return [tuple(pair.name for pair in chosen if pair.kind == kind) for kind in kinds]


def _run(batches: dict[str, list[Batch]], pool: Executor, notes: Notes) -> None:
    futures = {pool.submit(run_batch, batch): tool for tool, work in batches.items() for batch in work}
    programs = sum(len(batch.pairs) * len(Variant) for work in batches.values() for batch in work)
    columns = BarColumn(), MofNCompleteColumn(), TextColumn("programs"), TimeRemainingColumn()
    with Progress(*columns, console=err(), transient=True) as progress:
        task = progress.add_task("", total=programs)
        for future in as_completed(futures):
            found = future.result()
            notes.add(futures[future], found)
            progress.update(task, advance=len(found))


def table(tool: str, seen: list[Observation]) -> list[str]:
    """Return the score of a tool as text: a row for each kind, then every miss and every false alarm by name."""
    lines = [
        f"{tool}",
        f"  {'kind':20} {'faults':>6} {'found':>6} {'recall':>7} {'false':>6} {'precision':>10} {'show':>5}",
    ]
    lines += [f"  {_row(score)}" for score in scores(seen)]
    for verdict in _WRONG:
        named = [item for item in seen if judge(item) is verdict]
        lines += [f"  {verdict.value}: {item.pair}{_why(item)}" for item in named]
    broken = [i for i in seen if i.variant is Variant.FIXED and not i.report and i.result in (Bytes.WRONG, Bytes.NONE)]
    lines += [f"  fixed, but {item.result.value} bytes: {item.pair}" for item in broken]
    return [*lines, f"  {_silent([item.result for item in seen if item.variant is Variant.FAULTY])}"]


def _silent(results: list[Bytes]) -> str:
    unknown = results.count(Bytes.UNKNOWN)
    if unknown and unknown == len(results):
        return "whether faulty programs computed the right bytes is not known: the command did not print it"
    of_others = f"; of {unknown} nothing is known" if unknown else ""
    return f"{counted(results.count(Bytes.RIGHT), 'faulty program')} computed the right bytes{of_others}"


def _row(score: Score) -> str:
    faults = score.hits + score.misplaced + score.misses
    false = score.false_alarms + score.misplaced
    found = f"{faults:6} {score.hits:6} {score.recall:7.0%}"
    return f"{score.kind:20} {found} {false:6} {score.precision:10.0%} {'?' if score.wrong is None else score.wrong:>5}"


def _why(seen: Observation) -> str:
    if seen.report:
        return f": {seen.report.splitlines()[0][:160]}"
    bytes_ = "bytes unknown" if seen.result is Bytes.UNKNOWN else f"{seen.result.value} bytes"
    return f" ({bytes_}): {pairs()[seen.pair].summary}"
