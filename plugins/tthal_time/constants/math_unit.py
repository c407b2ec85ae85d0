"""What MATH takes for one call, without the time that its operands take.

Sources: tenstorrent/tt-isa-documentation (WormholeB0, MatrixUnit: ideal rates), tech_reports/GEMM_FLOPS (products), and
slopes of the examples reduce_block, reduce_accumulate and handshake_elision under ttnn/ttnn/operations/examples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

OPERATIONS, VARIANTS, PHASES = 64, 16, 5
"""Of the table: tile operations, variants of one, and fidelity phases (1 to 4)."""


class Operation(IntEnum):
    """Tile operations, as records number them."""

    COPY = 0
    BINARY = 1
    MATMUL = 2
    TRANSPOSE = 4
    TILIZE = 5
    UNARY_BROADCAST = 6
    TRANSPOSE_DEST = 7
    BINARY_REUSE_DEST = 8
    REDUCE = 9
    TILIZE_REDUCE = 11
    SUM_DEST = 12


@dataclass(frozen=True, slots=True)
class MathCost:
    """Cycles of one call (of a product: of one of its tiles).

    Attributes:
        cycles: with 1, 2, 3 and 4 fidelity phases.
        variants: of the operation: BINARY: add 0, sub 1, mul 2, and the broadcast (none, row, column, scalar) times 4;
            REDUCE: pool (sum 0, max 2), and the dimension (row, column, scalar) times 4. Empty: all of them.
    """

    operation: Operation
    cycles: tuple[float, float, float, float]
    source: str
    variants: tuple[int, ...] = ()


def _alike(operation: Operation, cycles: float, source: str) -> MathCost:
    return MathCost(operation, (cycles, cycles, cycles, cycles), source)


_PRODUCTS = tuple(2 + 4 * broadcast for broadcast in range(4))
_ROW, _COLUMN, _SCALAR = (0, 1, 2), (4, 5, 6), (8, 9, 10)
_MOVES = (
    _alike(Operation.COPY, 40, "handshake_elision: 63 cycles for a tile in a section of its own"),
    _alike(Operation.TILIZE, 40, "as a copy"),
    _alike(Operation.UNARY_BROADCAST, 40, "as a copy"),
    _alike(Operation.TRANSPOSE, 40, "as a copy"),
    _alike(Operation.TRANSPOSE_DEST, 64, "estimate: twice a copy"),
    _alike(Operation.BINARY, 16, "8 ideal cycles, or 16 that overwrite"),
    MathCost(Operation.BINARY, (16, 24, 32, 40), "8 ideal cycles per phase", _PRODUCTS),
    MathCost(Operation.BINARY_REUSE_DEST, (48, 56, 64, 72), "estimate: a copy back and a product"),
    MathCost(Operation.MATMUL, (16, 32, 48, 64), "tech_reports/GEMM_FLOPS: 16 per phase"),
    _alike(Operation.SUM_DEST, 83, "estimate: as a reduction of columns"),
)
_REDUCE = "slopes of reduce_block (Blackhole) and reduce_accumulate (Wormhole B0)"


def _reductions(scalar: tuple[float, float, float, float]) -> tuple[MathCost, ...]:
    return tuple(
        MathCost(operation, cycles, _REDUCE, variants)
        for operation in (Operation.REDUCE, Operation.TILIZE_REDUCE)
        for variants, cycles in ((_ROW, (32, 57, 105, 153)), (_COLUMN, (20, 32, 56, 80)), (_SCALAR, scalar))
    )


WORMHOLE_B0_MATH = (*_MOVES, *_reductions((77, 110, 140, 170)))
BLACKHOLE_MATH = (*_MOVES, *_reductions((62, 95, 125, 155)))
WORMHOLE_B0_UNPACK: Mapping[int, float] = {Operation.TILIZE: 52.0}
"""Cycles of one call where they do not follow from its bytes: tt-llk#130."""
BLACKHOLE_UNPACK: Mapping[int, float] = {Operation.TILIZE: 25.0}


def math_table(costs: Sequence[MathCost]) -> npt.NDArray[np.float64]:
    """Cycles by operation, variant and phases; what no cost names takes none."""
    table = np.zeros((OPERATIONS, VARIANTS, PHASES))
    for cost in costs:
        variants = cost.variants or range(VARIANTS)
        for variant in variants:
            table[cost.operation, variant, 1:] = cost.cycles
            table[cost.operation, variant, 0] = cost.cycles[-1]
    return table
