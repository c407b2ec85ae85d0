"""Writes docs/how-sure.md: for every operation and format, what proves the exact grade's numbers.

``python tools/how_sure.py --reference FOLDER`` reads the recorded device bytes in FOLDER (golden, golden_more,
golden_blackhole, golden_sfpu) and asks the matrix path about every combination; ``--check`` compares with the page that
is there.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tthal.types import DataFormat
from tthal_emulator.board.tensix_traits import BLACKHOLE_TENSIX, WORMHOLE_TENSIX, TensixTraits
from tthal_emulator.tensix.errors import TensixError
from tthal_emulator.tensix.formats import FORMATS, FormatInfo, Operand
from tthal_emulator.tensix.operations import BinaryOperation, Broadcast, Dimension, Grade, Pool, ReuseDest
from tthal_emulator.tensix.tile_math import TileMath

PAGE = Path(__file__).parents[1] / "docs" / "how-sure.md"
FOLDERS = {"golden": WORMHOLE_TENSIX, "golden_more": WORMHOLE_TENSIX, "golden_blackhole": BLACKHOLE_TENSIX}
COLUMNS = [(chip, wide) for chip in (WORMHOLE_TENSIX, BLACKHOLE_TENSIX) for wide in (False, True)]
FIDELITIES = ("LoFi", "HiFi2", "HiFi3", "HiFi4")

Run = Callable[[TileMath, Operand, np.ndarray], None]


def _binary(operation: BinaryOperation, spread: Broadcast = Broadcast.NONE) -> Run:
    return lambda machine, operand, page: machine.binary_tiles(operation, operand, page, operand, page, 0, spread)


def _reduce(pool: Pool, dimension: Dimension) -> Run:
    return lambda machine, operand, page: machine.reduce_tile(pool, dimension, operand, page, operand, page, 0)


OPERATIONS: dict[str, tuple[str, bool, Run]] = {
    "copy": (r"copy_(?!transp)|multi|reconf2", False, lambda m, o, p: m.copy_tile(o, p, 0)),
    "transpose": (r"transpose|copy_transp|transp", False, lambda m, o, p: m.transpose_tile(o, p, 0)),
    "spread a row, column or element": (r"ubcast", False, lambda m, o, p: m.unary_bcast(Broadcast.ROW, o, p, 0)),
    "add, sub": (r"add_|sub_|acc\d_(add|sub)", False, _binary(BinaryOperation.ADD)),
    "mul": (r"mul_|acc\d_mul", True, _binary(BinaryOperation.MUL)),
    "add, sub, B spread": (r"bcast_(row_idx\d+_)?(add|sub)", False, _binary(BinaryOperation.ADD, Broadcast.ROW)),
    "mul, B spread": (r"bcast_(row_idx\d+_)?mul", True, _binary(BinaryOperation.MUL, Broadcast.ROW)),
    "with DST as an operand": (
        r"reuse",
        True,
        lambda m, o, p: m.reuse_dest_tiles(BinaryOperation.MUL, ReuseDest.DEST_TO_SRCA, o, p, 0, m.dst.is_32_bit),
    ),
    "matmul": (r"matmul|mmblk|mm_", True, lambda m, o, p: m.matmul_block(o, p, o, p, 0)),
    **{
        f"{'sum, average' if pool is Pool.SUM else 'maximum'} of {words}": (
            rf"reduce_({'sum|avg' if pool is Pool.SUM else 'max'})_{dimension.name.lower()}",
            pool is Pool.SUM,
            _reduce(pool, dimension),
        )
        for pool in (Pool.SUM, Pool.MAX)
        for dimension, words in ((Dimension.ROW, "rows"), (Dimension.COL, "columns"), (Dimension.SCALAR, "a tile"))
    },
    "tilize": (r"(fast_)?tilize", False, lambda m, o, p: m.copy_tile(o, p, 0)),
}
VECTOR_FOLDER, VECTOR_COLUMNS = "golden_sfpu", [(arch, wide) for arch in ("wh", "bh") for wide in (False, True)]
WITHOUT_RECORDING = (
    (
        "all of the table above, where a column is empty",
        "the algorithm of the chip's kernel of 0.81.1 on the unit's arithmetic, as in the other columns; the arithmetic"
        " of both chips is compared with integers (`tests/emulator/sfpu/test_lanes.py`)",
    ),
    (
        "`topk_*`, `max_with_indices`",
        "comparisons and swaps only: the vendor's network in sign-and-magnitude order; results compared with sorting",
    ),
    (
        "`sfpu_reduce` of columns and rows",
        "the order of the chip's `ckernel_sfpu_reduce.h` of 0.81.1, the unit's sums; compared with the same in integers"
        " (`test_statistics_exact.py`), SUM and AVG, both chips",
    ),
    (
        "`welford_*`, `ema_*`",
        "one multiply-add per step as the formulas have it (tt-llk's `ckernel_sfpu_ema.h`; Welford's sums as"
        " deviations); compared with the same in integers, both chips",
    ),
    (
        "`two_pass_stats_*`, `sfpu_*_bcast_*`, normalisation",
        "the unit's arithmetic on the formulas; columns combined into one number are float32",
    ),
    (
        "16-bit integers (`add_int`, `mul_int`, comparisons, shifts, casts of UInt16)",
        "exact integers, compared with Python's",
    ),
    (
        "`rand_tile`, `dropout_tile`",
        "the kernels' mixing of the unit's generator (ISA documentation, vector unit; tt-metal's `ckernel_sfpu_rand.h`,"
        " `ckernel_sfpu_dropout.h`), seeded as ttsim seeds it: one state through all lanes; compared with the same in"
        " integers, both chips. The kernel's words say that all lanes get the same seed: no card told us who is right",
    ),
)
FORMAT_SOURCES = (
    ("Float32, Float16_b, Bfp8_b, Bfp4_b", "recorded bytes through unpacker, matrix unit and packer"),
    ("UInt16, UInt32", "recorded moves and packing; Int32 follows UInt32, of which nothing is converted"),
    (
        "Tf32",
        "no circular buffer has it; it is what Float32 becomes beside a 32-bit DST, in the recorded bytes of that mode",
    ),
    (
        "Float16",
        "arithmetic: equal to the simulator's function for one datum in 44.8 million cases (numerics.md [D]); unpacking"
        " and packing: ISA documentation (`FloatBitPatterns`, both `FormatConversion` pages), values compared with"
        " numpy's float16; by way of bfloat16 beside a 32-bit DST: descriptors of the wheel",
    ),
    (
        "Bfp2_b",
        "the unpacker's rule of Bfp8_b and Bfp4_b at 2 bits, equal to the simulator's function (numerics.md 1.7 [D]);"
        " packing by the ISA documentation",
    ),
    (
        "Bfp8, Bfp4, Bfp2",
        "ISA documentation alone (5-bit exponents into float16); the public simulator does not have them",
    ),
    (
        "Int8, UInt8",
        "packing recorded (3 files); sums and products: ISA documentation (`ELWADD`, `ELWMUL`, `MVMUL`), compared with"
        " integers; register formats: descriptors of the wheel",
    ),
    ("Lf8", "ISA documentation: the upper byte of a float16; compared with that"),
    (
        "Fp8_e4m3",
        "descriptors of the wheel (Blackhole, 32-bit DST) and the format's definition, compared with ml_dtypes",
    ),
)
"""What each format rests on; facts with their marks in docs/reference/numerics.md."""
PACKING = {"packed": r".*", "packed untilized": r"pack_untilize", "packed with relu": r"relu", "added to L1": r"l1acc"}


@dataclass(frozen=True, slots=True)
class Recorded:
    """One file of recorded bytes: what it is about."""

    name: str
    chip: TensixTraits
    wide: bool
    fidelity: str
    source: str
    target: str


def recorded(reference: Path) -> Iterator[Recorded]:
    """Yield the description of every file."""
    for folder, chip in FOLDERS.items():
        for path in sorted((reference / folder).glob("*.npz")):
            with np.load(path) as stored:
                meta = json.loads(str(stored["meta"]))
            name = re.sub(r"^(tile\d+x\d+_|full_)+", "", path.stem)
            source = meta["ins"][0]["fmt"] if "ins" in meta else meta["fa"]
            target = meta["outs"][0]["fmt"] if "outs" in meta else meta["fo"]
            yield Recorded(name, chip, bool(meta["acc"]), meta["fid"], source, target)


def proof_of(files: list[Recorded], with_fidelity: bool) -> str:
    """Say what recorded files prove."""
    if not with_fidelity:
        return f"golden ({len(files)})"
    seen = {each.fidelity for each in files}
    return f"golden {' '.join(f for f in FIDELITIES if f in seen)} ({len(files)})"


def runs(run: Run, form: DataFormat, chip: TensixTraits, wide: bool) -> bool:
    """Return whether the matrix path takes a format."""
    machine = TileMath(chip, Grade.EXACT, fp32_dest_acc_en=wide)
    operand = Operand(form)
    try:
        run(machine, operand, np.zeros((1, operand.page_bytes), np.uint8)[0])
    except TensixError:
        return False
    return not (form in chip.needs_32_bit_dst and not wide)


def operation_rows(files: list[Recorded]) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the first table."""
    for words, (pattern, with_fidelity, run) in OPERATIONS.items():
        mine = [each for each in files if re.match(pattern, each.name)]
        formats: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for row in FORMATS.values():
            if row.format is not DataFormat.Tf32:  # no circular buffer has it
                formats[tuple(_cells(mine, row, with_fidelity, run))].append(row.format.name)
        for cells, names in formats.items():
            if set(cells) != {"refused"}:
                yield words, ", ".join(names), *cells


