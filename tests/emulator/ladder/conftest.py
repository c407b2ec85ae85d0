"""What the stages of the ladder share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def vendor_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The vendor's kernels find the helpers of their tree."""
    if corpus := os.environ.get("TTHAL_KERNEL_CORPUS"):
        monkeypatch.setenv("TT_METAL_HOME", str(Path(corpus, "ttnn")))
