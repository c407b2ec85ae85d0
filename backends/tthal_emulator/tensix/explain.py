"""How one element of a tile operation comes about in the exact grade, instruction by instruction.

The steps call the readable definition (`fpu`) with the element's own operands. What they lead to is compared with what
the matrix path gives for whole tiles, so that an explanation never tells of another number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from tthal import pack_tiles, unpack_tiles
from tthal.types import DataFormat, MathFidelity
from tthal_emulator.board.tensix_traits import TensixTraits

from . import datum, fast, fpu, moves
from .datum import F32, U8, U32
from .errors import TensixError
from .formats import FACE_SIDE, TILE_SIDE, Operand, info, pack_register_format
from .fpu import GROUP, PHASES, AccumulateMode, Sum
from .layout import matrix_from_slots
from .operations import BinaryOperation, Dimension, Follow, Grade, Pool
from .pack import PLAIN_PACK, REDUCTION_MASKS, PackSettings
from .tile_math import TileMath
from .unpack import Source, unpack

OPERATIONS = ("copy", "add", "sub", "mul", "matmul", "sum-row", "sum-col")


@dataclass(frozen=True, slots=True)
class Question:
    """Which element of which operation.

    Attributes:
        operation: one of `OPERATIONS`; sums of rows end in column 0, sums of columns in row 0.
        a: values of the first operand, (32, 32), for a matmul (32, 32 * k).
        b: values of the second, (32, 32), for a matmul (32 * k, 32); of a sum, its scaler tile. A copy ignores it.
        formats: of both operands' circular buffers and of the one that is packed into.
        element: row and column of the result.
    """

    operation: str
    a: F32
    b: F32
    formats: tuple[DataFormat, DataFormat, DataFormat]
    element: tuple[int, int]
    chip: TensixTraits
    fidelity: MathFidelity = MathFidelity.HiFi4
    fp32_dest_acc_en: bool = False
    follow: Follow = Follow.SILICON


class Step(NamedTuple):
    """One stage and what happened in it, a line each."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The stages in order; the element's DST pattern; what was packed, and what float64 gives for the given values."""

    steps: tuple[Step, ...]
    dst: int
    packed: float
    in_float64: float


def explain(question: Question) -> Explanation:
    """Return how the element comes about.

    Raises:
        TensixError: the hardware has no such operation for these formats, or there is no such element.
    """
    _check(question)
    tiles = _Tiles.packed(question)
    wanted, packed = _whole(question, tiles)
    a, b = _meeting(question, question.a, question.b)
    operands = _registers(question, tiles)
    steps = [_l1_step(question, tiles, a, b), _register_step(question, operands)]
    dst = np.zeros((1, 1), np.uint32)
    for step, dst in _WORK[question.operation](question, operands):  # noqa: B007 - the last one is the result
        steps.append(step)
    if dst.item() != wanted:
        raise TensixError(
            f"the steps lead to {_datum(dst.item())}, the tile holds {_datum(wanted)}: please report this"
        )
    steps.append(_pack_step(question, wanted, packed))
    return Explanation(tuple(steps), wanted, packed, _in_float64(question.operation, a, b))


def _check(question: Question) -> None:
    row, column = question.element
    if question.operation not in OPERATIONS:
        raise TensixError(f"unknown operation {question.operation!r}; use one of {', '.join(OPERATIONS)}")
    if not (0 <= row < TILE_SIDE and 0 <= column < TILE_SIDE):
        raise TensixError(f"element {row},{column} is outside of a 32x32 tile")
    if (question.operation == "sum-row" and column) or (question.operation == "sum-col" and row):
        where = "column" if question.operation == "sum-row" else "row"
        raise TensixError(f"{question.operation} leaves its sums in {where} 0; ask for an element there")
    integers = [each.name for each in question.formats if info(each).is_integer]
    if integers:
        raise TensixError(f"{integers[0]} is an integer format: its operations are exact and have no steps to explain")


# ------------------------------------------------------------------------------------------------ whole tiles


