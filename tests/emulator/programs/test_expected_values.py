"""Functions that programs call for expected values have the device's arithmetic where their tensor is on it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import tthal as ttnn
from tthal.ttnn.host_reference import HostReference


@pytest.fixture(scope="module", params=["emulator", "emulator:p150"])
def device(request: pytest.FixtureRequest) -> Iterator[ttnn.Device]:
    with ttnn.open_device(0, backend=request.param) as opened:
        yield opened


def tensor(values: object, device: ttnn.Device | None, dtype: ttnn.DataType = ttnn.bfloat16) -> ttnn.Tensor:
    return ttnn.from_numpy(np.asarray(values, np.float32), dtype=dtype, layout=ttnn.TILE_LAYOUT, device=device)


def numbers(found: ttnn.Tensor) -> np.ndarray:
    return np.asarray(found.to_numpy()).astype(np.float64)


@pytest.mark.parametrize(
    ("name", "given", "on_the_chip", "rounded_once"),
    [
        # Recorded from 0.81.1's kernels on both simulated chips, bfloat16 in a 16-bit DST, and the nearest number.
        ("exp", -0.00037193298, 0.99609375, 1.0),
        ("log1p", 0.498046875, 0.40234375, 0.404296875),
    ],
)
def test_the_last_bit_is_the_devices(
    device: ttnn.Device, name: str, given: float, on_the_chip: float, rounded_once: float
) -> None:
    function = getattr(ttnn, name)
    values = np.full((32, 32), given)
    assert np.all(numbers(function(tensor(values, device))) == on_the_chip)
    assert np.all(numbers(function(tensor(values, None))) == rounded_once)


def test_shapes_types_and_memory_stay(device: ttnn.Device) -> None:
    values = np.linspace(0.5, 2, 3 * 40 * 70).reshape(3, 40, 70)
    for dtype in (ttnn.bfloat16, ttnn.float32):
        before = tensor(values, device, dtype).buffer_address()
        given = tensor(values, device, dtype)
        for each in (given, ttnn.to_memory_config(given, ttnn.L1_MEMORY_CONFIG)):
            found = ttnn.log(each)
            assert isinstance(found, HostReference)
            assert (found.shape, found.dtype) == (given.shape, dtype)
            assert np.allclose(numbers(found), np.log(numbers(given)), rtol=2**-7, atol=2**-7)
        del given, each
        assert tensor(values, device, dtype).buffer_address() == before


def test_what_else_there_is_runs_on_the_host(device: ttnn.Device) -> None:
    values = np.full((32, 32), -0.00037193298)
    rows = ttnn.from_numpy(values.astype(np.float32), dtype=ttnn.bfloat16, device=device)
    assert rows.layout is ttnn.ROW_MAJOR_LAYOUT
    assert np.all(numbers(ttnn.exp(rows)) == 1.0)
    assert np.all(numbers(ttnn.exp(tensor(values, device), fast_and_approximate_mode=True)) == 1.0)
    assert np.all(numbers(ttnn.relu(tensor(values, device))) == 0.0)
