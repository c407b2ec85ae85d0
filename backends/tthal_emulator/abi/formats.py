"""The frontend's enumerations that kernels name too; their values are the hardware's codes (host-api.md §3)."""

from __future__ import annotations

from tthal.types import DataFormat, MathFidelity

from .vocabulary import exported

SHARED = (
    exported("uint8_t", namespace="")(DataFormat),
    exported("uint8_t", namespace="ckernel")(MathFidelity),
)
"""The enumerations, which say themselves what they mean to C++."""
