"""What becomes of names that tthal does not have: operations run on the host, others say where they belong."""

from __future__ import annotations

from typing import Any

from tthal.kit.suggestions import did_you_mean
from tthal.ttnn.layers import layer_of, vendor_names


def look_up(name: str, module: str = "ttnn") -> Any:
    """Return an operation of the host reference.

    Raises:
        AttributeError: there is none; says which layer of the vendor's package the name belongs to, whether it is
            planned, and what is nearest.
    """
    from tthal.ttnn import host_reference, namespace

    if module == "ttnn" and namespace.exists(f"ttnn.{name}"):
        return namespace.module(f"ttnn.{name}")
    if module == "ttnn" and not name.startswith("_"):
        operation = host_reference.operation(name)
        if operation is not None:
            return operation
    raise AttributeError(explain(name, module), name=name)


def explain(name: str, module: str = "ttnn") -> str:
    """Say why tthal has no such name."""
    if name.startswith("__"):
        return f"module {module!r} has no attribute {name!r}"
    layer, known = layer_of(name), name in vendor_names()
    if module != "ttnn":
        layer = layer_of(module.partition(".")[2].partition(".")[0]) or layer
    if layer is None:
        whose = "one of the vendor's names that tthal does not have" if known else "no name of ttnn or tthal"
        return f"{module}.{name} is {whose}.{_nearest(name)}"
    plan = "planned, but not there yet" if layer.planned else "not planned"
    return (
        f"{module}.{name} belongs to {layer.name}, which tthal does not have ({plan}): {layer.advice}.{_nearest(name)}"
    )


def _nearest(name: str) -> str:
    import tthal
    from tthal.ttnn import host_reference

    return did_you_mean(name, sorted({*tthal.__all__, *host_reference.NAMES}))
