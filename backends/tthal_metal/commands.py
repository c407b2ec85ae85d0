"""The ``tthal metal`` commands."""

from __future__ import annotations

import sys

import click

from tthal_metal.backend import MetalBackend
from tthal_metal.build import build
from tthal_metal.discovery import find_library


@click.group()
def metal() -> None:
    """Build and check the bridge to libtt_metal.so.

    \b
    tthal metal info                               what was found, what is missing
    tthal metal build --library ~/venv/lib/python3.12/site-packages/ttnn
    TTHAL_BACKEND=metal python my_op.py            the first run builds it too
    """


@metal.command("build")
@click.option("--library", default="", metavar="PLACE", help="Where libtt_metal.so is; default: searched for.")
@click.option("--force", is_flag=True, help="Build again even if it is there.")
def build_command(library: str, force: bool) -> None:
    """Compile the shim for the installed libtt_metal.so and try it in a process of its own.

    The first use of a card does the same by itself.
    """
    found = find_library(library)
    click.echo(f"library: {found.path} ({found.version or found.build_id}), found via {found.found_via}", err=True)

    def progress(text: str) -> None:
        if sys.stderr.isatty():
            click.echo(f"{text} ...", err=True)

    click.echo(build(found, progress, force))


@metal.command("info")
def info_command() -> None:
    """Show what was found where, and what is missing."""
    backend = MetalBackend()
    availability = backend.probe()
    state = "available" if availability.available else f"not available: {availability.reason}"
    rows = [("state", state), *backend.doctor()]
    width = max(len(what) for what, _ in rows)
    for what, finding in rows:
        click.echo(f"{what:<{width}}  {finding}")
