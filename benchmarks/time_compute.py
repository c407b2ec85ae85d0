"""Measured cycles of compute operations beside what the model takes for them: rows of compute_cycles.csv.

A row says what one call, or one tile, took in a loop of the vendor's, so the model's side is the slowest engine's share
of it. Products of tiles with few rows come from a test that goes round its own loop below the compute API; what its
turns take besides is told by two figures for all of them. Rows whose unit is not told, or whose loop is not known, are
left out with a reason.
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
from tthal_time.constants.vector_unit import APPROXIMATE, VECTOR_FUNCTIONS

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
    figures = [float(figure) for figure in re.findall(r"[\d.]+", row["value"])]
    if not figures or not re.fullmatch(r"[\d./ -]+", row["value"]):
        return Row(name, arch, 0.0, None, "no figure: a bound, or a reference to other rows")
    measured = sum(figures) / len(figures)
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
        return _test_turn(row), ""
    if op == "unpack_untilize":
        return None, "the emulator untilizes where it packs, whichever call asks for it"
    if op == "unpack_tilizeA_B block call":
        return None, "how many tiles a call takes is not told"
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
    if "whole tile (SDPA)" in op:
        return None, "a call on a whole tile that the compute API does not have"
    mode = APPROXIMATE if "approx" in op or "LUT" in op else ""
    place = list(CHIPS).index(arch)
    for name in (f"{words[1]}_tile{mode}", f"{words[1]}_binary_tile"):
        if name in VECTOR_FUNCTIONS:
            return VECTOR_FUNCTIONS[name][place], ""
    return None, "a function that the compute API does not have"


_TURN = {"half": 121.0, "full": 94.0}
"""Cycles of a turn of the LLK tests' loop from unpacker to packer, by how DST is shared, besides its tiles."""
_TURN_TILE = 15.0
"""For each output tile: the slope over one to six of them."""


def _test_turn(row: dict[str, str]) -> float:
    """Per tile. Neither rows nor phases decide: MATH's work for 16 rows and fewer lies beside the packer's."""
    tiles = int(row["params"].split(maxsplit=1)[0])
    return _TURN["full" if "sync=full" in row["dest_mode"] else "half"] / tiles + _TURN_TILE


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
        "CB handshake": 4 * chip.buffer_call.value,
        "two extra kernels": chip.start.value,
    }
