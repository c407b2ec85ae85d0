"""How far the ``fast`` grade is from ``exact``, per operation, format, DST mode and fidelity.

``python -m tthal_emulator.tensix.deviation`` prints the table. Inputs are normally distributed; a matmul adds three
tiles along k; both grades start from the same bytes and pack to the input's format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from tthal.types import DataFormat, MathFidelity

from . import datum, unpack
from .datum import F32, U8
from .formats import Operand, info
from .fpu import PHASES
from .operations import BinaryOperation, Broadcast, Dimension, Grade, Pool
from .pack import PLAIN_PACK, REDUCTION_MASKS, PackSettings, pack
from .tile_math import TileMath

FORMATS = (DataFormat.Float16_b, DataFormat.Float32, DataFormat.Bfp8_b)
TILES = 6
K_TILES = 3
HEADINGS = ("operation", "format", "DST", "fidelity", "equal", "rel. Frobenius", "worst / largest")


@dataclass(frozen=True, slots=True)
class Deviation:
    """One row of the table.

    Attributes:
        operation: the tile operation.
        data_format: format of inputs and output.
        fp32_dest_acc_en: whether DST has 32 bits.
        fidelity: the fidelity, or None where it does not matter.
        equal: part of the output datums that are the same, 0 to 1; zeros of both are not counted.
        frobenius: Frobenius norm of the difference over that of the exact result.
        worst: largest absolute difference over the largest absolute exact value.
    """

    operation: str
    data_format: DataFormat
    fp32_dest_acc_en: bool
    fidelity: MathFidelity | None
    equal: float
    frobenius: float
    worst: float


@dataclass(frozen=True, slots=True)
class _Run:
    """One machine with its inputs: pages of A and B and a scaler tile of ones."""

    machine: TileMath
    operand: Operand
    a: U8
    b: U8
    ones: U8


Operation = Callable[[_Run], PackSettings]
"""Computes, and returns how the packer is set for the result."""


def _copy(run: _Run) -> PackSettings:
    run.machine.copy_tile(run.operand, run.a[0], 0)
    return PLAIN_PACK


def _binary(op: BinaryOperation, bcast: Broadcast = Broadcast.NONE) -> Operation:
    def operation(run: _Run) -> PackSettings:
        run.machine.binary_tiles(op, run.operand, run.a[0], run.operand, run.b[0], 0, bcast)
        return PLAIN_PACK

    return operation


def _matmul(run: _Run) -> PackSettings:
    for k in range(K_TILES):
        run.machine.matmul_block(run.operand, run.a[k], run.operand, run.b[k], 0)
    return PLAIN_PACK


def _reduce(pool: Pool, dim: Dimension) -> Operation:
    def operation(run: _Run) -> PackSettings:
        run.machine.reduce_tile(pool, dim, run.operand, run.a[0], run.operand, run.ones, 0)
        return PackSettings(edge_mask=REDUCTION_MASKS[dim])

    return operation


WITHOUT_FIDELITY: dict[str, Operation] = {
    "copy": _copy,
    "add": _binary(BinaryOperation.ADD),
    "sub": _binary(BinaryOperation.SUB),
    "reduce max row": _reduce(Pool.MAX, Dimension.ROW),
}
WITH_FIDELITY: dict[str, Operation] = {
    "mul": _binary(BinaryOperation.MUL),
    "mul bcast row": _binary(BinaryOperation.MUL, Broadcast.ROW),
    "matmul": _matmul,
    **{f"reduce sum {dim.name.lower()}": _reduce(Pool.SUM, dim) for dim in Dimension},
}


def measure(seed: int = 0) -> list[Deviation]:
    """Return the whole table."""
    return [
        _compare(name, operation, data_format, fp32, fidelity, seed)
        for name, operation, fidelity in _operations()
        for data_format in FORMATS
        for fp32 in (False, True)
    ]


def _operations() -> Iterator[tuple[str, Operation, MathFidelity | None]]:
    for name, operation in WITHOUT_FIDELITY.items():
        yield name, operation, None
    for name, operation in WITH_FIDELITY.items():
        for fidelity in PHASES:
            yield name, operation, fidelity


def _compare(
    name: str,
    operation: Operation,
    data_format: DataFormat,
    fp32: bool,
    fidelity: MathFidelity | None,
    seed: int,
) -> Deviation:
    exact, fast = (_result(operation, grade, data_format, fp32, fidelity, seed) for grade in (Grade.EXACT, Grade.FAST))
    difference = np.abs(fast - exact)
    return Deviation(
        name,
        data_format,
        fp32,
        fidelity,
        equal=float(np.mean((exact == fast)[(exact != 0) | (fast != 0)])),
        frobenius=float(np.linalg.norm(difference) / np.linalg.norm(exact)),
        worst=float(difference.max() / np.abs(exact).max()),
    )


def _result(
    operation: Operation,
    grade: Grade,
    data_format: DataFormat,
    fp32: bool,
    fidelity: MathFidelity | None,
    seed: int,
) -> F32:
    rng = np.random.default_rng(seed)
    operand = Operand(data_format)
    a, b = (_pages(rng.standard_normal((TILES, 32, 32)), operand) for _ in range(2))
    fidelity = MathFidelity.HiFi4 if fidelity is None else fidelity
    machine = TileMath(grade=grade, math_fidelity=fidelity, fp32_dest_acc_en=fp32)
    settings = operation(_Run(machine, operand, a, b, _pages(np.ones((1, 32, 32)), operand)[0]))
    page = np.zeros(operand.page_bytes, np.uint8)
    machine.pack_tile(0, operand, page, settings)
    return _values(page, operand).astype(np.float64)


def _pages(values: np.ndarray, operand: Operand) -> U8:
    return pack(values.astype(np.float32).view(np.uint32), operand, fp32_dest_acc_en=True)


def _values(page: U8, operand: Operand) -> F32:
    if operand.format is DataFormat.Float32:
        return page.view(np.float32)
    return datum.fp32_from_src(unpack.unpack(page, operand, fp32_dest_acc_en=True).bits).view(np.float32)


def table(rows: list[Deviation]) -> str:
    """Return the rows as text, one line each."""
    cells = [HEADINGS] + [
        (
            row.operation,
            info(row.data_format).short_name,
            "32-bit" if row.fp32_dest_acc_en else "16-bit",
            row.fidelity.name if row.fidelity is not None else "",
            f"{100 * row.equal:.1f} %",
            f"{row.frobenius:.1e}",
            f"{row.worst:.1e}",
        )
        for row in rows
    ]
    widths = [max(len(line[i]) for line in cells) for i in range(len(HEADINGS))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) for line in cells)


if __name__ == "__main__":
    print(table(measure()))
