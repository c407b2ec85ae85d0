"""Where the command line prints: results to standard output, problems to standard error."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text


def out() -> Console:
    """Return the console for results."""
    return Console(highlight=False)


def err() -> Console:
    """Return the console for problems."""
    return Console(stderr=True, highlight=False)


def print_problem(message: str, kind: str = "error") -> None:
    """Print one problem to standard error, unwrapped so that it can be copied."""
    style = "bold red" if kind == "error" else "yellow"
    err().print(Text.assemble((f"{kind}: ", style), message), soft_wrap=True)


def print_rows(title: str, rows: Iterable[tuple[str, str]]) -> None:
    """Print a two-column table."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for what, finding in rows:
        table.add_row(Text("  " + what, "dim"), Text(finding))
    console = out()
    console.print(Text(title, "bold"))
    console.print(table)
