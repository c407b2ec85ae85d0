"""Whole-chip matrix products beside an estimate from the model's constants: rows of matmul_chip.csv.

The products are too large to be emulated, so this is no run but three sums: what the matrix units take for the tiles of
the busiest core, what that core's operands take over its NoC port (each tile once, as multicasts bring them), and a
start until the first blocks are there. The vendor's program overlaps the first two in part only.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from tthal.observer import TileOperation
from tthal.types import Arch
from tthal_time.constants import CHIPS
from tthal_time.constants.math_unit import math_table

_ARCHS = {"wormhole_b0": Arch.WORMHOLE_B0, "blackhole": Arch.BLACKHOLE}
_BYTES = {"bfloat16": 2048, "bfloat8_b": 1088, "bfloat4_b": 576}
_PHASES = {"LoFi": 1, "HiFi2": 2, "HiFi3": 3, "HiFi4": 4}
_TILE = 32
_FILL = 3000
"""Cycles until the first blocks are there: a launch, a few round trips to DRAM and multicasts; an estimate."""


@dataclass(frozen=True, slots=True)
class Product:
    """One row, in cycles of the device."""

    name: str
    group: tuple[str, str]
    measured: float
    modelled: float


def read_products(file: Path) -> Iterator[Product]:
    """Read all rows."""
    with file.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            name = " ".join(row[key] for key in ("M", "K", "N", "dtype", "fidelity", "grid", "in0_mem"))
            measured = float(row["device_cycles_derived"])
            yield Product(name, (row["chip"], row["config"]), measured, _estimate(row))


def _estimate(row: dict[str, str]) -> float:
    chip = CHIPS[_ARCHS[row["chip"]]]
    columns, rows = map(int, row["grid"].split("x"))
    depth = int(row["K"]) // _TILE
    height, width = ceil(int(row["M"]) // _TILE / rows), ceil(int(row["N"]) // _TILE / columns)
    tile = math_table(chip.math)[TileOperation.MATMUL, 0, _PHASES[row["fidelity"]]] + chip.math_call.value
    arriving = max(height, width) * depth * _BYTES[row["dtype"]] / chip.read_rate.value
    return float(height * width * depth * tile + arriving + _FILL)
