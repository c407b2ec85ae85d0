"""``tthal conformance``: run the suite on a backend, and show and compare reports.

Exit status: 0 when nothing failed and something passed, 1 otherwise, 2 for wrong usage.
"""

from __future__ import annotations

import importlib.util
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tthal.columns import counted
from tthal.errors import BackendUnavailable
from tthal.kit.executors import HELP, workers_at

if TYPE_CHECKING:
    from tthal_conformance.schema import Report

FOLDER = click.Path(file_okay=False, path_type=Path)
TO_FILE = click.Path(dir_okay=False, path_type=Path)
FROM_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(invoke_without_command=True, short_help="Run the conformance suite on a backend.")
@click.option("--backend", metavar="SELECTION", help="What to test; default: what TTHAL_BACKEND says.")
@click.option("--tier", type=click.Choice(["core", "full"]), default="core", show_default=True, help="Which programs.")
@click.option("--select", multiple=True, metavar="PATTERN", help="Only programs of this name or pattern; repeatable.")
@click.option("--report", type=TO_FILE, metavar="FILE", help="Write the JSON report.")
@click.option("--html", type=TO_FILE, metavar="FILE", help="Write a page to read in a browser.")
@click.option("--markdown", type=TO_FILE, metavar="FILE", help="Write a summary for a README.")
@click.option("--record", type=FOLDER, metavar="DIR", help="Keep a trace of every program.")
@click.option("--against", type=FOLDER, metavar="DIR", help="Compare outputs with the traces there.")
@click.option("-j", "--jobs", type=click.IntRange(1), help="Processes; default: one per CPU where devices allow.")
@click.option("--executor", metavar="PLACE", help=f"Run parts of the suite elsewhere, or as local parts: {HELP}.")
@click.option("--splits", metavar="N", type=click.IntRange(1), default=1, help="Share programs between N machines ...")
@click.option("--group", metavar="I", type=click.IntRange(1), default=1, help="... and run the share of machine I.")
@click.option("--timeout", default=600.0, show_default=True, help="Seconds without a result after which to stop.")
@click.option("--list", "list_only", is_flag=True, help="List the programs and run none.")
@click.pass_context
def conformance(
    context: click.Context,
    backend: str | None,
    tier: str,
    select: tuple[str, ...],
    report: Path | None,
    html: Path | None,
    markdown: Path | None,
    record: Path | None,
    against: Path | None,
    jobs: int | None,
    executor: str | None,
    splits: int,
    group: int,
    timeout: float,
    list_only: bool,
) -> None:
    """Run identical programs on a backend and say what holds.

    `--backend replay:DIR` runs every program from its trace in DIR, as `--record DIR` made them.

    \b
    tthal conformance --backend emulator --html report.html
    tthal conformance --backend metal --record traces              on a card, once
    tthal conformance --backend replay:traces                      anywhere, later
    tthal conformance --backend emulator --against traces          equal to the card?
    """
    if context.invoked_subcommand is not None:
        return
    if list_only:
        _list(tier, select)
        return
    _require_pytest()
    from tthal_conformance import report as reports
    from tthal_conformance.launcher import Order, run
    from tthal_conformance.sharing import run_shared

    if group > splits:
        raise click.UsageError(f"--group {group} of --splits {splits}: groups are 1 to {splits}")
    order = Order(backend, tier, select, record, against, jobs, timeout)
    began = time.monotonic()
    if executor is None and splits == 1:
        found = run(order)
    else:
        with workers_at(executor or "local", jobs) as workers:
            found = run_shared(order, workers.executor, splits, group)
    rate = len(found.results) / max(time.monotonic() - began, 1e-9)
    if report is not None:
        reports.write(found, report)
    if html is not None:
        _write_html([found], html)
    if markdown is not None:
        _write_markdown([found], markdown)
    for line in reports.one_screen(found):
        click.echo(line)
    click.echo(f"{counted(len(found.results), 'program')}, {rate:.2f} per second", err=True)
    if not reports.verdict(found):
        context.exit(1)


@conformance.command()
@click.argument("first", type=FROM_FILE)
@click.argument("second", type=FROM_FILE)
def compare(first: Path, second: Path) -> None:
    """Show where two reports differ. Exit status 1 when a program is worse in the second."""
    from tthal_conformance.compare import differences
    from tthal_conformance.report import headline, read

    before, after = read(first), read(second)
    found = differences(before, after)
    for difference in found:
        click.echo(str(difference))
    if before.digest != after.digest:
        click.echo("the reports come from different suites: the same name may mean different programs", err=True)
    click.echo(f"{headline(before)}\n{headline(after)}")
    if any(difference.is_worse for difference in found):
        raise SystemExit(1)


@conformance.command()
@click.argument("files", type=FROM_FILE, nargs=-1, required=True)
@click.option("--html", type=TO_FILE, metavar="FILE", help="Write a page to read in a browser.")
@click.option("--markdown", type=TO_FILE, metavar="FILE", help="Write a summary for a README.")
def show(files: tuple[Path, ...], html: Path | None, markdown: Path | None) -> None:
    """Put one or more JSON reports on one screen, one page, or into one table."""
    from tthal_conformance import report as reports

    found = [reports.read(path) for path in files]
    if html is not None:
        _write_html(found, html)
    if markdown is not None:
        _write_markdown(found, markdown)
    for each in found:
        for line in reports.one_screen(each):
            click.echo(line)


def _list(tier: str, select: tuple[str, ...]) -> None:
    from tthal_conformance.catalogue import programs
    from tthal_conformance.catalogue import select as selected

    for name in selected(tier, select):
        declared = programs()[name]
        needs = f"  [{', '.join(declared.requirements.words())}]" if declared.requirements.words() else ""
        click.echo(f"{name}: {declared.summary}{needs}")


def _require_pytest() -> None:
    if importlib.util.find_spec("pytest") is None:
        raise BackendUnavailable(
            "the conformance suite needs pytest, which is not installed: pip install 'tthal[conformance]'"
        )


def _write_html(found: list[Report], path: Path) -> None:
    from tthal_conformance.html import page

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(found), encoding="utf-8")


def _write_markdown(found: list[Report], path: Path) -> None:
    from tthal_conformance.markdown import table

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(table(found), encoding="utf-8")
