"""The entry point of the replay backend."""

from __future__ import annotations

from tthal.device_interface import Backend
from tthal.plugins import hookimpl
from tthal_replay.backend import ReplayBackend


@hookimpl
def tthal_backend() -> Backend:
    """Return the backend."""
    return ReplayBackend()
