"""``tthal pytest``: tests on a chosen backend, with the fixtures of the vendor's unit tests."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tthal.cli.console import print_problem
from tthal.cli.run import select, was_recorded


@click.command(
    "pytest",
    short_help="Run tests; `import ttnn` means tthal in them.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    add_help_option=False,
)
@click.option("--backend", metavar="SELECTION", help="What to run on: NAME[:ARGUMENT][?KEY=VALUE&KEY=VALUE].")
@click.option("--record", metavar="FILE", type=click.Path(dir_okay=False), help="Record the run into a trace file.")
@click.option("--no-alias", is_flag=True, help="Let `import ttnn` mean the vendor's package, not tthal.")
@click.option("-h", "--help", "help_", is_flag=True, help="Show this message and exit.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def pytest_command(
    context: click.Context,
    backend: str | None,
    record: str | None,
    no_alias: bool,
    help_: bool,
    arguments: tuple[str, ...],
) -> None:
    """Run pytest with these ARGUMENTS on a chosen backend.

    In the tests `import ttnn` means tthal, and the fixtures of the vendor's unit tests are there: device, mesh_device,
    device_params and their like. Helper modules that those tests import have small stand-ins where they are absent. The
    same as `TTHAL_BACKEND=… python -m pytest -p tthal.ttnn ARGUMENTS`. A conftest.py of the vendor's own wins over the
    fixtures; `--noconftest` leaves it out.

    \b
    tthal pytest -k add tests
    tthal pytest --backend emulator:p150 tests/test_add.py
    """
    if help_:
        click.echo(context.get_help())
        return
    try:
        import pytest
    except ModuleNotFoundError:
        print_problem("pytest is not installed; pip install tthal[conformance], or pytest itself")
        sys.exit(1)
    select(backend, record)
    # As `python -m pytest` does: a checkout's own modules are found from its root.
    sys.path.insert(0, str(Path.cwd()))
    status = int(pytest.main(["-p", "tthal.ttnn", *(["--no-alias"] if no_alias else []), *arguments]))
    if record is not None and not was_recorded(record):
        print_problem(f"nothing was recorded: {record} does not exist, as no test opened a device")
        status = status or 1
    sys.exit(status)
