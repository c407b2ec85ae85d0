"""One step per major version of the format: each turns a record of its version into the next version's, as plain JSON.

A step is pure and looks at one record at a time, so old traces are read at full speed and in bounded memory. Steps are
never edited after a release; a new major adds one. There is one major so far, hence no step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tthal.errors import TraceFormatError

Step = Callable[[dict[str, Any]], dict[str, Any]]


def unchanged(record: dict[str, Any]) -> dict[str, Any]:
    """Return the record as it is."""
    return record


@dataclass(frozen=True, slots=True)
class Migration:
    """How the records of major version ``source`` become those of ``source + 1``."""

    source: int
    manifest: Step = unchanged
    call: Step = unchanged
    image: Step = unchanged
    state: Step = unchanged
    properties: Step = unchanged


MIGRATIONS: tuple[Migration, ...] = ()


def chain(major: int, current: int, steps: Sequence[Migration] = MIGRATIONS) -> tuple[Migration, ...]:
    """Return the steps from one major version to the current one, in order.

    Raises:
        TraceFormatError: a step is missing.
    """
    by_source = {step.source: step for step in steps}
    missing = [version for version in range(major, current) if version not in by_source]
    if missing:
        raise TraceFormatError(
            f"the trace has format version {major}, which this tthal (format version {current}) cannot convert: the "
            f"step from version {missing[0]} is missing; record the trace again"
        )
    return tuple(by_source[version] for version in range(major, current))
