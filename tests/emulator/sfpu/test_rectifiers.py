"""Where the chips' rectifiers differ: Blackhole stores only what it replaces (numerics.md §11.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tthal as ttnn

HEAD = '#include "api/compute/eltwise_unary/relu.h"'
DENORMAL, ONE, MINUS_ONE = 0x00000123, 0x3F800000, 0xBF800000
"""A positive denormal is not below zero, so it is not replaced; what is stored loses it."""


@pytest.fixture(scope="module", params=["emulator?numerics=exact", "emulator:p150?numerics=exact"])
def exact(request: pytest.FixtureRequest, lanes: Any) -> Iterator[tuple[Any, bool]]:
    """A bench of the exact grade, and whether it is on Blackhole."""
    with ttnn.open_device(0, backend=request.param) as device:
        yield type(lanes)(device), "p150" in request.param


@pytest.mark.parametrize("call", ["relu_tile(0);", "relu_min_tile(0, 0u);"])
def test_what_is_not_replaced_is_stored_on_wormhole_only(exact: tuple[Any, bool], call: str) -> None:
    bench, blackhole = exact
    tile = np.full((32, 32), ONE, np.uint32)
    tile[0, :3] = DENORMAL, MINUS_ONE, 0
    result = bench.run(HEAD, call, tile)[0]
    assert result[0, :3].tolist() == [DENORMAL if blackhole else 0, 0, 0]
    assert (result[1:] == ONE).all()


def test_the_upper_rectifier_stores_all_on_both(exact: tuple[Any, bool]) -> None:
    bench, _ = exact
    tile = np.full((32, 32), DENORMAL, np.uint32)
    assert (bench.run(HEAD, f"relu_max_tile(0, {ONE:#x}u);", tile) == 0).all()
