"""``makora.py GROUP NAME``: a fused operation of makora-ai/kernels on random inputs, against torch's result.

The checkout has hosts with kernels in their text, and no programs that call them.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import ttnn


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation's inputs and what it should come to.

    Attributes:
        shapes: of its inputs.
        low, high: the range of their values.
        expected: torch's result of the bfloat16 inputs, computed in float32 or float64.
        atol, rtol: of bfloat16 results; the fused formulas round in between.
    """

    shapes: tuple[tuple[int, ...], ...]
    low: float
    high: float
    expected: Callable[..., torch.Tensor]
    atol: float = 2.0**-6
    rtol: float = 2.0**-6


def _halves(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    first, second = x.chunk(2, -1)
    return first, second


def _gated(gate: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[torch.Tensor], torch.Tensor]:
    def gated(x: torch.Tensor) -> torch.Tensor:
        value, by = _halves(x)
        return value * gate(by)

    return gated


_PAIR = ((2, 3, 64, 96), (2, 3, 64, 96))
_FLAT = ((4, 384),)
_BLOCK = ((1, 2, 64, 128),)
OPERATIONS = {
    "atan2": Operation(((4, 384), (4, 384)), -3, 3, torch.atan2),
    "isclose": Operation(_PAIR, -1, 1, lambda a, b: torch.isclose(a, b).float()),
    "nextafter": Operation(_PAIR, -2, 2, torch.nextafter),
    "outer": Operation(((1, 1, 64, 1), (1, 1, 1, 128)), -2, 2, lambda a, b: a * b),
    "remainder": Operation(_PAIR, 1, 5, torch.remainder, atol=2.0**-4),
    "digamma": Operation(_FLAT, 2, 10, torch.digamma, atol=2.0**-4),
    "glu": Operation(_BLOCK, -4, 4, _gated(torch.sigmoid)),
    "lgamma": Operation(_FLAT, 1, 10, torch.lgamma, atol=2.0**-4),
    "multigammaln": Operation(_FLAT, 2, 10, lambda x: torch.special.multigammaln(x, 4), atol=0.25),
    "polygamma": Operation(_FLAT, 1, 10, lambda x: torch.special.polygamma(3, x), atol=2.0**-4, rtol=2.0**-4),
    "reglu": Operation(_BLOCK, -4, 4, _gated(torch.relu)),
    "swiglu": Operation(_BLOCK, -4, 4, _gated(torch.nn.functional.silu)),
    "triu": Operation(((2, 96, 64),), -4, 4, torch.triu),
}


def main(group: str, name: str) -> int:
    """Run one operation; return the exit status."""
    operation = OPERATIONS[name]
    host = runpy.run_path(str(Path("Tenstorrent/fusion_store") / group / name / f"{name}.py"))["host"]
    generator = torch.Generator().manual_seed(7)
    span = operation.high - operation.low
    given = [(torch.rand(shape, generator=generator) * span + operation.low).bfloat16() for shape in operation.shapes]
    device = ttnn.open_device(device_id=0)
    tensors = [ttnn.from_torch(each, layout=ttnn.TILE_LAYOUT, device=device) for each in given]
    found = ttnn.to_torch(host(*tensors)).float()
    ttnn.close_device(device)
    expected = operation.expected(*[each.float() for each in given])
    worst = (found - expected).abs().max().item()
    passed = found.shape == expected.shape and torch.allclose(found, expected, operation.rtol, operation.atol)
    print(f"{name}: {tuple(found.shape)}, largest difference {worst:.3g}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
