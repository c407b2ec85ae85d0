"""The modules that stand for ``ttnn`` and its submodules: tthal's names, and words for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from tthal._version import __version__
from tthal.ttnn import absent, chips, inner, moving, settings

NAME = "ttnn"

_SUBMODULES = """
    _ttnn _ttnn.cluster _ttnn.core _ttnn.device _ttnn.events _ttnn.global_circular_buffer _ttnn.global_semaphore
    _ttnn.multi_device _ttnn.operations _ttnn.operations.generic _ttnn.operations.trace _ttnn.program_descriptor
    _ttnn.tensor _ttnn.tensor_accessor_args _ttnn.types _ttnn.profiler _ttnn.fabric _ttnn.graph _ttnn.bfp_utils
    cluster core device distributed distributed.distributed events experimental graph operations operations.core
    operations.trace profiler program_descriptor tensor tools tracer transformer types database
"""
SUBMODULES = frozenset(_SUBMODULES.split())
"""Submodules that programs import; each holds the names of the whole, and says what is missing by its own name."""


class Namespace(ModuleType):
    """A module whose names are those of ``whole``, which is tthal; absent ones are looked up, or explained."""

    def __init__(self, name: str, whole: ModuleType, extra: Mapping[str, Any]) -> None:
        super().__init__(name, "tthal in the place of the vendor's package, see tthal.ttnn")
        self._whole = whole
        self.__file__ = whole.__file__
        self.__path__ = []
        self.__spec__ = ModuleSpec(name, None, origin=whole.__file__, is_package=True)
        self.__package__ = name
        self.__dict__.update(extra)

    def __getattr__(self, name: str) -> Any:
        if f"{self.__name__}.{name}" in _PATHS:
            return module(f"{self.__name__}.{name}", self._whole)
        if name in self._whole.__all__:
            return getattr(self._whole, name)
        return absent.look_up(name, self._whole, self.__name__)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._whole.__all__})


def module(name: str, whole: ModuleType) -> ModuleType:
    """Return the module of this name, ``ttnn`` or one below it, making it if it is new."""
    known = _modules.get(name)
    if known is None:
        known = _modules[name] = Namespace(name, whole, _extra(name))
    return known


def look_up(name: str, whole: ModuleType) -> Any:
    """Return what ``whole`` itself lacks: a submodule, or what :func:`absent.look_up` gives."""
    return module(f"{NAME}.{name}", whole) if exists(f"{NAME}.{name}") else absent.look_up(name, whole)


def exists(name: str) -> bool:
    """Whether there is such a module."""
    return name == NAME or name in _PATHS


_modules: dict[str, ModuleType] = {}
"""The modules that were asked for; only importing registers one, so that the vendor's package is never mixed in."""

_PATHS = frozenset(f"{NAME}.{each}" for each in SUBMODULES)


def _extra(name: str) -> dict[str, Any]:
    if name == NAME:
        return {"__version__": __version__, **settings.configuration(), **inner.WHOLE, **moving.OVER_ARRAYS}
    return dict(_EXTRAS.get(name.removeprefix(f"{NAME}.").removeprefix("_ttnn."), {}))


_EXTRAS: dict[str, dict[str, Any]] = {
    "bfp_utils": inner.BFP_UTILS,
    "cluster": chips.CLUSTER,
    "core": inner.CORE,
    "device": {**chips.DEVICE, **inner.DEVICE},
    "program_descriptor": inner.PROGRAM_DESCRIPTOR,
    "database": settings.database(),
    "tracer": settings.tracer(),
}
"""What submodules hold beside the names of the whole."""
