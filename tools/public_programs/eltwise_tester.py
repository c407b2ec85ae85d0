"""``eltwise_tester.py NAME``: an operation in the template of nmauriceTT/ttnn-eltwise-op-tester, by its own host.

The checkout writes kernels from templates and measures their accuracy for hours; here one of them runs once, on two
tiles. ``TT_METAL_HOME`` names a checkout of tt-metal, whose kernels move the tiles.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import torch
import ttnn

Function = Callable[[torch.Tensor], torch.Tensor]
API_CALLS: dict[str, tuple[Function, float, float]] = {
    "atan": (torch.atan, -4, 4),
    "log1p": (torch.log1p, 0, 4),
    "sin": (torch.sin, -3, 3),
}
"""Operations of the compute API, put into the checkout's template by name."""
TOLERANCE = 0.05


def main(name: str) -> int:
    """Run one kernel; return the exit status."""
    sys.path.insert(0, str(Path.cwd()))
    generator = importlib.import_module("src.kernel_generator")
    (function, low, high), call = API_CALLS[name], f"{name}_tile"
    text = generator.generate_kernel_source_code_from_llk("unary", f"{call}_init", call)
    given = torch.linspace(low, high, 2048).reshape(1, 1, 64, 32).bfloat16()
    device = ttnn.open_device(device_id=0)
    source = ttnn.from_torch(given, layout=ttnn.TILE_LAYOUT, device=device)
    target = ttnn.zeros(given.shape, ttnn.bfloat16, ttnn.TILE_LAYOUT, device)
    found = ttnn.to_torch(generator.generic_unary_kernel(text, source, target)).float()
    ttnn.close_device(device)
    expected = function(given.float())
    error = ((found - expected).abs() / expected.abs().clamp(min=1)).max().item()
    print(f"{name}: largest error {error:.3g}")
    return 0 if error < TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
