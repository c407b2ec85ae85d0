"""Memory configs and shard specifications as JSON: the text, and the cores in it, as ttnn 0.81.1 writes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from tthal.coordinates import CoreCoord, CoreRange, CoreRangeSet
from tthal.errors import InvalidArgument

Fields = dict[str, Any]
Made = TypeVar("Made")


def text(fields: Fields) -> str:
    """Return fields as JSON, keys in alphabetical order."""
    return json.dumps(fields, sort_keys=True, separators=(",", ":"))


def read(json_string: str, make: Callable[[Fields], Made], what: str) -> Made:
    """Return what ``make`` makes of a text's fields. Raises InvalidArgument when it is no ``what``."""
    try:
        return make(json.loads(json_string))
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidArgument(f"this is not the JSON of a {what} ({type(error).__name__}: {error})") from error


def of_grid(cores: CoreRangeSet) -> list[Fields]:
    """Return the fields of the rectangles of a grid."""
    return [{"start": _corner(each.start), "end": _corner(each.end)} for each in cores]


def grid(rectangles: list[Fields]) -> CoreRangeSet:
    """Return the grid of some rectangles' fields."""
    return CoreRangeSet([CoreRange(CoreCoord(**each["start"]), CoreCoord(**each["end"])) for each in rectangles])


def _corner(core: CoreCoord) -> Fields:
    return {"x": core.x, "y": core.y}
