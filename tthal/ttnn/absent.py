"""What becomes of names that tthal does not have: operations run on the host, others say where they belong."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tthal.kit.suggestions import did_you_mean
from tthal.ttnn import host_reference, moving
from tthal.ttnn.layers import OPERATIONS, layer_of, vendor_names


def look_up(name: str, whole: ModuleType, module: str = "ttnn") -> Any:
    """Return an operation of the host reference; ``whole`` is the module of all names, for suggestions.

    Raises:
        AttributeError: there is none; says which layer of the vendor's package the name belongs to, whether it is
            planned, and what is nearest.
    """
    if module == "ttnn" and not name.startswith("_"):
        operation = host_reference.operation(name) or moving.OPERATIONS.get(name)
        if operation is not None:
            return operation
    raise AttributeError(explain(name, whole, module), name=name)


def explain(name: str, whole: ModuleType, module: str = "ttnn") -> str:
    """Say why tthal has no such name."""
    if name.startswith("__"):
        return f"module {module!r} has no attribute {name!r}"
    layer, known = layer_of(name), name in vendor_names()
    if module != "ttnn" and layer in (None, OPERATIONS):
        layer = layer_of(module.partition(".")[2].partition(".")[0]) or layer
    if layer is None:
        whose = "one of the vendor's names that tthal does not have" if known else "no name of ttnn or tthal"
        return f"{module}.{name} is {whose}.{_nearest(name, whole)}"
    plan = "planned, but not there yet" if layer.planned else "not planned"
    where = f"{module}.{name} belongs to {layer.name}, which tthal does not have ({plan})"
    return f"{where}: {layer.advice}.{_nearest(name, whole)}"


def _nearest(name: str, whole: ModuleType) -> str:
    return did_you_mean(name, sorted({*whole.__all__, *host_reference.NAMES, *moving.OPERATIONS}))
