"""From a schedule that fails to the smallest one that still does."""

from __future__ import annotations

from collections.abc import Callable


def shrink(decisions: list[str], fails: Callable[[list[str]], bool], most: int) -> list[str]:
    """Return the fewest decisions found that still fail, leaving out parts of them, large ones first.

    Delta debugging (Zeller, Hildebrandt: Simplifying and Isolating Failure-Inducing Input, 2002): of what it returns no
    single decision can be left out, unless ``most`` tries did not suffice.
    """
    tries = 0
    parts = 2
    while len(decisions) >= 1 and tries < most:
        size = -(-len(decisions) // parts)
        for begin in range(0, len(decisions), size):
            rest = decisions[:begin] + decisions[begin + size :]
            tries += 1
            if fails(rest):
                decisions, parts = rest, max(parts - 1, 2)
                break
            if tries == most:
                return decisions
        else:
            if size == 1:
                return decisions
            parts = min(2 * parts, len(decisions))
    return decisions
