"""torch at the edge: values through from_torch and to_torch bit for bit; skipped where torch is not installed."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import tthal as ttnn
from tthal.errors import InvalidArgument


@pytest.fixture
def torch() -> Any:
    return pytest.importorskip("torch", reason="torch is not installed; it is no dependency")


FLOATS, INTEGERS = ("bfloat16", "float32"), ("int32", "uint32", "uint16", "uint8", "int8")


@pytest.mark.parametrize("name", [*FLOATS, *INTEGERS])
@pytest.mark.parametrize("layout", [ttnn.ROW_MAJOR_LAYOUT, ttnn.TILE_LAYOUT], ids=str)
def test_types_stay_as_they_are(torch: Any, device: ttnn.Device, name: str, layout: ttnn.Layout) -> None:
    values = (torch.arange(3 * 50 * 70) % 100).reshape(3, 50, 70).to(getattr(torch, name))
    tensor = ttnn.from_torch(values, layout=layout, device=device)
    assert tensor.dtype.name.lower() == name
    back = ttnn.to_torch(tensor)
    assert back.dtype == values.dtype
    assert torch.equal(back, values)


def test_bfloat16_keeps_every_bit(torch: Any) -> None:
    bits = np.arange(1 << 16, dtype=np.uint16)
    values = torch.from_numpy(bits.view(np.int16).copy()).view(torch.bfloat16)
    back = ttnn.to_torch(ttnn.from_torch(values))
    np.testing.assert_array_equal(back.view(torch.int16).numpy().view(np.uint16), bits)


@pytest.mark.parametrize(
    ("name", "dtype"),
    [("float16", ttnn.bfloat16), ("bool", ttnn.uint8), ("int16", ttnn.uint16), ("int64", ttnn.uint32)],
)
def test_other_types_have_one_that_stands_for_them(torch: Any, name: str, dtype: ttnn.DataType) -> None:
    values = torch.tensor([[0, 1, 1, 0]]).to(getattr(torch, name))
    tensor = ttnn.from_torch(values)
    assert tensor.dtype is dtype
    assert tensor.to_list() == [[0, 1, 1, 0]]


def test_float64_needs_a_type(torch: Any) -> None:
    values = torch.ones(2, 2, dtype=torch.float64)
    with pytest.raises(InvalidArgument, match=r"no tensor type stands for float64: name one \(dtype=ttnn.float32\)"):
        ttnn.from_torch(values)
    assert ttnn.from_torch(values, ttnn.bfloat16).to_list() == [[1, 1], [1, 1]]


def test_views_parameters_and_scalars(torch: Any) -> None:
    values = torch.arange(12.0).reshape(3, 4)
    for each in (values.t(), values[:, ::2], torch.nn.Parameter(values), torch.tensor(3.0), values[:0]):
        assert torch.equal(ttnn.to_torch(ttnn.from_torch(each)), each.detach())
    assert ttnn.from_torch(None) is None


def test_block_floats_come_back_as_float32(torch: Any, device: ttnn.Device) -> None:
    values = torch.randint(-8, 8, (64, 64)).float()
    tensor = ttnn.from_torch(values, dtype=ttnn.bfloat8_b, device=device)
    assert tensor.layout is ttnn.TILE_LAYOUT
    back = ttnn.to_torch(tensor)
    assert back.dtype == torch.float32
    assert torch.equal(back, values)


def test_the_type_and_rank_asked_for(torch: Any) -> None:
    tensor = ttnn.from_torch(torch.ones(1, 1, 4, 4))
    assert ttnn.to_torch(tensor, torch.int32).dtype == torch.int32
    assert ttnn.to_torch(tensor, torch_rank=2).shape == (4, 4)
    with pytest.raises(InvalidArgument, match="cannot have rank 1"):
        ttnn.to_torch(tensor, torch_rank=1)


def test_a_spec_says_everything(torch: Any, device: ttnn.Device) -> None:
    spec = ttnn.TensorSpec((64, 64), ttnn.bfloat16, ttnn.TILE_LAYOUT, ttnn.BufferType.L1)
    tensor = ttnn.from_torch(torch.ones(64, 64), spec=spec, device=device)
    assert tensor.spec == spec
    with pytest.raises(InvalidArgument, match="dtype must be None when spec is given"):
        ttnn.from_torch(torch.ones(64, 64), ttnn.bfloat16, spec=spec)
    with pytest.raises(InvalidArgument, match="the spec's shape"):
        ttnn.from_torch(torch.ones(64, 32), spec=spec)


def test_what_comes_back_is_the_callers_own(torch: Any, device: ttnn.Device) -> None:
    values = torch.ones(32, 32)
    host, there = ttnn.from_torch(values), ttnn.from_torch(values, device=device)
    values[:] = 5
    for tensor in (host, there):
        back = ttnn.to_torch(tensor)
        assert torch.equal(back, torch.ones(32, 32))
        back[:] = 7
        assert torch.equal(ttnn.to_torch(tensor), torch.ones(32, 32))


def test_torch_is_not_imported_unasked() -> None:
    code = (
        "import sys, numpy, tthal as ttnn\n"
        "tensor = ttnn.from_numpy(numpy.ones((32, 32), numpy.float32), ttnn.bfloat8_b)\n"
        "assert ttnn.to_numpy(tensor).sum() == 1024\n"
        "print('torch' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
