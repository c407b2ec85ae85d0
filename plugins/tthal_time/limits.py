"""A limit for a run's device time, for a program's tests in CI: in ns, or in percent above a stored profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tthal.errors import InvalidArgument

from .profile import Profile
from .report import time_text

_UNITS = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}


@dataclass(frozen=True, slots=True)
class Limit:
    """Nanoseconds, or a share above what was stored."""

    nanoseconds: float = 0.0
    share: float | None = None

    def exceeded(self, profiles: Sequence[Profile], stored: Sequence[Profile] | None) -> str | None:
        """Say what is wrong, or return None; a percentage is one of ``stored``."""
        if not profiles:
            return "nothing was launched: there is no device time to hold against the limit"
        if self.share is not None and not stored:
            return "the stored profile has no launch: there is no device time to hold this one against"
        now = sum(profile.nanoseconds for profile in profiles)
        limit, of = self.nanoseconds, ""
        if self.share is not None:
            before = sum(profile.nanoseconds for profile in stored or ())
            limit, of = before * (1 + self.share), f", {self.share:.1%} above the stored {time_text(before)}"
        if now <= limit:
            return None
        return f"device time {time_text(now)} is above the limit of {time_text(limit)}{of}"


def parse_limit(text: str, *, stored: bool = True) -> Limit:
    """Read ``5000``, ``5us`` or ``3%``.

    Args:
        stored: whether there is a profile to compare with.

    Raises:
        InvalidArgument: it is none of them, or a percentage with nothing to compare with.
    """
    number, unit = text.strip(), "ns"
    for ending in ("%", *sorted(_UNITS, key=len, reverse=True)):
        if number.endswith(ending):
            number, unit = number[: -len(ending)].strip(), ending
            break
    try:
        value = float(number)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise InvalidArgument(f"--fail-above {text}: a time (ns, us, ms, s) or a percentage is wanted")
    if unit != "%":
        return Limit(value * _UNITS[unit])
    if not stored:
        raise InvalidArgument("--fail-above PERCENT says how much slower than a stored profile: add --against FILE")
    return Limit(share=value / 100)
