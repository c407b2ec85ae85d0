"""Custom vector code in the exact grade: arithmetic of the unit, fused where one expression holds product and sum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from multiply_add_definition import multiply_add

SIGN, ONE = 0x80000000, 0x3F800000
FACE = """
inline void face{number}() {{
    for (int i = 0; i < 8; i++) {{
        vFloat a = dst_reg[0], b = dst_reg[32], c = dst_reg[64], result = 0.0f;
        {work}
        dst_reg[0] = result;
        dst_reg++;
    }}
}}
"""
Expected = Callable[[int, int, int, bool], int]


def product(a: int, b: int, blackhole: bool) -> int:
    return multiply_add(a, b, 0, blackhole)


def difference(c: int, a: int, b: int, blackhole: bool) -> int:
    if blackhole:
        return multiply_add(a ^ SIGN, b, c, blackhole)
    return multiply_add(ONE, c, product(a, b, blackhole) ^ SIGN, blackhole)


CASES: dict[str, tuple[str, Expected]] = {
    "sum": ("result = a + c;", lambda a, b, c, bh: multiply_add(ONE, a, c, bh)),
    "product": ("result = a * b;", lambda a, b, c, bh: product(a, b, bh)),
    "fused": ("result = a * b + c;", lambda a, b, c, bh: multiply_add(a, b, c, bh)),
    "fused, added last": ("result = c + a * b;", lambda a, b, c, bh: multiply_add(a, b, c, bh)),
    "fused difference": ("result = a * b - c;", lambda a, b, c, bh: multiply_add(a, b, c ^ SIGN, bh)),
    "less a product": ("result = c - a * b;", lambda a, b, c, bh: difference(c, a, b, bh)),
    "product with a name": (
        "vFloat p = a * b; result = p + c;",
        lambda a, b, c, bh: multiply_add(ONE, product(a, b, bh), c, bh),
    ),
    "negative": ("v_if(a < 0.0f) { result = 1.0f; } v_endif;", lambda a, b, c, bh: ONE if a >> 31 else 0),
    "zero": ("v_if(a == 0.0f) { result = 1.0f; } v_endif;", lambda a, b, c, bh: ONE if a == 0 else 0),
}


def operands() -> Any:
    """Three tiles of patterns; products nearly cancel the third in half of the places. Both zeros come first."""
    rng = np.random.default_rng(3)
    a, b = (rng.normal(0, 1, 1024).astype(np.float32) for _ in range(2))
    c = np.where(rng.integers(0, 2, 1024) == 0, rng.normal(0, 1, 1024), -a * b * (1 + 2.0**-22)).astype(np.float32)
    a[:2] = 0.0, -0.0
    return np.stack([a, b, c]).view(np.uint32)


def test_operators_follow_the_unit(exact_lanes: Any) -> None:
    blackhole, tiles = exact_lanes.device.properties.arch.name == "BLACKHOLE", operands()
    faces = "".join(FACE.format(number=i, work=work) for i, (work, _) in enumerate(CASES.values()))
    head = f'#include "tthal/vector/llk_sfpu.h"\n#ifdef TRISC_MATH\n{faces}\n#endif\n'
    calls = [f"MATH((_llk_math_eltwise_unary_sfpu_params_(face{i}, 0, VectorMode::RC)));" for i in range(len(CASES))]
    results = exact_lanes.run_each(head, calls, tiles).reshape(len(CASES), -1)
    for (name, (_, expected)), got in zip(CASES.items(), results, strict=True):
        wanted = np.array([expected(*map(int, three), blackhole) for three in tiles.T], np.uint32)
        where = np.flatnonzero(got != wanted)
        assert not where.size, f"{name}: {where.size} differ, first {[hex(v) for v in tiles[:, where[0]]]}"
