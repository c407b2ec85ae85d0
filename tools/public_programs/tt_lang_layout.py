"""A pytest plugin: tt-lang's Python modules as its build lays them out, without the parts that MLIR makes.

The build puts ``python/ttl`` and ``python/utils`` of the checkout into one package ``ttl``; a program finds its imports
there when this runs in the checkout.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace


def lay_out() -> None:
    """Make the package, and the names of MLIR's types that its modules import."""
    package, dialects = ModuleType("ttl"), ModuleType("ttmlir.dialects")
    package.__path__ = [str(Path("python/ttl").resolve()), str(Path("python").resolve())]
    dialects.ttcore = SimpleNamespace(DataType=SimpleNamespace())  # type: ignore[attr-defined]
    sys.modules.update({"ttl": package, "ttmlir": ModuleType("ttmlir"), "ttmlir.dialects": dialects})


lay_out()
