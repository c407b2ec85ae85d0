"""Writes docs/how-sure.md: for every tile operation and format, what proves the exact grade's numbers.

``python tools/how_sure.py --reference FOLDER`` reads the recorded device bytes in FOLDER (golden, golden_more,
golden_blackhole) and asks the matrix path about every combination; ``--check`` compares with the page that is there.
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
        lambda m, o, p: m.reuse_dest_tiles(BinaryOperation.MUL, ReuseDest.DEST_TO_SRCA, o, p, 0),
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
