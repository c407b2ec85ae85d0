"""How far an exploration is, on standard error: a bar on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tthal.cli.console import err

EVERY = 10.0
"""Seconds from one line to the next, at least."""

Advance = Callable[[bool], None]
"""Called for every case that has ended, with whether it did not pass."""


@contextmanager
def progress(total: int, known: int) -> Iterator[Advance]:
    """Give what is called for every case; ``known`` of ``total`` were known before."""
    console = err()
    if not console.is_terminal:
        yield lines(total, known, EVERY)
        return
    columns = TextColumn("{task.fields[failed]} failed"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total, completed=known, failed=0)
        yield lambda failed: bar.update(task, advance=1, failed=bar.tasks[0].fields["failed"] + failed)


def lines(total: int, known: int, every: float) -> Advance:
    """Return what prints a line when ``every`` seconds have passed since the last one."""
    began = last = time.monotonic()
    done = wrong = 0

    def advance(failed: bool) -> None:
        nonlocal last, done, wrong
        done, wrong, now = done + 1, wrong + failed, time.monotonic()
        if now - last < every:
            return
        last, left = now, total - known - done
        rest = f", about {left * (now - began) / done:.0f} s to go" if left > 0 else ""
        click.echo(f"{known + done} of {total}: {wrong} did not pass{rest}", err=True)

    return advance
