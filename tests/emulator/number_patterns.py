"""Patterns of float32 as operands, and a comparison that names the first one that differs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Patterns = npt.NDArray[np.uint32]


def scaled(fractions: Patterns, rng: np.random.Generator) -> Patterns:
    """Numbers with these fractions, of both signs, from 2^-40 to 2^40."""
    exponents = rng.integers(87, 168, fractions.shape).astype(np.uint32) << 23
    signs = rng.integers(0, 2, fractions.shape).astype(np.uint32) << 31
    return fractions | exponents | signs


def assert_same(got: Patterns, wanted: list[int], x: Patterns) -> None:
    """Results of ``x`` are what was wanted, bit for bit."""
    where = np.flatnonzero(got.reshape(-1) != np.array(wanted, np.uint32))
    assert not where.size, f"{where.size} differ, the first of {hex(x[where[0]])}: {hex(got.reshape(-1)[where[0]])}"
