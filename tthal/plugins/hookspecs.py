"""The hooks a plugin module may implement, marked with :data:`hookimpl`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    import click

    from tthal.device_interface import Backend, EventSink
    from tthal.kit.cache import Cache
    from tthal.selection import Selection

PROJECT = "tthal"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """A cache on disk, for ``tthal cache``: its size in bytes, what empties it, and the size it keeps to (0: none)."""

    name: str
    path: Path
    size: int
    clear: Callable[[], object]
    limit: int = 0


def cache_info(name: str, cache: Cache) -> CacheInfo:
    """Return what ``tthal cache`` says of one of the kit's caches."""
    found = cache.size()
    return CacheInfo(name, found.folder, found.size, cache.clear, found.limit)


@hookspec
def tthal_backend() -> Backend:  # type: ignore[empty-body]
    """Return the backend; only modules of the entry-point group ``tthal.backends`` are asked."""


@hookspec
def tthal_wrap_backend(backend: Backend, selection: Selection) -> Backend | None:
    """Return a Backend around ``backend``, or None to leave it as it is.

    Wrappers are applied in the order of their entry-point names, or in the order of ``TTHAL_PLUGINS``: the first lies
    next to the backend, the last next to the program. ``tryfirst`` and ``trylast`` move one to the ends.
    """


@hookspec
def tthal_device_options() -> Mapping[str, str]:  # type: ignore[empty-body]
    """Return option keys that this plugin reads from the selection, each with one line of help: ``check``, ``time``.

    They are valid on every backend whose device declares ``Capability.OBSERVABLE`` and an error that says so on others.
    The backend does not see them: the plugin finds them in ``selection.option_values`` when it is asked for its event
    sink or wrapper, and raises SelectionError there when a value is wrong.
    """


@hookspec
def tthal_cli_commands() -> Sequence[click.Command]:  # type: ignore[empty-body]
    """Return commands (or groups) to add to ``tthal``."""


@hookspec
def tthal_event_sink(device_id: int, selection: Selection) -> EventSink | None:
    """Return what receives the events of a device that is about to be opened, or None."""


@hookspec
def tthal_conformance_profile(backend_name: str) -> object | None:
    """Return what the conformance suite should know about a backend, or None for another plugin's backend."""


@hookspec
def tthal_caches() -> Sequence[CacheInfo]:  # type: ignore[empty-body]
    """Return the caches this plugin keeps on disk."""
