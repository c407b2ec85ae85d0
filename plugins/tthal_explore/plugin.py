"""The entry point of the exploring commands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tthal.plugins import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def tthal_cli_commands() -> Sequence[click.Command]:
    """Return ``tthal explore`` and ``tthal explore-results``."""
    from tthal_explore.commands import explore_command, results_command

    return [explore_command, results_command]
