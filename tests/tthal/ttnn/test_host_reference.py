"""Operations that run on the host: their values, what they keep, and that they are told from results of a device."""

from __future__ import annotations

import logging
import math

import numpy as np
import pytest

import tthal as ttnn
from tthal.ttnn import host_reference
from tthal.ttnn.host_reference import HostReference

NUMBERS = np.linspace(-3, 3, 32 * 32, dtype=np.float32).reshape(32, 32)
EXACT = NUMBERS.astype(np.float64)


def tensor(values: np.ndarray = NUMBERS, dtype: ttnn.DataType = ttnn.float32) -> ttnn.Tensor:
    return ttnn.from_numpy(values, dtype=dtype, layout=ttnn.TILE_LAYOUT)


def computed(name: str, *given: object, **options: object) -> np.ndarray:
    return np.asarray(getattr(ttnn, name)(*given, **options).to_numpy()).astype(np.float64)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("exp", np.exp(NUMBERS)),
        ("relu", np.maximum(NUMBERS, 0)),
        ("sigmoid", 1 / (1 + np.exp(-NUMBERS))),
        ("gelu", [[x * 0.5 * (1 + math.erf(x / math.sqrt(2))) for x in row] for row in NUMBERS.tolist()]),
        ("square", NUMBERS * NUMBERS),
        ("neg", -NUMBERS),
    ],
)
def test_functions_of_one_tensor(name: str, expected: object) -> None:
    assert np.allclose(computed(name, tensor()), expected, rtol=1e-6)


def test_functions_of_two_tensors_or_a_number() -> None:
    other = NUMBERS[:, ::-1].copy()
    assert np.allclose(computed("add", tensor(), tensor(other)), NUMBERS + other)
    assert np.allclose(computed("multiply", tensor(), 2.5), NUMBERS * 2.5)
    assert np.allclose(computed("subtract", tensor(), tensor(other[:1])), NUMBERS - other[:1])
    assert np.array_equal(computed("gt", tensor(), 0.0), NUMBERS > 0)
    assert np.allclose(computed("matmul", tensor(), tensor(other)), EXACT @ other, atol=1e-5)
    assert np.allclose(
        computed("linear", tensor(), tensor(other), bias=tensor(other[:1]), transpose_b=True),
        EXACT @ other.T + other[:1], atol=1e-5,
    )  # fmt: skip


def test_functions_of_other_forms() -> None:
    assert np.allclose(computed("sum", tensor(), dim=-1, keepdim=True), NUMBERS.sum(-1, keepdims=True), atol=1e-4)
    assert np.allclose(computed("mean", tensor(), dim=[0, 1]), NUMBERS.mean(), atol=1e-6)
    assert np.allclose(computed("softmax", tensor(), dim=-1).sum(-1), 1, atol=1e-6)
    assert np.allclose(computed("transpose", tensor(), 0, 1), NUMBERS.T)
    assert np.allclose(computed("concat", [tensor(), tensor()], dim=0), np.concatenate([NUMBERS, NUMBERS]))
    assert np.allclose(
        computed("where", tensor((NUMBERS > 0).astype(np.float32)), tensor(), 0.0), np.maximum(NUMBERS, 0)
    )
    assert np.allclose(computed("clamp", tensor(), min=-1.0, max=1.0), NUMBERS.clip(-1, 1))
    assert np.allclose(
        computed("leaky_relu", tensor(), negative_slope=0.5), np.where(NUMBERS > 0, NUMBERS, NUMBERS / 2)
    )


def test_results_keep_type_and_layout_and_are_rounded_to_the_type() -> None:
    found = ttnn.exp(tensor(dtype=ttnn.bfloat16), memory_config=ttnn.L1_MEMORY_CONFIG)
    assert (found.dtype, found.layout, found.storage_type()) == (ttnn.bfloat16, ttnn.TILE_LAYOUT, ttnn.StorageType.HOST)
    assert found.to_numpy().dtype == tensor(dtype=ttnn.bfloat16).to_numpy().dtype
    whole = tensor(np.arange(1024).reshape(32, 32), ttnn.int32)
    assert np.array_equal(computed("add", whole, 1 << 24), np.arange(1024).reshape(32, 32) + (1 << 24))
    assert ttnn.add(whole, 1, dtype=ttnn.float32).dtype == ttnn.float32


def test_a_reference_is_no_operand_of_a_program() -> None:
    reference = ttnn.exp(tensor())
    assert isinstance(reference, HostReference)
    with ttnn.open_device() as device:
        placed = ttnn.to_device(reference, device)
        assert not isinstance(placed, HostReference)
        with pytest.raises(ttnn.InvalidArgument, match=r"host_reference: ttnn\.exp computed it for comparison"):
            ttnn.generic_op([reference, placed], ttnn.ProgramDescriptor())


def test_it_is_noticed_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(host_reference, "_noticed", False)
    with caplog.at_level(logging.WARNING, "tthal"):
        ttnn.exp(tensor())
        ttnn.log(tensor())
    assert [record.message[:40] for record in caplog.records] == ["host_reference: ttnn.exp ran on the host"]


def test_what_is_beyond_it_says_so() -> None:
    with pytest.raises(ttnn.Unsupported, match="beyond the host reference"):
        ttnn.exp(tensor(), output_tensor=tensor())
    with pytest.raises(TypeError, match="none is among its arguments"):
        ttnn.exp(1.0)
