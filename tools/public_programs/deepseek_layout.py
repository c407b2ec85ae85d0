"""A pytest plugin: what deepseek_v3_b1's test of rotary embeddings imports from the model, without the model.

The modules it names need transformers and configurations of the operations library; it takes one matrix from them.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


def rotation(extent: int = 32) -> Any:
    """Return the matrix that turns (a, b) into (-b, a), pair by pair, as one tile."""
    import torch

    matrix = torch.zeros(1, 1, extent, extent)
    first = torch.arange(0, extent, 2)
    matrix[..., first, first + 1], matrix[..., first + 1, first] = 1, -1
    return matrix


def _module(name: str, **names: object) -> None:
    made = sys.modules[name] = ModuleType(name)
    vars(made).update(names)


_module("models.demos.deepseek_v3.tt.rope", get_rot_transformation_mat=rotation)
_module("models.demos.deepseek_v3.reference.modeling_deepseek", DeepseekV3YarnRotaryEmbedding=None)
