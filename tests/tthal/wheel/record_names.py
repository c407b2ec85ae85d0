"""Record the names, parameters and enumeration members of the vendor's Python package as a table.

Runs in an interpreter that has ``ttnn`` installed, on the vendor's mock device (no card is needed):

    TT_METAL_MOCK_CLUSTER_DESC_PATH=n150.yaml python record_names.py names-0.81.1.json vendor_names.txt

What is recorded are facts alone: which names there are, how their parameters are called, which of them have defaults.
The second file, which the package ships, has the names alone, by kind.
"""

from __future__ import annotations

import enum
import inspect
import json
import sys
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

SPECIAL = (
    "__init__",
    "__getitem__",
    "__setitem__",
    "__len__",
    "__iter__",
    "__eq__",
    "__call__",
    "__enter__",
    "__exit__",
)
MODULES = ("device", "types", "operations", "experimental", "distributed", "core", "graph", "profiler", "tools")
_ABOUT_DATA = """
    allocate_tensor_on_device arange clone copy copy_device_to_host_tensor copy_host_to_device_tensor deallocate
    empty empty_like from_buffer from_device from_torch full full_like generic_op ones ones_like rand reallocate
    reshape squeeze to_device to_dtype to_layout to_memory_config to_torch typecast unsqueeze unsqueeze_to_4D view
    zeros zeros_like
"""
ABOUT_DATA = frozenset(_ABOUT_DATA.split())
"""Operations whose parameters are recorded; the others compute, and of them only the names matter."""


def main() -> None:
    """Write the table to the first file that is named, and the names to the second."""
    import ttnn

    modules = {f"ttnn.{name}": getattr(ttnn, name) for name in MODULES}
    modules |= {f"ttnn._ttnn.{name}": each for name, each in vars(ttnn._ttnn).items() if inspect.ismodule(each)}
    table = {
        "version": version("ttnn"),
        "names": {name: described(getattr(ttnn, name), name) for name in public(ttnn)},
        "modules": {name: public(module) for name, module in sorted(modules.items())},
    }
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        out.write(compact(table))
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        out.writelines(by_kind(table))


def compact(table: dict[str, Any]) -> str:
    """Return the table as JSON with a line for every name."""
    lines = [f"{json.dumps(name)}: {json.dumps(each)}" for name, each in sorted(table["names"].items())]
    rest = {key: value for key, value in table.items() if key != "names"}
    return json.dumps(rest, sort_keys=True)[:-1] + ', "names": {\n' + ",\n".join(lines) + "\n}}\n"


def by_kind(table: dict[str, Any]) -> Iterator[str]:
    """Return the lines of the list of names."""
    yield f"# The names of ttnn {table['version']} by kind; record_names.py prints them.\n"
    names = table["names"]
    for kind in sorted({each["kind"] for each in names.values()}):
        yield f"{kind}: {' '.join(sorted(name for name, each in names.items() if each['kind'] == kind))}\n"


def public(owner: Any) -> list[str]:
    """List a module's names without those that importing left behind."""
    return sorted(
        name for name, value in vars(owner).items() if not name.startswith("__") and not is_foreign_module(value)
    )


def is_foreign_module(value: Any) -> bool:
    """Whether something is a module of another package."""
    return inspect.ismodule(value) and not value.__name__.startswith("ttnn")


def described(value: Any, name: str = "") -> dict[str, Any]:
    """Return the kind of something with its parameters, members or attributes."""
    if inspect.ismodule(value):
        return {"kind": "module"}
    if isinstance(value, type) and issubclass(value, enum.Enum):
        return {"kind": "enum", "members": {name: int(each.value) for name, each in value.__members__.items()}}
    if isinstance(value, type):
        return {"kind": "class", "attributes": dict(attributes(value))}
    if type(value).__name__ == "FastOperation":
        called = _without_self(overloads(_called(value.function))) if name in ABOUT_DATA else []
        return {"kind": "operation", "overloads": called}
    if callable(value):
        return {"kind": "function", "overloads": overloads(value)}
    return {"kind": "value", "type": type(value).__name__}


def _called(function: Any) -> Any:
    return function if inspect.isfunction(function) else type(function).__call__


def _without_self(found: list[list[str]]) -> list[list[str]]:
    return [each[1:] if each[:1] == ["self"] else each for each in found]


def attributes(kind: type) -> Iterator[tuple[str, Any]]:
    """Walk what a class offers: methods with their parameters, properties and whether they can be set, constants."""
    for name in sorted(dir(kind)):
        if name.startswith("_") and name not in SPECIAL:
            continue
        value = inspect.getattr_static(kind, name)
        if isinstance(value, property):
            yield name, {"kind": "property", "settable": value.fset is not None}
        elif isinstance(value, type) and issubclass(value, enum.Enum):
            yield name, described(value)
        elif callable(value) or isinstance(value, (staticmethod, classmethod)):
            if getattr(object, name, None) is not value:
                yield name, {"kind": "method", "overloads": overloads(getattr(kind, name))}
        else:
            yield name, {"kind": "value", "type": type(value).__name__}


def overloads(function: Any) -> list[list[str]]:
    """Return the parameters of every way to call something: ``name``, ``name=`` with a default, ``*``, ``/``."""
    signatures = getattr(function, "__nb_signature__", None)
    if signatures is not None:
        return [_parameters_of(signature[0]) for signature in signatures]
    try:
        return [_parameters(inspect.signature(function))]
    except (TypeError, ValueError):
        return []


def _parameters_of(line: str) -> list[str]:
    # nanobind writes types that are no Python and puts parameters without default behind others, so no parser helps.
    return [_name_of(each) for each in _split(line.partition("(")[2])]


def _split(inside: str) -> Iterator[str]:
    depth, quoted, start = 0, "", 0
    for place, letter in enumerate(inside):
        if quoted:
            quoted = "" if letter == quoted else quoted
        elif letter in "\"'":
            quoted = letter
        elif letter in "([{<":
            depth += 1
        elif letter in "]}>" or (letter == ")" and depth):
            depth -= 1
        elif letter in ",)" and not depth:
            if inside[start:place].strip():
                yield inside[start:place].strip()
            if letter == ")":
                return
            start = place + 1


def _name_of(parameter: str) -> str:
    name = parameter.partition(":")[0].partition("=")[0].strip().replace("\\", "")
    return name + ("=" if parameter.rpartition("]")[2].count("=") and not name.startswith("*") else "")


def _parameters(signature: inspect.Signature) -> list[str]:
    names, keyword_only = [], False
    for name, each in signature.parameters.items():
        if each.kind is each.VAR_POSITIONAL:
            names, keyword_only = [*names, f"*{name}"], True
        elif each.kind is each.VAR_KEYWORD:
            names.append(f"**{name}")
        else:
            if each.kind is each.KEYWORD_ONLY and not keyword_only:
                names, keyword_only = [*names, "*"], True
            names.append(name + ("=" if each.default is not each.empty else ""))
    return names


if __name__ == "__main__":
    main()
