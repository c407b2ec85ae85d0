"""The errors of the vendor's vector operations, as recorded from the simulated chips.

Beside the recorded files lies a table of all operations that were recorded, more than there are files: per set of
inputs the largest error against float64 in units of the last place (of integers, how many were wrong), and the input
where it was largest with what came out there. Every operation had the same inputs, so that what is computed here can
be held against the table's numbers, for operations without a file too.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
from recorded_formats import FORMAT_BY_SHORT_NAME
from recorded_operations import BOARDS, FILES, FOLDER, OUTPUT, TOGETHER, config_of, kernel_of, meta_of

from tthal_conformance.compute_bench import ComputeBench, Tensor

references = pytest.importorskip("exact_functions", reason="needs SciPy for the functions of float64")

NAME = re.compile(r"(\w+?)_(bf16|fp32|i32|u32)_to_(bf16|fp32|i32|u32)_(16|fp32)dest_(wh|bh)")
INT = "<DataFormat::Int32>"
# Operations none of whose files is here, as the vendor's interface has them (0.81.1).
CALLS = {
    "add_binary": ("add_binary_tile_init();", "add_binary_tile(0, 1, 0);"),
    "bitwise_xor_binary": ("binary_bitwise_tile_init();", f"bitwise_xor_binary_tile{INT}(0, 1, 0);"),
    "clamp": ("clamp_tile_init();", "clamp_tile(0, 0xbf800000u, 0x3f800000u);"),
    "erfinv": ("erfinv_tile_init();", "erfinv_tile(0);"),
    "fmod": ("fmod_tile_init(0x3fc00000u, 0x3f2aaaabu);", "fmod_tile(0);"),
    "gez_int32": ("gez_tile_init();", "gez_tile_int32(0);"),
    "gt_int": (f"gt_int_tile_init{INT}();", f"gt_int_tile{INT}(0, 1, 0);"),
    "le_int": (f"le_int_tile_init{INT}();", f"le_int_tile{INT}(0, 1, 0);"),
    "lgamma_stirling": ("lgamma_stirling_tile_init();", "lgamma_stirling_tile(0);"),
    "log2": ("log_with_base_tile_init();", "log_with_base_tile(0, 0x3fb8aa3bu);"),
    "logaddexp_binary": ("logaddexp_binary_tile_init();", "logaddexp_binary_tile(0, 1, 0);"),
    "ltz_int32": ("ltz_tile_init();", "ltz_tile_int32(0);"),
    "mul_int": (f"mul_int_tile_init{INT}();", f"mul_int_tile{INT}(0, 1, 0);"),
    "ne_int": (f"ne_int_tile_init{INT}();", f"ne_int_tile{INT}(0, 1, 0);"),
    "negative_int32": ("negative_tile_init();", "negative_tile_int32(0);"),
    "round2": ("round_tile_init();", "round_tile(0, 2);"),
    "rsub_unary": ("binop_with_scalar_tile_init();", "rsub_unary_tile(0, 0x3f8ccccdu);"),
    "sigmoid_approx": ("sigmoid_tile_init<true>();", "sigmoid_tile<VectorMode::RC, true>(0);"),
    "unary_min": ("unary_min_tile_init();", "unary_min_tile(0, 0x3f000000u);"),
}
SMALLEST, LARGEST_BF16, LARGEST_FP32 = 2.0**-126, 2.0**128 * (1 - 2.0**-9), 2.0**128 * (1 - 2.0**-25)
"""Normal numbers; from half a step above the largest on a format rounds to infinity."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table.

    Attributes:
        name: the recorded file's, whether it is here or not.
        operation, ins, out, wide, arch: what the name says.
        said: of each set of inputs the largest error, or how many integers were wrong.
        worst, got: the inputs of the largest error, and what came out there; empty for integers.
    """

    name: str
    operation: str
    ins: str
    out: str
    wide: bool
    arch: str
    said: tuple[str, ...]
    worst: tuple[str, ...]
    got: str


def row_of(line: str) -> Row | None:
    """Read a line of the table; None where nothing of the operation is told."""
    cells = [cell.strip() for cell in line.split("|")]
    named = NAME.fullmatch(cells[1]) if len(cells) > 6 else None
    if named is None or not (" / " in cells[6] or cells[6] == "integer op"):
        return None
    operation, ins, out, dst, arch = named.groups()
    place, _, got = cells[6].split(" / ")[0].partition(": ")
    return Row(
        cells[1],
        operation,
        ins,
        out,
        dst == "fp32",
        arch,
        tuple(cells[2:6]),
        tuple(place.split(",")) if got else (),
        got,
    )


def rows() -> list[Row]:
    """Return the rows whose function is known here, or whose largest error is told."""
    table = FOLDER / "accuracy.md"
    found = [row_of(line) for line in table.read_text(encoding="utf-8").splitlines()] if table.is_file() else []
    return [row for row in found if row and (row.worst or row.operation in references.OF_INTEGERS)]


ROWS = rows()


@cache
def standard() -> tuple[dict[str, tuple[str, str]], dict[tuple[int, str], Any]]:
    """Return the statements of each operation, and by number and format the pages that each had as input."""
    calls = dict(CALLS)
    pages: dict[tuple[int, str], Any] = {}
    for path in FILES:
        named = NAME.fullmatch(path.stem)
        if named is None or re.search("quant|shift|typecast", path.stem):
            continue
        meta = meta_of(path)
        calls.setdefault(named[1], (meta["init"], meta["call"]))
        with np.load(path) as stored:
            for cb, kind in enumerate(meta["ins"]):
                pages.setdefault((cb, kind), np.concatenate([stored[f"{'abc'[cb]}_{seed}"] for seed in range(4)]))
    return calls, pages


def inputs_of(row: Row) -> int:
    """How many inputs the operation has."""
    return len(row.worst) or (2 if "(0, 1, 0)" in standard()[0][row.operation][1] else 1)


@cache
def kernels() -> dict[str, tuple[str, int]]:
    """Return by row the kernel that computes it, and the number of its operation there."""
    alike: dict[Any, list[Row]] = defaultdict(list)
    found: dict[str, tuple[str, int]] = {}
    for row in ROWS:
        alike[row.arch, row.ins, row.out, row.wide, inputs_of(row)].append(row)
    for (*_, inputs), members in alike.items():
        for first in range(0, len(members), TOGETHER):
            part = members[first : first + TOGETHER]
            text = kernel_of((standard()[0][row.operation] for row in part), inputs)
            found.update({row.name: (text, number) for number, row in enumerate(part)})
    return found


def numbers(pages: Any, kind: str) -> Any:
    """Return the numbers of pages, one after the other."""
    if kind == "bf16":
        return (pages.view(np.uint16).astype(np.uint32) << 16).view(np.float32).ravel()
    return pages.view(np.float32 if kind == "fp32" else np.int32).ravel()


def result(row: Row, benches: Callable[[str], ComputeBench]) -> tuple[list[Any], Any]:
    """Return the inputs and what the operation makes of them here."""
    pages = [standard()[1][cb, row.ins] for cb in range(inputs_of(row))]
    inputs = [Tensor(cb, FORMAT_BY_SHORT_NAME[row.ins], each) for cb, each in enumerate(pages)]
    empty = np.zeros((len(pages[0]), 2048 if row.out == "bf16" else 4096), np.uint8)
    text, number = kernels()[row.name]
    config = config_of(row.wide, [row.ins] * len(inputs))
    wanted = [Tensor(OUTPUT, FORMAT_BY_SHORT_NAME[row.out], empty)]
    (got,) = benches(f"emulator:{BOARDS[row.arch]}?numerics=exact").run(
        text, inputs, wanted, [len(empty), number], **config
    )
    return [numbers(each, row.ins) for each in pages], numbers(np.ascontiguousarray(got), row.out)


def flushed(values: Any) -> Any:
    """Return zeros in place of numbers below the smallest normal one, as the table has its inputs."""
    return np.where(np.abs(values) < SMALLEST, np.copysign(0, values), values)


def largest_errors(row: Row, ins: list[Any], out: Any) -> tuple[str, ...]:
    """Return the table's cells: errors of finite, normal results."""
    wide = [flushed(each.astype(np.float64)) for each in ins]
    with np.errstate(all="ignore"):
        exact = references.OF_FLOATS[row.operation](*wide)
        counts = np.isfinite(out) & (np.abs(exact) >= SMALLEST)
        counts &= np.abs(exact) < (LARGEST_BF16 if row.out == "bf16" else LARGEST_FP32)
        step = 2.0 ** (np.floor(np.log2(np.abs(exact))) - (7 if row.out == "bf16" else 23))
        errors = np.where(counts, np.abs(out.astype(np.float64) - exact) / step, 0.0)
    return tuple(f"{largest:.3g}" for largest in errors.reshape(4, -1).max(1))


def wrong_integers(row: Row, ins: list[Any], out: Any) -> tuple[str, ...]:
    exact = references.OF_INTEGERS[row.operation](*(each.astype(np.int64) for each in ins))
    wrong = exact.astype(np.int64).astype(np.int32) != out
    return tuple(f"{count} wrong" for count in wrong.reshape(4, -1).sum(1))


@pytest.mark.slow
@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in ROWS])
def test_errors_are_the_recorded_ones(row: Row, benches: Callable[[str], ComputeBench]) -> None:
    ins, out = result(row, benches)
    if not row.worst:
        assert wrong_integers(row, ins, out) == row.said
        return
    if row.operation in references.OF_FLOATS:
        assert largest_errors(row, ins, out) == row.said
    there = np.all(
        [[f"{number:.6g}" == text for number in each] for text, each in zip(row.worst, map(flushed, ins), strict=True)],
        axis=0,
    )
    assert row.got in {f"{number:.7g}" for number in out[there].tolist()}


def test_the_table_tells_of_operations_without_a_file(reference: object) -> None:
    files = {path.stem for path in FILES}
    assert len(ROWS) > 350
    assert sum(row.name not in files for row in ROWS) > 100