def _cells(files: list[Recorded], row: FormatInfo, with_fidelity: bool, run: Run) -> Iterator[str]:
    for chip, wide in COLUMNS:
        here = [f for f in files if f.source == row.short_name and f.chip is chip and f.wide == wide]
        if here:
            yield proof_of(here, with_fidelity)
        else:
            yield "definition" if runs(run, row.format, chip, wide) else "refused"


def packing_rows(files: list[Recorded]) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the second table."""
    for words, pattern in PACKING.items():
        counts: dict[tuple[str, TensixTraits, bool], int] = defaultdict(int)
        for each in files:
            if re.match(pattern, each.name):
                counts[each.target, each.chip, each.wide] += 1
        for row in FORMATS.values():
            found = [counts[row.short_name, chip, wide] for chip, wide in COLUMNS]
            if any(found):
                yield words, row.format.name, *(f"golden ({n})" if n else "definition" for n in found)


def vector_rows(reference: Path) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the vector unit's table: operations that were recorded in the same formats share one."""
    formats: dict[str, dict[tuple[str, bool], set[str]]] = defaultdict(lambda: defaultdict(set))
    for path in sorted((reference / VECTOR_FOLDER).glob("*.npz")):
        with np.load(path) as stored:
            meta = json.loads(str(stored["meta"]))
        how = meta["ins"][0] if meta["ins"][0] == meta["out"] else f"{meta['ins'][0]} to {meta['out']}"
        formats[meta["name"]][meta["arch"], bool(meta["fp32_dest_acc_en"])].add(how)
    alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, found in formats.items():
        alike[tuple(", ".join(sorted(found[column])) for column in VECTOR_COLUMNS)].append(name)
    for cells, names in sorted(alike.items(), key=lambda item: item[1]):
        yield ", ".join(names), *cells


