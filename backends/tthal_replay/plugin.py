"""The entry point of the replay backend."""

from __future__ import annotations

from collections.abc import Mapping

from tthal.device_interface import Backend
from tthal.plugins import hookimpl
from tthal_replay.backend import ReplayBackend


@hookimpl
def tthal_backend() -> Backend:
    """Return the backend."""
    return ReplayBackend()


@hookimpl
def tthal_conformance_profile(backend_name: str) -> Mapping[str, object] | None:
    """Tell the conformance suite that any number of processes may replay at once."""
    return {"parallel": True} if backend_name == ReplayBackend.name else None
