"""What the suite adds to the ``tthal`` command; imports nothing that needs pytest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tthal.plugins import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def tthal_cli_commands() -> Sequence[click.Command]:
    """Return ``tthal conformance`` and ``tthal racebench``."""
    from tthal_conformance.cli import conformance
    from tthal_conformance.racebench.commands import racebench

    return [conformance, racebench]
