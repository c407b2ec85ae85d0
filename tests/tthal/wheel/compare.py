"""Compare tthal's public names with the table of the vendor's: what is missing, what is called otherwise.

    python tests/tthal/wheel/compare.py

prints what is left: differences that are listed with their reasons, and names by the layer they belong to.
"""

from __future__ import annotations

import enum
import inspect
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import tthal
from tthal.ttnn import inner, moving
from tthal.ttnn.host_reference import NAMES as HOST_OPERATIONS
from tthal.ttnn.layers import layer_of

TABLE = Path(__file__).resolve().parent.parent / "data" / "ttnn-0.81.1-names.json"

OWN_VALUES = {"Arch": "tthal's values are the names that the vendor's get_arch_name() returns"}
"""Enumerations whose members have other values here, and why."""


def table() -> dict[str, Any]:
    """Return the vendor's side."""
    loaded: dict[str, Any] = json.loads(TABLE.read_text(encoding="utf-8"))
    return loaded


def differences() -> Iterator[str]:
    """Walk what tthal has too but calls or shapes otherwise: ``name(…)``, ``Class.attribute`` or ``Enum.MEMBER``."""
    for name, theirs in table()["names"].items():
        if name in tthal.__all__:
            yield from _compare(name, theirs, getattr(tthal, name))


def missing() -> dict[str, str]:
    """Return the vendor's names that tthal does not have, with the layer they belong to; an empty one is nobody's."""
    found = {}
    for name in table()["names"]:
        if name not in {*tthal.__all__, *HOST_OPERATIONS, *moving.OPERATIONS, *inner.WHOLE}:
            layer = layer_of(name)
            found[name] = "" if layer is None else layer.name
    return found


def _compare(name: str, theirs: dict[str, Any], ours: Any) -> Iterator[str]:
    if theirs["kind"] == "enum":
        yield from _compare_members(name, theirs["members"], ours)
    elif theirs["kind"] == "class":
        yield from _compare_class(name, theirs["attributes"], ours)
    elif theirs["kind"] in ("function", "operation"):
        yield from (f"{name}({', '.join(each)})" for each in theirs["overloads"] if not _can_be_called(ours, each))


def _compare_members(name: str, theirs: dict[str, int], ours: type[enum.Enum]) -> Iterator[str]:
    for member, value in theirs.items():
        if member not in ours.__members__:
            yield f"{name}.{member}"
        elif name not in OWN_VALUES and ours.__members__[member].value != value:
            yield f"{name}.{member} = {value}"


def _compare_class(name: str, theirs: dict[str, Any], ours: type) -> Iterator[str]:
    for attribute, each in theirs.items():
        yield from (f"{name}.{found}" for found in _compare_attribute(attribute, each, ours))


def _compare_attribute(attribute: str, theirs: dict[str, Any], ours: type) -> Iterator[str]:
    mine = inspect.getattr_static(ours, attribute, None)
    if mine is None and attribute not in _fields(ours) and not hasattr(_instance(ours), attribute):
        yield attribute
    elif theirs["kind"] == "enum":
        yield from _compare_members(attribute, theirs["members"], getattr(ours, attribute))
    elif theirs["kind"] == "property":
        if isinstance(mine, property) and mine.fset is None and theirs["settable"]:
            yield f"{attribute} cannot be set"
    elif theirs["kind"] == "method":
        bound = ours if attribute == "__init__" else getattr(ours, attribute, mine)
        if not callable(bound):
            yield f"{attribute} is no method"
            return
        bound = bound if attribute == "__init__" or isinstance(mine, staticmethod) else _without_self(bound)
        for each in theirs["overloads"]:
            if each == ["self"] and isinstance(mine, staticmethod):
                continue  # a function that the vendor binds with its only argument in the place of self
            if not _can_be_called(bound, each[1:] if each[:1] == ["self"] else each):
                yield f"{attribute}({', '.join(each)})"


def _fields(ours: type) -> set[str]:
    return {*getattr(ours, "__dataclass_fields__", ()), *getattr(ours, "__annotations__", ())}


def _instance(ours: type) -> object:
    """Return an object made of nothing, whose attributes are those that the constructor sets; None if there is none."""
    try:
        return ours()
    except (TypeError, ValueError, tthal.TthalError):
        return None


def _without_self(method: Any) -> Any:
    def call(*given: Any, **named: Any) -> None:
        inspect.signature(method).bind(*given, **named)

    signature = inspect.signature(method)
    parameters = list(signature.parameters.values())
    if parameters and parameters[0].name == "self":
        signature = signature.replace(parameters=parameters[1:])
    call.__signature__ = signature  # type: ignore[attr-defined]
    return call


def _can_be_called(ours: Callable[..., Any], parameters: list[str]) -> bool:
    """Whether a call binds with the vendor's parameters, by position as far as they go, and by name."""
    if any(each.startswith("*") and len(each) > 1 for each in parameters):
        return True
    positional, named = _split(parameters)
    try:
        signature = inspect.signature(ours)
    except ValueError:
        return True  # made of a number, as int is
    try:
        signature.bind(*positional, **{each: None for each in named if each not in positional})
        if "/" not in parameters and not any(each.startswith("arg") for each in positional):
            signature.bind(**dict.fromkeys([*positional, *named]))
    except TypeError:
        return False
    return True


def _split(parameters: list[str]) -> tuple[list[str], list[str]]:
    plain = [each.rstrip("=") for each in parameters if each != "/"]
    if "*" in plain:
        place = plain.index("*")
        return plain[:place], plain[place + 1 :]
    return plain, []


def main() -> None:
    """Print what is left."""
    print("called or shaped otherwise:")
    for each in differences():
        print(" ", each)
    left = missing()
    for layer in sorted(set(left.values())):
        names = [name for name, whose in left.items() if whose == layer]
        print(f"{layer or 'nobody'}: {len(names)}: {' '.join(names)}")


if __name__ == "__main__":
    main()