class _Tiles(NamedTuple):
    """Both operands as pages (k, page bytes), in the order of k."""

    a: U8
    b: U8

    @classmethod
    def packed(cls, question: Question) -> _Tiles:
        a, b = (
            pack_tiles(values, form).reshape(-1, Operand(form).page_bytes)
            for values, form in zip((question.a, question.b), question.formats[:2], strict=True)
        )
        return cls(a, b)


def _whole(question: Question, tiles: _Tiles) -> tuple[int, float]:
    """Carry out the operation on whole tiles; return the element's DST pattern and what is packed of it."""
    machine = TileMath(
        question.chip,
        Grade.EXACT,
        math_fidelity=question.fidelity,
        fp32_dest_acc_en=question.fp32_dest_acc_en,
        follow=question.follow,
    )
    a, b, out = (Operand(form) for form in question.formats)
    settings = PLAIN_PACK
    if question.operation == "copy":
        machine.copy_tile(a, tiles.a[0], 0)
    elif question.operation == "matmul":
        for page_a, page_b in zip(tiles.a, tiles.b, strict=True):
            machine.matmul_block(a, page_a, b, page_b, 0)
    elif question.operation in _DIMENSIONS:
        dimension = _DIMENSIONS[question.operation]
        machine.reduce_tile(Pool.SUM, dimension, a, tiles.a[0], b, tiles.b[0], 0)
        settings = PackSettings(edge_mask=REDUCTION_MASKS[dimension])
    else:
        machine.binary_tiles(BinaryOperation[question.operation.upper()], a, tiles.a[0], b, tiles.b[0], 0)
    page = np.zeros(out.page_bytes, np.uint8)
    machine.pack_tile(0, out, page, settings)
    values = unpack_tiles(page, (TILE_SIDE, TILE_SIDE), out.format)
    return int(machine.dst.bits[0][question.element]), float(values[question.element])


_DIMENSIONS = {"sum-row": Dimension.ROW, "sum-col": Dimension.COL}


# ------------------------------------------------------------------------------------------------ operands


T = TypeVar("T", bound=np.generic)


