"""A pytest plugin: random inputs are the same in every run, so that a test can be replayed from its recording."""

from __future__ import annotations

import random
import sys

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def seeded() -> None:
    """Seed Python's, numpy's and, where it is loaded, torch's random numbers."""
    random.seed(1)
    np.random.seed(1)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(1)
