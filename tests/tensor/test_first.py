"""Tensors on the memory backend and the emulator: there and back."""

from __future__ import annotations

import numpy as np
import pytest

import tthal as ttnn


@pytest.mark.parametrize("layout", [ttnn.ROW_MAJOR_LAYOUT, ttnn.TILE_LAYOUT])
def test_there_and_back(layout: ttnn.Layout) -> None:
    values = np.random.default_rng(1).standard_normal((3, 50, 70)).astype(np.float32)
    with ttnn.open_device(backend="emulator") as device:
        tensor = ttnn.from_numpy(values, layout=layout, device=device)
        assert tensor.storage_type() is ttnn.StorageType.DEVICE
        np.testing.assert_array_equal(ttnn.to_numpy(tensor), values)