def _meeting(question: Question, a: npt.NDArray[T], b: npt.NDArray[T]) -> tuple[npt.NDArray[T], npt.NDArray[T]]:
    """Return the elements of both operands that meet in the result, k ascending; of a copy, the second is empty."""
    row, column = question.element
    k = np.arange(TILE_SIDE)
    match question.operation:
        case "copy":
            return a[row, column : column + 1], b[0, :0]
        case "matmul":
            return a[row], b[:, column]
        # Only row 0 of a scaler face counts: of faces 0 and 1 for a row, of the faces in a column's half for a column.
        case "sum-row":
            return a[row], b[0]
        case "sum-col":
            return a[:, column], b[k // FACE_SIDE * FACE_SIDE, column // FACE_SIDE * FACE_SIDE + k % FACE_SIDE]
        case _:
            return a[row, column : column + 1], b[row, column : column + 1]


class _Registers(NamedTuple):
    """The operands that meet, as datums of the two source registers."""

    a: Source
    b: Source


def _registers(question: Question, tiles: _Tiles) -> _Registers:
    sources = [
        unpack(pages, Operand(form), question.fp32_dest_acc_en)
        for pages, form in zip(tiles, question.formats[:2], strict=True)
    ]
    matrices = [
        matrix_from_slots(source.bits, Operand(form).shape)
        for source, form in zip(sources, question.formats, strict=False)
    ]
    first = np.concatenate(list(matrices[0]), axis=1)
    second = np.concatenate(list(matrices[1]), axis=0)
    bits = _meeting(question, first, second)
    one, two = (source.with_bits(part) for source, part in zip(sources, bits, strict=True))
    swapped = question.operation in ("matmul", "sum-row")
    return _Registers(two, one) if swapped else _Registers(one, two)


# ------------------------------------------------------------------------------------------------ the work

_Steps = Iterator[tuple[Step, U32]]


def _copied(question: Question, operands: _Registers) -> _Steps:
    if question.fp32_dest_acc_en:
        move, how = moves.through_adder, "ELWADD with zero: denormals and -0 become +0, NaN an infinity"
    elif operands.a.format is DataFormat.Lf8:
        move, how = moves.flushed, "MOVA2D: denormals and -0 become +0"
    else:
        move, how = moves.straight, "MOVA2D: the bits as they are"
    dst = move(operands.a).reshape(1, 1)
    yield Step("Moved to DST", (f"{how}: {_datum(dst.item())}",)), dst


def _added(question: Question, operands: _Registers) -> _Steps:
    a, b = operands
    if question.operation == "sub":
        b = b.with_bits(b.bits ^ datum.SRC_SIGN)
    mode = _mode(question, a)
    dst = fpu.elwadd(a.bits[None, :], b.bits[None, :], None, mode)
    exact = _value(a).item() + _value(b).item()
    lines = (
        "the smaller operand is shifted to the exponent of the larger and rounded to its 11 bits",
        f"exact sum {exact:.12g}, as DST keeps it ({mode.kept_bits} bits): {_datum(dst.item())}",
    )
    yield Step("ELWADD" if question.operation == "add" else "ELWSUB", lines), dst


def _multiplied(question: Question, operands: _Registers) -> _Steps:
    a, b = operands
    mode, dst = _mode(question, a), np.zeros((1, 1), np.uint32)
    for phase in range(PHASES[question.fidelity]):
        parts = _slices(a, b, phase)
        before, dst = dst, fpu.elwmul(a.bits[None, :], b.bits[None, :], dst, phase, mode)
        line = f"SrcA {parts[0].item():.9g} x SrcB {parts[1].item():.9g} = {(parts[0] * parts[1]).item():.12g}"
        yield Step(f"ELWMUL, phase {phase}", (line, _change(before, dst))), dst


def _summed(question: Question, operands: _Registers) -> _Steps:
    a, b = operands
    mode, dst = _mode(question, a), np.zeros((1, 1), np.uint32)
    columns, row = a.bits[:, None], b.bits[None, :]
    name = "GAPOOL" if question.operation == "sum-col" else "MVMUL"
    for first in range(0, len(a.bits), TILE_SIDE):
        for phase, lanes in fpu.steps(TILE_SIDE, PHASES[question.fidelity], question.operation == "sum-col"):
            part = slice(first + lanes.start, first + lanes.stop)
            groups = [slice(part.start, part.start + GROUP), slice(part.start + GROUP, part.stop)]
            sums = [fpu.group_sum(row[:, each], columns[each], phase, mode) for each in groups]
            before, dst = dst, fpu.accumulate(tuple(sums), dst, mode)
            lines = [_group_line(a, b, each, phase, total, mode) for each, total in zip(groups, sums, strict=True)]
            yield Step(f"{name}, phase {phase}, k {part.start}..{part.stop - 1}", (*lines, _change(before, dst))), dst


def _summed_rows(question: Question, operands: _Registers) -> _Steps:
    a, b = operands
    mixed = b.format is DataFormat.Tf32 and a.format is DataFormat.Float16_b
    if not (mixed and question.fp32_dest_acc_en and question.follow is Follow.SILICON):
        yield from _summed(question, operands)
        return
    mode, dst = _mode(question, a), np.zeros((1, 1), np.uint32)
    for first in range(0, TILE_SIDE, FACE_SIDE):
        part, total = slice(first, first + FACE_SIDE), np.zeros((1, 1), np.uint32)
        for phase in range(PHASES[question.fidelity]):
            total = fpu.mvmul(b.bits[None, part], a.bits[part, None], total, phase, mode)
        cut = total & datum.BF16_MASK
        before, dst = dst, fast.settle(fast.add(dst.view(np.float32), cut.view(np.float32)), True)
        lines = (
            f"sum of the face {_datum(total.item())}, cut to the scaler's bfloat16 {_datum(cut.item())}",
            "(chips do this, tt-metal #17012; follow=simulator does not)",
            _change(before, dst),
        )
        yield Step(f"MVMUL, k {part.start}..{part.stop - 1}, all phases", lines), dst


_WORK: dict[str, Callable[[Question, _Registers], _Steps]] = {
    "copy": _copied,
    "add": _added,
    "sub": _added,
    "mul": _multiplied,
    "matmul": _summed,
    "sum-row": _summed_rows,
    "sum-col": _summed,
}


def _mode(question: Question, a: Source) -> AccumulateMode:
    return AccumulateMode(question.fp32_dest_acc_en, a.five_bit_exponent, question.chip.minus_one_quirk)


def _slices(a: Source, b: Source, phase: int) -> tuple[F32, F32]:
    """Return the values of the parts of both operands that a phase multiplies."""
    result = []
    for source, (_, part) in ((a, fpu.slice_a(a.bits, phase)), (b, fpu.slice_b(b.bits, phase))):
        low, weight = (phase & 1, 4) if source is a else (phase & 2, 6)
        scale = 2.0 ** -(weight + ((5 if source is a else 7) if low else 0))
        exponent = datum.src_exponent(source.bits) - (15 if source.five_bit_exponent else datum.FP32_BIAS)
        result.append(np.ldexp(part * scale, exponent))
    return result[0], result[1]


# ------------------------------------------------------------------------------------------------ words


def _value(source: Source) -> npt.NDArray[np.float64]:
    bits = datum.flush_denormals(datum.fp32_from_src(source.bits, source.five_bit_exponent))
    return bits.view(np.float32).astype(np.float64)


def _datum(bits: int) -> str:
    return f"{float(np.uint32(bits).view(np.float32)):.9g} ({bits:#010x})"


def _change(before: U32, after: U32) -> str:
    return f"DST {_datum(before.item())} -> {_datum(after.item())}"


def _group_line(a: Source, b: Source, lanes: slice, phase: int, total: Sum, mode: AccumulateMode) -> str:
    left, right = _slices(a.with_bits(a.bits[lanes]), b.with_bits(b.bits[lanes]), phase)
    bias = 15 if mode.dst_is_float16 else datum.FP32_BIAS
    exponent = int(total.exponent.item()) - bias
    value = np.ldexp(float(total.value.item()), exponent - 23)
    where = f"k {lanes.start}..{lanes.stop - 1}"
    if total.value.item() == 0 and not (left * right).any():
        return f"{where}: nothing"
    return f"{where}: products in units of 2^{exponent - 10}, sum {value:.12g} (exact {(left * right).sum():.12g})"


def _numbers(values: npt.NDArray[np.generic], limit: int = 8) -> str:
    shown = ", ".join(f"{float(value):.9g}" for value in values[:limit])
    return shown + (f", ... ({len(values)} in all)" if len(values) > limit else "")


def _l1_step(question: Question, tiles: _Tiles, a: F32, b: F32) -> Step:
    lines = []
    shapes = (question.a.shape, question.b.shape)
    stored = [
        np.asarray(unpack_tiles(pages.reshape(-1), shape, form), np.float32)
        for pages, shape, form in zip(tiles, shapes, question.formats, strict=False)
    ]
    for name, form, given, held in zip("AB", question.formats, (a, b), _meeting(question, *stored), strict=False):
        if len(given):
            lines += [f"{name} as given: {_numbers(given)}", f"{name} as {form.name}: {_numbers(held)}"]
    return Step("In L1", tuple(lines))


def _register_step(question: Question, operands: _Registers) -> Step:
    both = (("SrcA", operands.a), ("SrcB", operands.b))
    return Step(
        "In the source registers",
        tuple(f"{name}, {source.format.name}: {_numbers(_value(source))}" for name, source in both if len(source.bits)),
    )


def _pack_step(question: Question, dst: int, packed: float) -> Step:
    out = question.formats[2]
    register = pack_register_format(out, question.fp32_dest_acc_en)
    return Step("Packed", (f"DST {_datum(dst)} as {register.name} in the packer, {out.name} in L1: {packed:.9g}",))


def _in_float64(operation: str, a: F32, b: F32) -> float:
    first, second = a.astype(np.float64), b.astype(np.float64)
    if operation == "copy":
        return float(first[0])
    if operation in ("add", "sub"):
        return float(first[0] + (second[0] if operation == "add" else -second[0]))
    return float((first * second).sum())
