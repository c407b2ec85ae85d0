"""What the timing model adds to tthal: an option key, an observer on the device that is opened, ``tthal profile``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tthal.device_interface import Backend
from tthal.plugins import hookimpl
from tthal.selection import Selection

if TYPE_CHECKING:
    import click


@hookimpl
def tthal_device_options() -> Mapping[str, str]:
    """Return ``time``."""
    from tthal_time.settings import OPTION_HELP

    return OPTION_HELP


@hookimpl
def tthal_cli_commands() -> Sequence[click.Command]:
    """Return ``tthal profile``."""
    from tthal_time.command import profile_command

    return [profile_command]


@hookimpl
def tthal_wrap_backend(backend: Backend, selection: Selection) -> Backend | None:
    """Let the model observe the device when it is asked for."""
    from tthal_time.settings import TIME_VARIABLE, is_on

    asked = TIME_VARIABLE if os.environ.get(TIME_VARIABLE) else "time=on"
    if not is_on(selection.option_values, os.environ):
        return None
    from tthal_time.backend import TimedBackend
    from tthal_time.session import profiled

    return TimedBackend(backend, profiled, asked)
