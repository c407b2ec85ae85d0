"""What the stages of the ladder compute on: bfloat16 matrices as pages of tiles, and how results are compared."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn
from tthal.tiles import tilize, untilize

F = ttnn.DataFormat
F64 = npt.NDArray[np.float64]
Pages = npt.NDArray[np.uint8]
Bench = Callable[[str], Any]
BF16 = ml_dtypes.bfloat16
TILE_BYTES = 2048
OWN = Path(__file__).resolve().parent / "kernels" / "compute"
CORPUS = os.environ.get("TTHAL_KERNEL_CORPUS", "")
HALF_UNIT = 2.0**-8
"""Half a unit in the last place of a bfloat16, which has 8 bits, relative to the smallest number with that unit."""
ALIGNED = 2.0**-10
"""What the matrix unit keeps of a sum, relative to its largest term: 10 bits behind the leading one."""


NEEDS_CORPUS = pytest.mark.skipif(
    not CORPUS, reason="TTHAL_KERNEL_CORPUS is not set: the vendor's kernels are not part of the source tree"
)


def vendor_file(name: str) -> Path:
    """Return the path of one of the vendor's kernels."""
    return Path(CORPUS, "ttnn/ttnn/cpp/ttnn", name)


def kernels(own: str, vendor: str = "") -> Any:
    """Parametrise a stage by its kernel: ours, and the vendor's file in the wheel, if there is one."""
    given = [pytest.param(OWN / own, id="own")]
    if vendor:
        given.append(pytest.param(vendor_file(vendor), id="vendor", marks=NEEDS_CORPUS))
    return pytest.mark.parametrize("kernel", given)


def normal(seed: int, *shape: int, deviation: float = 1.0) -> F64:
    """Return bfloat16 numbers as float64."""
    return rounded(np.random.default_rng(seed).normal(0, deviation, shape))


def rounded(values: F64) -> F64:
    return np.asarray(values.astype(BF16).astype(np.float64))


def pages(matrix: F64, dtype: Any = BF16) -> Pages:
    """Return a matrix as pages of one tile each."""
    flat = np.ascontiguousarray(tilize(np.ascontiguousarray(matrix).astype(dtype))).view(np.uint8)
    return flat.reshape(-1, 1024 * np.dtype(dtype).itemsize)


def matrix(data: Pages, *shape: int, dtype: Any = BF16) -> F64:
    return np.asarray(untilize(data.reshape(-1).view(dtype), shape).astype(np.float64))


def empty(tiles: int, tile_bytes: int = TILE_BYTES) -> Pages:
    return np.zeros((tiles, tile_bytes), np.uint8)


def row_tile(vector: F64) -> F64:
    """Return a matrix of one tile's height whose first row is given."""
    result = np.zeros((32, vector.size))
    result[0] = vector
    return result


def check(got: F64, wanted: F64, relative: float, absolute: F64 | float = 0.0) -> None:
    error, allowed = np.abs(got - wanted), relative * np.abs(wanted) + absolute
    assert np.all(error <= allowed), (
        f"off by {np.max(error - allowed)} more than allowed, {np.mean(error > allowed):.1%}"
    )
    assert np.any(got), "nothing was computed"


def tiles_of(m: F64) -> npt.NDArray[np.uint8]:
    """Return a matrix as (rows of tiles, tiles of a row, bytes)."""
    return pages(m).reshape(m.shape[0] // 32, m.shape[1] // 32, -1)


def scaler_tile(value: float) -> Pages:
    """The scaler lies in the first row of every face."""
    faces = np.zeros((4, 16, 16))
    faces[:, 0] = value
    return np.ascontiguousarray(faces.astype(BF16)).view(np.uint8).reshape(1, TILE_BYTES)
