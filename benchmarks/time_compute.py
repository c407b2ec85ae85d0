"""Measured cycles of compute operations beside what the model takes for them: rows of compute_cycles.csv.

A row says what one call, or one tile, took in a loop of the vendor's, so the model's side is the slowest engine's share
of it. Rows whose unit is not told, or whose loop is not known, are left out with a reason.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tthal.observer import TileOperation
from tthal.types import Arch
from tthal_time.constants import CHIPS, Chip
from tthal_time.constants.math_unit import math_table
from tthal_time.constants.vector_unit import VECTOR_FUNCTIONS

_ARCHS = {"wormhole_b0": Arch.WORMHOLE_B0, "blackhole": Arch.BLACKHOLE}
_PHASES = {"LoFi": 1, "HiFi2": 2, "HiFi3": 3, "HiFi4": 4}
_DIMENSIONS = {"row": 0, "col": 4, "scalar": 8}
_PASSES = 128
_TILE = 2048


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``modelled`` is None where the model does not cover it, and ``reason`` says why. Cycles."""

    name: str
    arch: Arch
    measured: float
    modelled: float | None
    reason: str = ""


def read_rows(file: Path) -> Iterator[Row]:
    """Read what was measured, or derived from measurements."""
    with file.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["kind"] in ("measured", "derived"):
                yield _row(row, _ARCHS[row["chip"]])


def _row(row: dict[str, str], arch: Arch) -> Row:
    chip, op = CHIPS[arch], row["op"]
    name = " ".join(filter(None, [op, row["format"], row["fidelity"], row["params"]]))
    try:
        measured = float(row["value"])
    except ValueError:
        return Row(name, arch, 0.0, None, "no single figure")
    if row["per"].startswith("ns"):
        measured *= chip.clock.value / 1e3
    if "=128 tile passes" in row["per"]:
        measured /= _PASSES
    modelled, reason = _modelled(chip, arch, row)
    return Row(name, arch, measured, modelled, reason)


def _modelled(chip: Chip, arch: Arch, row: dict[str, str]) -> tuple[float | None, str]:
    op = row["op"]
    if "not printed" in row["per"]:
        return None, "how many tiles the loop has is not told"
    if op.startswith("LLK matmul"):
        return None, "tiles of few rows, in a loop of a test that waits for the packer: not modelled"
    if re.search(r"before|branch|base", row["params"]):
        return None, "a version that was not released, or that a later row replaces"
    if op.startswith("sfpu "):
        return _vector(arch, op)
    phases = _PHASES.get(row["fidelity"], 4)
    engine = {"unpack": 0, "pack": 1}.get(row["unit"])
    if engine is not None and op in ("tilize", "pack_untilize"):
        return _rearranged(chip)[op][engine], ""
    for start, cycles in _moves(chip, phases, row["format"]).items():
        if op.startswith(start):
            return cycles, ""
    return None, "an operation that is not modelled by itself"


def _vector(arch: Arch, op: str) -> tuple[float | None, str]:
    words = op.split()
    if "approx" in op or "LUT" in op:
        return None, "an approximate mode: the model takes the exact one's time"
    place = list(CHIPS).index(arch)
    for name in (f"{words[1]}_tile", f"{words[1]}_binary_tile"):
        if name in VECTOR_FUNCTIONS:
            return VECTOR_FUNCTIONS[name][place], ""
    return None, "a function that the model has no figure for"


def _rearranged(chip: Chip) -> dict[str, tuple[float, float]]:
    """What UNPACK and what PACK take for a tile of two bytes a datum."""
    one = _TILE / chip.unpack_rate.value + chip.unpack_call.value
    call = chip.pack_call.value
    return {
        "tilize": (chip.unpack.get(TileOperation.TILIZE, one), _TILE / chip.pack_rate.value + call),
        "pack_untilize": (one, _TILE / chip.pack_untilize_rate.value + call),
    }


def _moves(chip: Chip, phases: int, formats: str) -> dict[str, float]:
    """Cycles of one tile by how the operation's name begins: the slowest engine's."""
    table, call, section = math_table(chip.math), chip.math_call.value, 2 * chip.section_call.value
    tile = 2 * _TILE if formats.startswith("float32") else _TILE
    one = tile / chip.unpack_rate.value + chip.unpack_call.value
    both = max(one, 2 * tile / chip.unpack_both_rate.value)
    copy = table[TileOperation.COPY, 0, phases] + call
    add = max(both, table[TileOperation.BINARY, 0, phases] + call)
    out = 2 * _TILE if "fp32 out" in formats else _TILE
    pack = _TILE / chip.pack_rate.value + chip.pack_call.value
    section_pack = chip.pack_section.value
    adding = out / chip.pack_add_rate.value + chip.pack_call.value + section_pack
    product = table[TileOperation.MATMUL, 0, phases] + call
    reductions = {
        f"reduce_tile SUM {name}": max(one, table[TileOperation.REDUCE, variant, phases] + call)
        for name, variant in _DIMENSIONS.items()
    }
    blocks = {"1x1": 1, "2x2": 4, "1x8": 8, "2x4": 8}
    products = {
        f"matmul block K=1 subblock {shape}": max(product + section / count, pack + section_pack / count)
        for shape, count in blocks.items()
    }
    return {
        **reductions,
        **products,
        "reduce via add_tiles": add / 2,
        "add_tiles pairs": add / 2,
        "add_tiles one tile": add,
        "packer L1 accumulate": max(adding, copy + section),
        "tilize_block steady": max(copy + section, pack + section_pack, chip.unpack.get(TileOperation.TILIZE, one)),
        "MAC in SDPA": product,
    }
