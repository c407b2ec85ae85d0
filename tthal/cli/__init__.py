"""The command line: ``tthal backends``, ``doctor``, ``run``, ``cache``, and what plugins add."""

from __future__ import annotations


def main() -> None:
    """Run the command line with the process's arguments."""
    from tthal.cli.root import tthal

    tthal()
