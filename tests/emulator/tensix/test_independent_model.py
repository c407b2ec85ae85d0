"""The exact grade against an independent model of the machine, on combinations that no recorded file has.

The model is the one that found the arithmetic (TTHAL_REFERENCE, prototypes/numerics): whole tiles of four formats on
Wormhole. Here formats are mixed, fidelities and output formats are drawn at random, and so are the bytes.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from recorded_formats import FORMAT_BY_SHORT_NAME

from tthal.types import MathFidelity
from tthal_emulator.abi import EdgeMask
from tthal_emulator.tensix.formats import Operand
from tthal_emulator.tensix.operations import BinaryOperation, Broadcast, Dimension, Grade, Pool
from tthal_emulator.tensix.pack import REDUCTION_MASKS, PackSettings
from tthal_emulator.tensix.tile_math import TileMath

Pages = npt.NDArray[np.uint8]
Calculate = Callable[[TileMath, Operand, Pages, Operand, Pages], None]

FORMATS = {"bf16": 2048, "fp32": 4096, "bfp8": 1088, "bfp4": 576}
FIDELITIES = ["LoFi", "HiFi2", "HiFi3", "HiFi4"]
MODEL = Path(os.environ.get("TTHAL_REFERENCE", ""), "prototypes", "numerics", "ref.py")
CASES = 24
"""Combinations drawn per operation."""


@pytest.fixture(scope="module")
def model() -> ModuleType:
    """The model's module; skips without it."""
    if not os.environ.get("TTHAL_REFERENCE") or not MODEL.is_file():
        pytest.skip("TTHAL_REFERENCE does not name a folder with the numeric model")
    spec = importlib.util.spec_from_file_location("numeric_model", MODEL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def binary(op: BinaryOperation, dim: Broadcast = Broadcast.NONE) -> Calculate:
    return lambda m, a, pages_a, b, pages_b: m.binary_tiles(op, a, pages_a, b, pages_b, 0, dim)


def reduction(pool: Pool, dim: Dimension) -> Calculate:
    def calculate(m: TileMath, a: Operand, pages_a: Pages, b: Operand, pages_b: Pages) -> None:
        for tile in range(2):
            m.reduce_tile(pool, dim, a, pages_a[tile : tile + 1], b, pages_b[:1], tile)

    return calculate


# What the machine does, and how the model is told to do the same.
OPERATIONS: dict[str, tuple[Calculate, dict[str, Any]]] = {
    "copy": (lambda m, a, pages_a, b, pages_b: m.copy_tile(a, pages_a, 0), {"op": "copy", "alone": True}),
    "transpose": (lambda m, a, pages_a, b, pages_b: m.transpose_tile(a, pages_a, 0), {"kind": 2, "alone": True}),
    **{op.name.lower(): (binary(op), {"op": op.name.lower()}) for op in BinaryOperation},
    **{
        f"{op.name.lower()}, {dim.name}": (binary(op, dim), {"kind": 0, "BOP": f"ELW{op.name}", "BDIM": dim.name})
        for op, dim in product(BinaryOperation, (Broadcast.ROW, Broadcast.COL, Broadcast.SCALAR))
    },
    **{
        f"{pool.name} of {dim.name}": (
            reduction(pool, dim),
            {"kind": 1, "RTYPE": pool.name, "RDIM": f"REDUCE_{dim.name}", "reduced": dim},
        )
        for pool, dim in product((Pool.SUM, Pool.AVG, Pool.MAX), Dimension)
    },
}


def random_pages(rng: np.random.Generator, name: str, count: int, spread: int) -> Pages:
    """Return tiles whose exponents spread around 1; of the wider kinds one in twenty is a zero."""
    if name.startswith("bfp"):
        pages = rng.integers(0, 256, (count, FORMATS[name]), dtype=np.uint8)
        pages[:, :64] = rng.integers(127 - spread, 127 + spread + 1, (count, 64), dtype=np.uint8)
        return pages
    numbers = rng.standard_normal((count, 1024)) * 2.0 ** rng.integers(-spread, spread + 1, (count, 1024))
    numbers[rng.random((count, 1024)) < 0.05] = 0
    bits = numbers.astype(np.float32).view(np.uint32)
    return (bits if name == "fp32" else (bits >> 16).astype(np.uint16)).view(np.uint8)


def ones_in_first_rows() -> Pages:
    """Return the only scaler of maxima that the vendor's simulators take."""
    faces = np.zeros((1, 4, 16, 16), np.uint16)
    faces[:, :, 0] = 0x3F80
    return faces.reshape(1, -1).view(np.uint8)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_same_bytes(operation: str, model: ModuleType) -> None:
    calculate, settings = OPERATIONS[operation]
    rng = np.random.default_rng(list(OPERATIONS).index(operation))
    for _ in range(CASES):
        fa, fb, fo = rng.choice(list(FORMATS), 3)
        fidelity, wide, spread = rng.choice(FIDELITIES), bool(rng.integers(2)), int(rng.choice([2, 20, 110]))
        a = random_pages(rng, fa, 2, spread)
        b = random_pages(rng, fb, 2, spread if "of" not in operation else 2)
        if operation.startswith("MAX"):
            fb, b = "bf16", ones_in_first_rows()
        meta = {**settings, "fa": fa, "fb": "" if settings.get("alone") else fb, "fo": fo, "fid": fidelity, "acc": wide}
        scaler = b[:1] if settings.get("kind") == 1 else b
        wanted = model.run(meta, a, None if settings.get("alone") else scaler)
        m = TileMath(grade=Grade.EXACT, math_fidelity=MathFidelity[str(fidelity)], fp32_dest_acc_en=wide)
        first, second, out = (Operand(FORMAT_BY_SHORT_NAME[str(name)]) for name in (fa, fb, fo))
        calculate(m, first, a, second, b)
        got = np.zeros_like(wanted)
        kept = REDUCTION_MASKS[dim] if (dim := settings.get("reduced")) is not None else EdgeMask.NONE
        for tile in range(2):
            m.pack_tile(tile, out, got[tile], PackSettings(edge_mask=kept))
        assert np.array_equal(got, wanted), meta


@pytest.mark.parametrize("fidelity", FIDELITIES)
def test_same_products_of_matrices(fidelity: str, model: ModuleType) -> None:
    """[2 x 3 tiles] @ [3 x 2 tiles] of any two formats into any third."""
    rng = np.random.default_rng(FIDELITIES.index(fidelity))
    for fa, fb, wide in product(FORMATS, FORMATS, (False, True)):
        fo, spread = str(rng.choice(list(FORMATS))), int(rng.choice([2, 20]))
        a, b = random_pages(rng, fa, 6, spread), random_pages(rng, fb, 6, spread)
        meta = {"op": "matmul", "fa": fa, "fb": fb, "fo": fo, "fid": fidelity, "acc": wide}
        m = TileMath(grade=Grade.EXACT, math_fidelity=MathFidelity[fidelity], fp32_dest_acc_en=wide)
        left, right, out = (Operand(FORMAT_BY_SHORT_NAME[name]) for name in (fa, fb, fo))
        for k in range(3):
            m.matmul_block(left, a[k::3], right, b[2 * k : 2 * k + 2], 0)
        wanted = model.run(meta, a, b)
        got = np.zeros_like(wanted)
        for tile in range(4):
            m.pack_tile(tile, out, got[tile])
        assert np.array_equal(got, wanted), meta
