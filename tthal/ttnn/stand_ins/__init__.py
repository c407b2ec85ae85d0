"""Modules of ours for those that the vendor's unit tests import, where these are absent: comparisons, boards, a logger.

A module that is installed, or lies on ``sys.path``, is never replaced: the finder is asked last.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_SOURCES: dict[str, tuple[str, ...]] = {
    "loguru": ("loguru",),
    "tracy": ("tracy",),
    "models.common.utility_functions": ("boards", "comparisons", "conversions"),
    "models.utility_functions": ("boards", "comparisons", "conversions"),
    "tests.tt_eager.python_api_testing.sweep_tests.comparison_funcs": ("comparisons",),
    "tests.ttnn.utils_for_testing": ("comparisons", "conversions"),
    "tests.ttnn.python_api_testing.sweep_tests.comparison_funcs": ("comparisons",),
}
"""The modules that are stood in for, with the modules here whose names they have."""


class StandIn(ModuleType):
    """A module with the names of some of ours; others say whose they are."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or self.__name__ not in _SOURCES:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        raise AttributeError(
            f"{self.__name__} is a small stand-in of tthal, because the vendor's is not on sys.path; it has no "
            f"{name!r}: put a checkout of tt-metal on PYTHONPATH",
            name=name,
        )


class _Finder(MetaPathFinder, Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        is_package = any(name.startswith(f"{fullname}.") for name in _SOURCES)
        if fullname not in _SOURCES and not is_package:
            return None
        return ModuleSpec(fullname, self, is_package=is_package, origin="tthal")

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Fill the module with the names of its sources."""
        for source in _SOURCES.get(module.__name__, ()):
            names = vars(import_module(f"tthal.ttnn.stand_ins.{source}"))
            module.__dict__.update({name: value for name, value in names.items() if not name.startswith("_")})


_finder = _Finder()


def install() -> None:
    """Stand in for modules that nobody else has."""
    if _finder not in sys.meta_path:
        sys.meta_path.append(_finder)


def uninstall() -> None:
    """Stand in no longer."""
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    for name in [name for name, module in sys.modules.items() if isinstance(module, StandIn)]:
        del sys.modules[name]
