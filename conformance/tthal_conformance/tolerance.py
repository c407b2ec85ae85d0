"""How far a device's values may lie from the expected ones, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum


class Form(Enum):
    """A number format for which errors are also counted in units in the last place; the value is its mantissa bits."""

    BFLOAT16 = 7
    FLOAT16 = 10
    FLOAT32 = 23
    BFP8 = 6
    BFP4 = 2


@dataclass(frozen=True, slots=True)
class Tolerance:
    """``|actual - expected| <= relative * |expected| + scaled * scale + absolute``, where a check gives ``scale``.

    Attributes:
        reason: why values may differ, in one sentence.
        form: the format whose ulp the report counts in; None for values that must be equal.
    """

    reason: str
    relative: float = 0.0
    scaled: float = 0.0
    absolute: float = 0.0
    form: Form | None = None

    @property
    def is_exact(self) -> bool:
        """Whether values must be equal."""
        return not (self.relative or self.scaled or self.absolute)

    def between_two(self) -> Tolerance:
        """Return how far two devices' values may lie apart that are each within this one of the truth."""
        return replace(self, relative=2 * self.relative, scaled=2 * self.scaled, absolute=2 * self.absolute)

    def __str__(self) -> str:
        if self.is_exact:
            return "equal"
        named = (("relative", self.relative), ("scaled", self.scaled), ("absolute", self.absolute))
        return ", ".join(f"{name} {value:g}" for name, value in named if value)


EXACT = Tolerance("bytes and integers are moved and computed without rounding")
