"""What MATH takes for one call, without the time that its operands take.

Sources: tenstorrent/tt-isa-documentation (WormholeB0, MatrixUnit: ideal rates), tech_reports/GEMM_FLOPS (products), and
slopes of the examples reduce_block, reduce_accumulate and handshake_elision under ttnn/ttnn/operations/examples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tthal.observer import TileOperation

OPERATIONS, VARIANTS, PHASES = 64, 16, 5
"""Of the table: tile operations, variants of one, and fidelity phases (1 to 4)."""


@dataclass(frozen=True, slots=True)
class MathCost:
    """Cycles of one call (of a product: of one of its tiles).

    Attributes:
        cycles: with 1, 2, 3 and 4 fidelity phases.
        variants: of the operation: BINARY: add 0, sub 1, mul 2, and the broadcast (none, row, column, scalar) times 4;
            REDUCE: pool (sum 0, max 2), and the dimension (row, column, scalar) times 4. Empty: all of them.
    """

    operation: TileOperation
    cycles: tuple[float, float, float, float]
    source: str
    variants: tuple[int, ...] = ()


def _alike(operation: TileOperation, cycles: float, source: str) -> MathCost:
    return MathCost(operation, (cycles, cycles, cycles, cycles), source)


_PRODUCTS = tuple(2 + 4 * broadcast for broadcast in range(4))
_ROW, _COLUMN, _SCALAR = (0, 1, 2), (4, 5, 6), (8, 9, 10)
_MOVES = (
    _alike(TileOperation.COPY, 40, "handshake_elision: 63 cycles for a tile in a section of its own"),
    _alike(TileOperation.TILIZE, 40, "as a copy"),
    _alike(TileOperation.UNARY_BROADCAST, 40, "as a copy"),
    _alike(TileOperation.TRANSPOSE, 40, "as a copy"),
    _alike(TileOperation.TRANSPOSE_DEST, 64, "estimate: twice a copy"),
    _alike(TileOperation.BINARY, 16, "8 ideal cycles, or 16 that overwrite"),
    MathCost(TileOperation.BINARY, (16, 24, 32, 40), "8 ideal cycles per phase", _PRODUCTS),
    MathCost(TileOperation.BINARY_REUSE_DEST, (48, 56, 64, 72), "estimate: a copy back and a product"),
    MathCost(TileOperation.MATMUL, (16, 32, 48, 64), "tech_reports/GEMM_FLOPS: 16 per phase"),
    _alike(TileOperation.SUM_DEST, 83, "estimate: as a reduction of columns"),
)
_REDUCE = "slopes of reduce_block (Blackhole) and reduce_accumulate (Wormhole B0)"


def _reductions(scalar: tuple[float, float, float, float]) -> tuple[MathCost, ...]:
    return tuple(
        MathCost(operation, cycles, _REDUCE, variants)
        for operation in (TileOperation.REDUCE, TileOperation.TILIZE_REDUCE)
        for variants, cycles in ((_ROW, (32, 57, 105, 153)), (_COLUMN, (20, 32, 56, 80)), (_SCALAR, scalar))
    )


WORMHOLE_B0_MATH = (*_MOVES, *_reductions((77, 110, 140, 170)))
BLACKHOLE_MATH = (*_MOVES, *_reductions((62, 95, 125, 155)))
WORMHOLE_B0_UNPACK: Mapping[int, float] = {TileOperation.TILIZE: 52.0}
"""Cycles of one call where they do not follow from its bytes: tt-llk#130."""
BLACKHOLE_UNPACK: Mapping[int, float] = {TileOperation.TILIZE: 25.0}


def math_table(costs: Sequence[MathCost]) -> npt.NDArray[np.float64]:
    """Cycles by operation, variant and phases; what no cost names takes none."""
    table = np.zeros((OPERATIONS, VARIANTS, PHASES))
    for cost in costs:
        variants = cost.variants or range(VARIANTS)
        for variant in variants:
            table[cost.operation, variant, 1:] = cost.cycles
            table[cost.operation, variant, 0] = cost.cycles[-1]
    return table
