"""What the tensor tests share with those that ask the vendor's wheel."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tthal

sys.path.append(str(Path(__file__).resolve().parent.parent / "metal"))


@pytest.fixture(scope="module")
def device() -> Iterator[tthal.Device]:
    """An emulated n150, the default device."""
    with tthal.open_device(backend="emulator") as opened:
        tthal.SetDefaultDevice(opened)
        yield opened
        tthal.SetDefaultDevice(None)
