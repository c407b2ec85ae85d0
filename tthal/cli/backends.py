"""``tthal backends``: what there is to run on."""

from __future__ import annotations

import json

import click
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from tthal.cli.console import out, print_problem, print_rows
from tthal.device_interface import Capability
from tthal.errors import PluginError, SelectionError
from tthal.inventory import BackendReport, inspect_backends
from tthal.plugins.facade import PluginOption, Plugins
from tthal.selection import AUTO, AUTO_PREFERENCE, GRAMMAR, Choice, choose


@click.command(short_help="List the backends and what is missing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def backends(as_json: bool) -> None:
    """List the backends: whether each can be used here, what is missing, which options it takes.

    \b
    TTHAL_BACKEND=emulator:p150 python my_op.py
    tthal run --backend 'emulator?numerics=fast&seed=3' my_op.py
    """
    reports = inspect_backends()
    chosen = _chosen()
    if as_json:
        click.echo(json.dumps([{**report.as_json(), "selected": _is_chosen(report, chosen)} for report in reports]))
        return
    for report in reports:
        _print_report(report, chosen)
    _print_added(_added_options())
    automatic = ", else ".join(AUTO_PREFERENCE)
    out().print(f"Select one with TTHAL_BACKEND={escape(GRAMMAR)}; {AUTO} takes {automatic}.", style="dim")


def _chosen() -> Choice | None:
    try:
        return choose()
    except SelectionError:
        return None


def _is_chosen(report: BackendReport, choice: Choice | None) -> bool:
    return choice is not None and choice.selection.backend == report.name


def _print_report(report: BackendReport, choice: Choice | None) -> None:
    console = out()
    state = ("available", "green") if report.availability.available else ("not available", "yellow")
    selected = f"  (selected by {choice.source})" if choice is not None and _is_chosen(report, choice) else ""
    console.print(Text.assemble((report.name, "bold"), "  ", state, (selected, "cyan")))
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for what, text in _rows(report):
        table.add_row(Text("  " + what, "dim"), Text(text))
    console.print(table)
    console.print()


def _added_options() -> dict[str, PluginOption]:
    plugins, _ = Plugins.for_commands()
    try:
        return plugins.device_options({})
    except PluginError as error:
        print_problem(str(error), "warning")
        return {}


def _print_added(options: dict[str, PluginOption]) -> None:
    if options:
        rows = [(f"?{key}=", f"{option.help} (plugin {option.entry.name})") for key, option in options.items()]
        print_rows(f"On devices that can be observed (capability {Capability.OBSERVABLE.value!r}) also", rows)


def _rows(report: BackendReport) -> list[tuple[str, str]]:
    availability = report.availability
    rows = [
        ("", report.summary),
        ("from", report.origin),
        ("because", availability.reason),
        ("to fix", availability.fix),
        *sorted(availability.details.items()),
        ("argument", report.argument_help),
        *((f"?{key}=", text) for key, text in report.option_help.items()),
    ]
    return [(what, text) for what, text in rows if text]
