"""The operation against numpy, on whatever device is selected: an emulator, a card or a recorded run."""

import numpy as np
import pytest
from scale import scale

import tthal as ttnn


@pytest.mark.parametrize("factor", [0, 3, 2**31])
@pytest.mark.parametrize("rows", [1, 20])
def test_scale_is_what_numpy_says(rows: int, factor: int) -> None:
    numbers = np.random.default_rng(rows).integers(0, 2**32, (rows, 64), np.uint32)
    with ttnn.open_device(0) as device:
        scaled = ttnn.to_numpy(scale(ttnn.from_numpy(numbers, device=device), factor))
    assert np.array_equal(scaled, numbers * np.uint32(factor))