def table(headings: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """Return a table; a name that repeats is left out."""
    lines = ["| " + " | ".join(headings) + " |", "|---" * len(headings) + "|"]
    before = ""
    for first, *rest in rows:
        lines.append("| " + " | ".join([first if first != before else "", *rest]) + " |")
        before = first
    return "\n".join(lines)


def page(reference: Path) -> str:
    """Return the whole page."""
    files = list(recorded(reference))
    vector_files = len(list((reference / VECTOR_FOLDER).glob("*.npz")))
    chips = tuple(f"{chip.chip}, {'32' if wide else '16'}-bit DST" for chip, wide in COLUMNS)
    return f"""# How sure are we

What proves the numbers of `numerics=exact`. Written by `python tools/how_sure.py --reference FOLDER`.

- **golden**: device bytes that the vendor's library left on the vendor's bit-exact simulator are reproduced, every
  byte, in numpy and by the kernels through the whole emulator; how many files, and at which fidelities. Other
  fidelities of the same row rest on the definition. {len(files)} files in all.
- **definition**: computed by the same rules ([numerics](reference/numerics.md)), and by compiled code that tests hold
  equal to them; no recorded bytes of this format, DST and chip.
- **refused**: an error that says why.

No silicon was compared. Where chips are known to differ from the simulators, [numbers](numerics.md) has a table; for
the vector unit see [its page](sfpu.md).

## Tile operations, by the format of the first operand

{table(("operation", "format", *chips), operation_rows(files))}

## Packing, by the format of the output

{table(("how", "format", *chips), packing_rows(files))}

## What each format rests on

{table(("format", "proof"), iter(FORMAT_SOURCES))}

## The vector unit

Recorded, and equal in every byte: operations by the formats of the recorded files ({vector_files} files). `bf16` is
Float16_b, `fp32` Float32, `i32` and `u32` the 32-bit integers.

{table(("operation", *chips), vector_rows(reference))}

Without a recording:

{table(("operation", "proof"), iter(WITHOUT_RECORDING))}

## Which compiled code

Vectors inside kernels are WebAssembly's on every machine. Products of tiles are compiled for the processor: the plain
form and the one for AVX2 run in the tests and are equal to numpy's definition bit for bit. The form for AVX-512 is the
same source at another width: an emulated Skylake-X (Bochs 2.7) ran it and gave the plain form's bits for 736 products
of all formats, both DST modes and both grades, arbitrary patterns among them; the form is chosen there, too
(`pytest -m slow tests/emulator/execution/compiled/test_vector_forms.py`, which says what it needs).
"""


def main() -> int:
    """Write or check the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", type=Path, required=True, help="the folder with recorded device bytes")
    parser.add_argument("--check", action="store_true", help="only say whether the page is what would be written")
    arguments = parser.parse_args()
    text = page(arguments.reference)
    if not arguments.check:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == text:
        return 0
    print(f"{PAGE} is not what {Path(__file__).name} writes: run it without --check", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
