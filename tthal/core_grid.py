"""A rectangle of cores as tensors take it (ttnn 0.81.1)."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CoreGrid"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreGrid:
    """A grid of ``x`` columns and ``y`` rows of cores, from (0, 0) on."""

    x: int
    y: int

    @property
    def num_cores(self) -> int:
        """The number of cores."""
        return self.x * self.y

    def __repr__(self) -> str:
        return f"ttnn.CoreGrid(x={self.x}, y={self.y})"
