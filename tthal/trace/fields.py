"""Which fields a record type has: finds unknown ones, and says whether a named one is known.

msgspec ignores unknown fields of dataclasses; in a trace an unknown field is damage, unless a newer minor version may
have added it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect as shapes

from tthal.device_interface import DeviceProperties, LaunchState, ProgramImage
from tthal.trace.schema import CALL_TYPES, Manifest

_ROOTS: dict[str, Any] = {
    **CALL_TYPES,
    "manifest": Manifest,
    "properties": DeviceProperties,
    "image": ProgramImage,
    "state": LaunchState,
}
_Record = (shapes.StructType, shapes.DataclassType)
_Sequence = (shapes.ListType, shapes.VarTupleType, shapes.SetType, shapes.FrozenSetType)


@cache
def shape_of(kind: Any) -> shapes.Type:
    """Return msgspec's description of a type."""
    return shapes.type_info(kind)


@cache
def _fields(kind: Any) -> dict[str, shapes.Type]:
    info = shape_of(kind)
    return {field.encode_name: _plain(field.type) for field in info.fields} if isinstance(info, _Record) else {}


def _plain(shape: shapes.Type) -> shapes.Type:
    """Return the record or container type inside an optional or annotated type."""
    if isinstance(shape, shapes.Metadata):
        return _plain(shape.type)
    if isinstance(shape, shapes.UnionType):
        inner = [kind for kind in shape.types if not isinstance(kind, shapes.NoneType)]
        return _plain(inner[0]) if len(inner) == 1 else shape
    return shape


def remove_unknown(raw: Any, kind: Any) -> list[str]:
    """Delete the fields of decoded JSON that ``kind`` does not have, at any depth; return their paths."""
    return list(_remove(raw, _plain(shape_of(kind)), ""))


def _remove(raw: Any, shape: shapes.Type, path: str) -> Iterator[str]:
    if isinstance(shape, _Record) and isinstance(raw, dict):
        known = _fields(shape.cls)
        tag = shape.tag_field if isinstance(shape, shapes.StructType) else None
        for name in [name for name in raw if name not in known and name != tag]:
            del raw[name]
            yield f"{path}{name}"
        for name, value in raw.items():
            if name in known:
                yield from _remove(value, known[name], f"{path}{name}.")
    elif isinstance(shape, _Sequence) and isinstance(raw, list):
        inner = _plain(shape.item_type)
        if isinstance(inner, (*_Record, *_Sequence, shapes.TupleType)):
            for index, value in enumerate(raw):
                yield from _remove(value, inner, f"{path}{index}.")
    elif isinstance(shape, shapes.TupleType) and isinstance(raw, list):
        for index, (value, inner) in enumerate(zip(raw, shape.item_types, strict=False)):
            yield from _remove(value, _plain(inner), f"{path}{index}.")


def is_known(path: str) -> bool:
    """Whether a dotted field name such as ``write.queue`` or ``image.kernels.defines`` exists in this version."""
    root, *names = path.split(".")
    if root not in _ROOTS:
        return False
    shape = _plain(shape_of(_ROOTS[root]))
    for name in names:
        while isinstance(shape, _Sequence):
            shape = _plain(shape.item_type)
        fields = _fields(shape.cls) if isinstance(shape, _Record) else {}
        if name not in fields:
            return False
        shape = fields[name]
    return True


def all_fields() -> list[str]:
    """Return every field name that :func:`is_known` accepts, sorted: what the format consists of."""
    return sorted(path for root, kind in _ROOTS.items() for path in _paths(_plain(shape_of(kind)), root))


def _paths(shape: shapes.Type, path: str) -> Iterator[str]:
    while isinstance(shape, _Sequence):
        shape = _plain(shape.item_type)
    if isinstance(shape, _Record):
        for name, inner in _fields(shape.cls).items():
            yield f"{path}.{name}"
            yield from _paths(inner, f"{path}.{name}")


def to_builtins(value: Any) -> Any:
    """Return a record as plain JSON values, sets sorted."""
    return msgspec.json.decode(msgspec.json.encode(value, order="deterministic"))
