"""``import ttnn`` means tthal: the finder that answers for the name, and its end."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

import tthal
from tthal.ttnn import namespace, operators, stand_ins

ALIAS_VARIABLE = "TTHAL_ALIAS"
"""Set to 0, ``import ttnn`` means the vendor's package also under ``tthal run`` and ``tthal pytest``."""


class _Finder(MetaPathFinder, Loader):
    """Answers for ``ttnn``, the modules below it, and stand-ins for modules that are not installed."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if namespace.exists(fullname):
            return ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return namespace.module(spec.name, tthal)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: the module is whole."""


_finder = _Finder()


def install() -> None:
    """Let ``import ttnn`` mean tthal in this process; twice is as once.

    An installed ``ttnn`` stays where it is: the metal backend looks for its files, and other processes import it.
    """
    if _finder not in sys.meta_path:
        _forget()
        sys.meta_path.insert(0, _finder)
        stand_ins.install()
        operators.attach()


def uninstall() -> None:
    """Let ``import ttnn`` mean what it meant before."""
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
        _forget()
        stand_ins.uninstall()


def installed() -> bool:
    """Whether ``import ttnn`` means tthal here."""
    return _finder in sys.meta_path


def _forget() -> None:
    for name in [name for name in sys.modules if name == namespace.NAME or name.startswith(f"{namespace.NAME}.")]:
        del sys.modules[name]
