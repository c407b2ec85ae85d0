"""``tthal doctor``: everything that a report of a problem should hold."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from re import match

import click

import tthal
from tthal.cli.console import print_problem, print_rows
from tthal.errors import BackendError, PluginError, SelectionError, TthalError
from tthal.inventory import BackendReport, inspect_backends
from tthal.plugins import loader
from tthal.plugins.facade import Plugins, active_entries
from tthal.plugins.loader import PLUGINS
from tthal.selection import AUTO, check_understood, choose


@click.command(short_help="Show what is installed and what works.")
def doctor() -> None:
    """Show what is installed, what works, what is missing and how to get it.

    Exit status 1 if a plugin is broken or the selected backend cannot be used.
    """
    print_rows("Installation", _installation())
    print_rows("Environment", _environment())
    plugins, problems = Plugins.for_commands()
    print_rows("Plugins", _plugins(problems))
    reports = inspect_backends(with_findings=True)
    for report in reports:
        print_rows(f"Backend {report.name}", _backend(report))
    caches, failures = plugins.caches()
    print_rows("Caches", [(cache.name, f"{cache.path} ({human_size(cache.size)})") for _, cache in caches])
    problems += failures
    for problem in problems:
        print_problem(str(problem))
    if not _selected_works(reports, plugins) or problems:
        raise SystemExit(1)


def human_size(size: float) -> str:
    """Return a number of bytes as people write it."""
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"


def _installation() -> list[tuple[str, str]]:
    return [
        ("tthal", f"{tthal.__version__} in {Path(tthal.__file__).parent}"),
        ("python", f"{platform.python_version()} ({sys.executable})"),
        ("platform", f"{platform.platform()}, {os.cpu_count()} CPUs"),
        *((name, _version(name)) for name in _requirements()),
    ]


def _requirements() -> list[str]:
    try:
        wanted = requires("tthal") or []
    except PackageNotFoundError:
        return []
    names = [match(r"[A-Za-z0-9._-]+", line) for line in wanted if "extra ==" not in line]
    return [name.group() for name in names if name is not None]


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return f"missing; pip install {distribution}"


def _environment() -> list[tuple[str, str]]:
    try:
        choice = choose()
        selected = f"{choice.selection} ({choice.source})"
    except SelectionError as error:
        selected = str(error)
    variables = [(name, value) for name, value in sorted(os.environ.items()) if name.startswith("TTHAL_")]
    return [("selected backend", selected), *variables]


def _plugins(problems: list[TthalError]) -> list[tuple[str, str]]:
    try:
        active = {entry.name for entry in active_entries()}
    except BackendError:
        active = set()
    rows = []
    for entry in loader.entries(PLUGINS):
        state = "active" if entry.name in active else "left out"
        if any(str(problem).startswith(str(entry)) for problem in problems):
            state = "broken, see below"
        rows.append((entry.name, f"{entry.distribution} {entry.version} ({entry.module}): {state}"))
    return rows


def _backend(report: BackendReport) -> list[tuple[str, str]]:
    availability = report.availability
    told = {what for what, _ in report.findings}
    rows = [
        ("from", report.origin),
        ("state", "available" if availability.available else f"not available: {availability.reason}"),
        ("to fix", availability.fix),
        *((what, text) for what, text in sorted(availability.details.items()) if what not in told),
        *report.findings,
    ]
    return [(what, text) for what, text in rows if text]


def _selected_works(reports: list[BackendReport], plugins: Plugins) -> bool:
    try:
        selection = choose().selection
        if selection.backend == AUTO:
            return any(report.availability.available for report in reports)
        for report in reports:
            if report.name == selection.backend:
                added = plugins.device_options(report.option_help)
                check_understood(selection, {**report.option_help, **dict.fromkeys(added, "")}, report.argument_help)
                return report.availability.available
    except (SelectionError, PluginError) as error:
        print_problem(str(error))
    return False
