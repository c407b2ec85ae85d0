"""The card as a backend plugin: cheap to import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tthal.plugins import CacheInfo, cache_info, hookimpl

if TYPE_CHECKING:
    import click

    from tthal.device_interface import Backend


@hookimpl
def tthal_backend() -> Backend:
    """Return the backend."""
    from tthal_metal.backend import MetalBackend

    return MetalBackend()


@hookimpl
def tthal_cli_commands() -> Sequence[click.Command]:
    """Return the ``metal`` group."""
    from tthal_metal.commands import metal

    return [metal]


@hookimpl
def tthal_conformance_profile(backend_name: str) -> object | None:
    """Return what the conformance suite should know about the card, the simulator or the mock device in use."""
    from tthal_metal.conformance import profile

    return profile() if backend_name == "metal" else None


@hookimpl
def tthal_caches() -> Sequence[CacheInfo]:
    """Return the cache of shims and kernel sources."""
    from tthal_metal.build import metal_cache

    return [cache_info("metal", metal_cache())]
