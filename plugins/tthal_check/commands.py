"""``tthal check``: a script with the checks on, and all that they find in one report."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import click

from tthal.cli.console import print_problem
from tthal.cli.run import Script, run_script, select
from tthal.errors import KernelError, TthalError
from tthal.selection import choose
from tthal.ttnn import alias

from .collected import collecting
from .listener import CheckWarning
from .reports import Report, text_report, write_report
from .settings import Check

FOUND = 1
"""The exit status of a script that itself ended well, but in which errors were found."""


@click.command(
    "check",
    short_help="Run a script with the checks on and report what they find.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option("--full", is_flag=True, help="Also loads and stores, what nobody wrote, and races (check=full); slower.")
@click.option("--backend", metavar="SELECTION", help="What to run on; default: as TTHAL_BACKEND says, or the emulator.")
@click.option(
    "--report",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the findings to FILE too: JSON (.json), SARIF 2.1.0 (.sarif), or text.",
)
@click.argument("script", type=Script())
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def check_command(
    full: bool, backend: str | None, report: Path | None, script: str, arguments: tuple[str, ...]
) -> None:
    """Run a Python SCRIPT with its ARGUMENTS and say what the checks find.

    A launch goes on after an error, so that all its mistakes are found; its exception comes at its end. Exit status:
    the script's, or 1 when it ended well although errors were found. Processes that the script starts are not looked
    at.

    \b
    tthal check my_op.py
    tthal check --full --report findings.sarif my_op.py
    """
    if report is not None and not report.parent.is_dir():
        raise click.BadParameter(f"there is no folder {report.parent}", param_hint="--report")
    chosen = choose(backend).selection
    asked = dict(chosen.options).get("check", Check.OFF.value)
    if full or asked == Check.OFF.value:
        chosen = chosen.without(("check",)).with_options({"check": (Check.FULL if full else Check.DEFAULT).value})
    wanted = chosen.without(("findings",)).with_options({"findings": "all"})
    select(str(wanted), None)
    alias.install()
    with collecting() as findings, warnings.catch_warnings():
        warnings.simplefilter("ignore", CheckWarning)  # they are in the report
        status = run_script(script, arguments, traceback=False, is_told=_is_in_report)
    code = FOUND if isinstance(status, str) else status or 0
    failed = any(finding.severity == "error" for finding in findings)
    found = Report(
        findings, findings.suppressed, findings.allowed, findings.failures, code or (FOUND if failed else 0), not code
    )
    click.echo(text_report(found), nl=False)
    if code and not findings:
        click.echo("The script failed, though no check found anything: see its own error.")
    if report is not None:
        write_report(report, found)
    if isinstance(status, str):
        print_problem(status)
    sys.exit(found.exit_code)


def _is_in_report(error: TthalError) -> bool:
    """Whether all that an error says is among the findings."""
    return isinstance(error, KernelError) and bool(error.findings)
