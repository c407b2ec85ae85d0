"""How tensors print, and ``set_printoptions`` (ttnn 0.81.1): how much, how precisely, in powers of ten or not."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tthal.errors import InvalidArgument, WrongType
from tthal.tensor.arrays import Array

PROFILES = ("short", "full", "empty")
SHOWN_WHOLE = 32
"""Values up to which the short profile prints all of them."""


@dataclass(slots=True)
class PrintOptions:
    """What :func:`set_printoptions` sets."""

    profile: str = "short"
    precision: int = 4
    sci_mode: bool | None = None


OPTIONS = PrintOptions()
"""The ones in force, for all tensors."""


def set_printoptions(
    *, profile: str, sci_mode: bool | Literal["default"] | None = "default", precision: int = 4
) -> None:
    """Set how tensors print.

    Args:
        profile: ``short`` leaves values out of large tensors, ``full`` none, ``empty`` all.
        sci_mode: powers of ten: True, False, or as the values need them (None, "default").
        precision: digits after the decimal point.

    Raises:
        InvalidArgument: there is no such profile, or the precision is negative.
        TypeError: sci_mode is something else.
    """
    if profile.lower() not in PROFILES:
        raise InvalidArgument(f"profile {profile!r} is none of {', '.join(PROFILES)}")
    if precision < 0:
        raise InvalidArgument(f"precision is {precision}; give the number of digits after the decimal point")
    if not isinstance(sci_mode, bool) and sci_mode not in (None, "default"):
        raise WrongType(f"sci_mode is True, False, None or 'default', not {sci_mode!r}")
    OPTIONS.profile, OPTIONS.precision = profile.lower(), precision
    OPTIONS.sci_mode = sci_mode if isinstance(sci_mode, bool) else None


def text_of(values: Array, prefix: str) -> str:
    """Return a tensor's values as text, continued under ``prefix``."""
    if OPTIONS.profile == "empty":
        return "..."
    formats: dict[str, Any] = {}
    if OPTIONS.sci_mode is not None:
        form = f".{OPTIONS.precision}{'e' if OPTIONS.sci_mode else 'f'}"
        formats["formatter"] = {"float_kind": lambda value: format(value, form)}
    most = sys.maxsize if OPTIONS.profile == "full" else SHOWN_WHOLE
    return np.array2string(
        values, separator=", ", threshold=most, prefix=prefix, precision=OPTIONS.precision, **formats
    )
