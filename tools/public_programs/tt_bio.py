"""``tt_bio.py NAME``: a program of moritztng/tt-bio on random inputs, against torch's result.

Its modules are used as they are; importing them needs nothing of the model around them, so the package's own
``__init__``, which looks for weights, is left out. Some take kernels from the checkout of tt-metal.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
import ttnn

Case = tuple[Any, torch.Tensor]
"""What came out, and torch's result."""

EXACT = {"reblock_permute", "reblock_permute_back", "sparse_bias"}
"""These move values, and compute none."""


def _tt_bio(name: str) -> Any:
    package = ModuleType("tt_bio")
    package.__path__ = [str(Path.cwd() / "tt_bio")]
    sys.modules["tt_bio"] = package
    return import_module(f"tt_bio.{name}")


def _random(*shape: int) -> torch.Tensor:
    return torch.randn(shape).bfloat16()


class Bench:
    """A device, and tensors on it."""

    def __init__(self) -> None:
        self.device = ttnn.open_device(device_id=0)

    def put(self, values: torch.Tensor, dtype: Any = None, layout: Any = ttnn.TILE_LAYOUT) -> Any:
        """Return a tensor with these values on the device."""
        return ttnn.from_torch(values, dtype=dtype, layout=layout, device=self.device)

    def room(self, shape: list[int], dtype: Any = ttnn.bfloat16) -> Any:
        """Return a tensor for results in DRAM."""
        place = (ttnn.TILE_LAYOUT, self.device, ttnn.DRAM_MEMORY_CONFIG)
        return ttnn.allocate_tensor_on_device(ttnn.Shape(shape), dtype, *place)


def reblock_permute(bench: Bench) -> Case:
    x = _random(1, 40, 40, 64)
    return _tt_bio("reblock_permute").reblock_permute(bench.put(x)), x.permute(0, 3, 1, 2)


def reblock_permute_back(bench: Bench) -> Case:
    x = _random(1, 64, 64, 64)
    return _tt_bio("reblock_permute").reblock_permute_back(bench.put(x)), x.permute(0, 2, 3, 1)


def reblock_permute_gated(bench: Bench) -> Case:
    x = _random(1, 64, 64, 128)
    value, _, gate, _ = x.float().chunk(4, -1)
    found = _tt_bio("reblock_permute").reblock_permute_gated(bench.put(x), 0, 64, 32)
    return found, (value * torch.sigmoid(gate)).permute(0, 3, 1, 2)


def _sparse() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Biases of 32 of 64 keys, which keys, and what they come to: -10,000 for the others."""
    bias = _random(1, 4, 64, 32)
    keys = torch.stack([torch.randperm(64)[:32].sort()[0] for _ in range(64)]).reshape(1, 1, 64, 32)
    dense = torch.full((1, 4, 64, 64), -1e4).bfloat16().float()
    return bias, keys.int(), dense.scatter(3, keys.expand(1, 4, 64, 32), bias.float())


def sparse_bias(bench: Bench) -> Case:
    bias, keys, dense = _sparse()
    indices = bench.put(keys, ttnn.uint32, ttnn.ROW_MAJOR_LAYOUT)
    return _tt_bio("rfd3_bias").sparse_bias_fp32(bench.put(bias), indices), dense


def fused_scores_bias(bench: Bench) -> Case:
    bias, keys, dense = _sparse()
    scores, indices = _random(1, 4, 64, 64), bench.put(keys, ttnn.uint32, ttnn.ROW_MAJOR_LAYOUT)
    fused = _tt_bio("rfd3_bias").fused_scores_bias_fp32
    return fused(bench.put(scores), bench.put(bias), indices, 0.125), scores.float() * 0.125 + dense


def dense_scores_bias(bench: Bench) -> Case:
    scores, bias = _random(1, 4, 64, 64), _random(1, 4, 64, 64)
    found = _tt_bio("rfd3_bias").dense_fused_scores_bias_fp32(bench.put(scores), bench.put(bias), 0.25)
    return found, scores.float() * 0.25 + bias.float()


def softmax_generic(bench: Bench) -> Case:
    x = torch.randn(1, 4, 64, 96)
    into = _tt_bio("softmax_generic").softmax_into
    return into(bench.device, bench.put(x, ttnn.float32), bench.room([1, 4, 64, 96])), torch.softmax(x, -1)


def mm_generic(bench: Bench) -> Case:
    a, b = _random(256, 128), _random(128, 192)
    blocks, settings = ((2, 2, 2, 1, 2), (2, 2)), (ttnn.MathFidelity.HiFi2, False, True, False)
    multiply = _tt_bio("mm_generic").generic_minimal_matmul
    found = multiply(bench.device, bench.put(a), bench.put(b), bench.room([256, 192]), blocks, settings)
    return found, a.float() @ b.float()


PROGRAMS: tuple[Callable[[Bench], Case], ...] = (
    reblock_permute, reblock_permute_back, reblock_permute_gated, sparse_bias, fused_scores_bias, dense_scores_bias,
    softmax_generic, mm_generic,
)  # fmt: skip


def main(name: str) -> int:
    """Run one program; return the exit status."""
    torch.manual_seed(3)
    bench = Bench()
    result, expected = next(program for program in PROGRAMS if program.__name__ == name)(bench)
    found = ttnn.to_torch(result).float()
    ttnn.close_device(bench.device)
    worst = (found - expected.float()).abs().max().item()
    likeness = torch.corrcoef(torch.stack([found.flatten(), expected.float().flatten()]))[0, 1].item()
    print(f"{name}: {tuple(found.shape)}, largest difference {worst:.3g}, correlation {likeness:.6f}")
    if name in EXACT:
        return int(not torch.equal(found, expected.float()))
    # The softmax asks for the approximate exp.
    return int(found.shape != expected.shape or likeness < (0.9995 if name == "softmax_generic" else 0.9999))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
