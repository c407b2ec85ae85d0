"""``tthal profile``: what a script's programs would take on the card, and what they wait for."""

from __future__ import annotations

import os
import sys

import click
from rich.console import Console

from tthal.cli.run import run_script, select
from tthal.ttnn import alias

from .report import print_report
from .session import TIME_VARIABLE, profiles


@click.command(
    "profile",
    short_help="Say what a script's programs would take on the card, and why.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option("--backend", metavar="SELECTION", help="What to run on; default: as TTHAL_BACKEND says, or the emulator.")
@click.option("--traceback", is_flag=True, help="Show the whole traceback when tthal reports an error.")
@click.argument("script", type=click.Path(exists=True, dir_okay=False))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def profile_command(backend: str | None, traceback: bool, script: str, arguments: tuple[str, ...]) -> None:
    """Run a Python SCRIPT with its ARGUMENTS, and print what its launches would take on the card.

    The times come from a model of the chip, not from this computer: see docs/performance.md for how near it comes to
    silicon and what it leaves out. The script's results and its exit status are those of `tthal run`.
    """
    os.environ[TIME_VARIABLE] = "on"
    select(backend, None)
    alias.install()
    status = run_script(script, arguments, traceback)
    print_report(Console(), profiles)
    sys.exit(status)
