"""What the checks add to tthal: option keys, and an observer on the device that is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tthal.device_interface import Backend
from tthal.plugins import hookimpl
from tthal.selection import Selection

if TYPE_CHECKING:
    import click


@hookimpl
def tthal_device_options() -> Mapping[str, str]:
    """Return ``check`` and the keys that say what becomes of findings."""
    from tthal_check.settings import OPTION_HELP

    return OPTION_HELP


@hookimpl(tryfirst=True)
def tthal_wrap_backend(backend: Backend, selection: Selection) -> Backend | None:
    """Let the checks observe the device, unless they are off."""
    from tthal_check.findings import BY_ID
    from tthal_check.settings import Check, Settings

    settings = Settings.read(selection.option_values, frozenset(BY_ID))
    if settings.check is Check.OFF:
        return None
    from tthal_check.backend import CheckedBackend

    return CheckedBackend(backend, settings)


@hookimpl
def tthal_cli_commands() -> Sequence[click.Command]:
    """Return ``tthal check``."""
    from tthal_check.commands import check_command

    return [check_command]
