"""The plugin system: what a plugin's author needs is :data:`hookimpl` and the hooks of ``tthal.plugins.hookspecs``."""

from tthal.plugins.hookspecs import CacheInfo, cache_info, hookimpl

__all__ = ["CacheInfo", "cache_info", "hookimpl"]
