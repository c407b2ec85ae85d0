"""Every test here starts without TTHAL_* variables, in a folder of its own."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _clean(in_empty_folder: None) -> None:
    pass
