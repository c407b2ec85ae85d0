"""The exact grade against device bytes that the vendor's library produced on the vendor's bit-exact simulators.

Every recorded kernel is written once more here as a sequence of tile operations, and must give the same bytes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from recorded_formats import FORMAT_BY_SHORT_NAME

from tthal.types import DataFormat, MathFidelity
from tthal_emulator.abi import ReluMode
from tthal_emulator.board.tensix_traits import BLACKHOLE_TENSIX, WORMHOLE_TENSIX, TensixTraits
from tthal_emulator.tensix.formats import Operand, TileShape
from tthal_emulator.tensix.operations import BinaryOperation, Broadcast, Dimension, Follow, Grade, Pool, ReuseDest
from tthal_emulator.tensix.pack import REDUCTION_MASKS, PackSettings, Relu
from tthal_emulator.tensix.tile_math import TileMath

Pages = npt.NDArray[np.uint8]

REFERENCE = os.environ.get("TTHAL_REFERENCE", "")
NO_REFERENCE = "TTHAL_REFERENCE does not name the folder of recorded device bytes"
FOLDERS = {
    "golden": WORMHOLE_TENSIX,
    "golden_more": WORMHOLE_TENSIX,
    "golden_blackhole": BLACKHOLE_TENSIX,
}
BCAST_OPS = {"ELWADD": BinaryOperation.ADD, "ELWSUB": BinaryOperation.SUB, "ELWMUL": BinaryOperation.MUL}
BIN_KERNEL_OPS = {
    "1": BinaryOperation.ADD,
    "2": BinaryOperation.SUB,
    "3": BinaryOperation.MUL,
    "4": BinaryOperation.MUL,
}


def recorded_files() -> Iterator[Path]:
    for folder in FOLDERS:
        yield from sorted(Path(REFERENCE, folder).glob("*.npz")) if REFERENCE else ()


def file_id(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


# The two-sided sample that always runs; the rest is part of the full tier.
ALL_FILES = list(recorded_files())


class Case:
    """One recorded run: its settings, inputs and outputs of one seed."""

    def __init__(
        self,
        meta: dict[str, Any],
        arrays: dict[str, Pages],
        seed: int,
        chip: TensixTraits,
        follow: Follow = Follow.SIMULATOR,
    ) -> None:
        self._follow = follow
        self.meta = meta
        self.chip = chip
        self.inputs = [arrays[f"{name}_{seed}"] for name in "abcd" if f"{name}_{seed}" in arrays]
        self.outputs = [arrays[f"{name}_{seed}"] for name in ("out", "out2") if f"{name}_{seed}" in arrays]
        self.results = [np.zeros_like(out) for out in self.outputs]
        self.defs: dict[str, str] = meta.get("defs", {})
        self.rt: list[int] = meta.get("rt", [])
        self.operands, self.targets = self._operands()

    def _operands(self) -> tuple[list[Operand], list[Operand]]:
        meta = self.meta
        if "ins" not in meta:
            to_dest = "_u2d" in meta.get("name", "") or bool(meta.get("u2d"))
            ins = [Operand(FORMAT_BY_SHORT_NAME[meta[k]]) for k in ("fa", "fb") if meta.get(k)]
            if to_dest:
                ins[0] = Operand(ins[0].format, unpack_to_dest=True)
            return ins, [Operand(FORMAT_BY_SHORT_NAME[meta["fo"]])]
        return [_described(d) for d in meta["ins"]], [_described(d) for d in meta["outs"]]

    def machine(self) -> TileMath:
        meta = self.meta
        return TileMath(
            self.chip,
            Grade.EXACT,
            math_fidelity=MathFidelity[meta["fid"]],
            fp32_dest_acc_en=meta["acc"],
            dst_full_sync_en=meta.get("full", False),
            bfp8_pack_precise=meta.get("precise", False),
            follow=self._follow,
        )


def _described(description: dict[str, Any]) -> Operand:
    shape = TileShape(*description["tile"]) if description["tile"] else TileShape()
    operand = Operand(FORMAT_BY_SHORT_NAME[description["fmt"]], shape)
    assert operand.page_bytes == description["page_bytes"]
    return operand


# ------------------------------------------------------------------------------------------- kernels of golden


def run_copy(case: Case) -> None:
    m = case.machine()
    for page, out in zip(case.inputs[0], case.results[0], strict=True):
        m.dst.clear()
        m.copy_tile(case.operands[0], page, 0)
        m.pack_tile(0, case.targets[0], out)


def run_binary(case: Case) -> None:
    m = case.machine()
    a, b = case.operands
    for page_a, page_b, out in zip(*case.inputs, case.results[0], strict=True):
        m.dst.clear()
        m.binary_tiles(BinaryOperation[case.meta["op"].upper()], a, page_a, b, page_b, 0)
        m.pack_tile(0, case.targets[0], out)


def run_matmul(case: Case) -> None:
    m = case.machine()
    a, b = case.inputs
    for row in range(2):
        for column in range(2):
            m.dst.clear()
            for k in range(3):
                m.matmul_block(case.operands[0], a[3 * row + k], case.operands[1], b[2 * k + column], 0)
            m.pack_tile(0, case.targets[0], case.results[0][2 * row + column])


def run_bcast(case: Case) -> None:
    m = case.machine()
    a, b = case.operands
    op, dim = BCAST_OPS[case.meta["BOP"]], Broadcast[case.meta["BDIM"]]
    for page_a, page_b, out in zip(*case.inputs, case.results[0], strict=True):
        m.dst.clear()
        m.binary_tiles(op, a, page_a, b, page_b, 0, dim)
        m.pack_tile(0, case.targets[0], out)


def run_reduce(case: Case) -> None:
    m = case.machine()
    defs = case.defs or case.meta
    pool, dim = Pool[defs["RTYPE"]], Dimension[defs["RDIM"].removeprefix("REDUCE_")]
    steps = case.rt[0] if case.rt else 1
    settings = PackSettings(edge_mask=REDUCTION_MASKS[dim])
    for j, out in enumerate(case.results[0]):
        m.dst.clear()
        for s in range(steps):
            page = case.inputs[0][j * steps + s]
            m.reduce_tile(pool, dim, case.operands[0], page, case.operands[1], case.inputs[1][0], 0)
        m.pack_tile(0, case.targets[0], out, settings)


def run_transpose(case: Case) -> None:
    m = case.machine()
    for page, out in zip(case.inputs[0], case.results[0], strict=True):
        m.dst.clear()
        m.transpose_tile(case.operands[0], page, 0)
        m.pack_tile(0, case.targets[0], out)


# ------------------------------------------------------------------------------------------- kernels of golden_more


def run_acc(case: Case) -> None:
    m = case.machine()
    steps, outputs = case.rt
    a, b = case.operands
    for j in range(outputs):
        m.dst.clear()
        if case.defs["SEED"] == "1":
            m.copy_tile(a, case.inputs[0][j], 0)
        for s in range(steps):
            i = s * outputs + j
            op, keep = BinaryOperation[case.defs["OP"].upper()], case.defs["ACC"] == "true"
            m.binary_tiles(op, a, case.inputs[0][i], b, case.inputs[1][i], 0, accumulate=keep)
        m.pack_tile(0, case.targets[0], case.results[0][j])


def run_bin(case: Case) -> None:
    kind = case.defs["XK"]
    if kind == "0":
        return run_copy(case)
    m = case.machine()
    dim, row = (Broadcast.ROW, int(case.defs["BR"])) if kind == "4" else (Broadcast.NONE, 0)
    for i, out in enumerate(case.results[0]):
        m.dst.clear()
        a, b = case.operands
        m.binary_tiles(BIN_KERNEL_OPS[kind], a, case.inputs[0][i], b, case.inputs[1][i], 0, dim, bcast_row=row)
        m.pack_tile(0, case.targets[0], out)
    return None


def run_l1acc(case: Case) -> None:
    m = case.machine()
    steps, outputs = case.rt
    relu = Relu(ReluMode.ZERO) if case.defs.get("RELU1") == "1" else Relu()
    for s in range(steps):
        settings = PackSettings(relu, l1_accumulate=s > 0)
        for i in range(outputs):
            m.dst.clear()
            m.copy_tile(case.operands[0], case.inputs[0][s * outputs + i], 0)
            m.pack_tile(0, case.targets[0], case.results[0][i], settings)


def run_matmul_block(case: Case) -> None:
    m = case.machine()
    rt, ct, kt = case.rt
    a, b = case.inputs
    for k in range(kt):
        row = b[k * ct : (k + 1) * ct]
        m.matmul_block(case.operands[0], a[k::kt], case.operands[1], row, 0, case.defs["TRANS"] == "1")
    m.pack_tile(0, case.targets[0], case.results[0])
    assert rt * ct == len(case.results[0])


def run_multi(case: Case) -> None:
    m = case.machine()
    sections, tiles = case.rt
    mode, out = int(case.defs["MODE"]), case.results[0]
    for section in range(sections):
        base = section * tiles
        _multi_fill(m, case, mode, base, tiles)
        for i in range(tiles):
            source, place = i, i
            if mode == 2:
                place = (3 * i + 1) % tiles
            elif mode == 5:
                place = tiles - 1 - i
            elif mode == 6:
                source = i | 1
            m.pack_tile(source, case.targets[0], out[base + place])


def _multi_fill(m: TileMath, case: Case, mode: int, base: int, tiles: int) -> None:
    m.dst.clear()
    a = case.inputs[0][base : base + tiles]
    ops = {3: BinaryOperation.ADD, 4: BinaryOperation.MUL, 5: BinaryOperation.SUB}
    if mode in ops:
        b = case.inputs[1][base : base + tiles]
        m.binary_tiles(ops[mode], case.operands[0], a, case.operands[1], b, 0)
    elif mode == 1:
        for i in range(tiles):
            m.copy_tile(case.operands[0], a[i], tiles - 1 - i)
    else:
        m.copy_tile(case.operands[0], a, 0)


def run_reconf(case: Case) -> None:
    m = case.machine()
    mode = int(case.defs["CM"])
    first = {0: BinaryOperation.ADD, 1: BinaryOperation.ADD, 3: BinaryOperation.MUL}
    (a, b, c, d), ops = case.inputs, case.operands
    for i in range(case.rt[0]):
        m.dst.clear()
        if mode == 2:
            m.copy_tile(ops[0], a[i], 0)
        else:
            m.binary_tiles(first[mode], ops[0], a[i], ops[1], b[i], 0)
        m.pack_tile(0, case.targets[0], case.results[0][i])
        m.dst.clear()
        if mode == 2:
            m.copy_tile(ops[2], c[i], 0)
        elif mode == 3:
            m.matmul_block(ops[2], c[i], ops[3], d[i], 0)
        else:
            m.binary_tiles(BinaryOperation.MUL, ops[2], c[i], ops[3], d[i], 0)
        m.pack_tile(0, case.targets[1], case.results[1][i])


def run_relu(case: Case) -> None:
    m = case.machine()
    settings = PackSettings(Relu(ReluMode(int(case.defs["RM"])), int(case.defs.get("TH", "0"), 0)))
    for page, out in zip(case.inputs[0], case.results[0], strict=True):
        m.dst.clear()
        m.copy_tile(case.operands[0], page, 0)
        m.pack_tile(0, case.targets[0], out, settings)


def run_reuse(case: Case) -> None:
    m = case.machine()
    op, reuse = BinaryOperation[case.defs["OP"].upper()], ReuseDest[case.defs["RT"]]
    wide = case.meta["acc"] and case.operands[1].format is DataFormat.Float32
    for page_a, page_b, out in zip(*case.inputs, case.results[0], strict=True):
        m.dst.clear()
        m.copy_tile(case.operands[0], page_a, 0)
        for _ in range(int(case.defs["NREP"])):
            m.reuse_dest_tiles(op, reuse, case.operands[1], page_b, 0, wide)
        m.pack_tile(0, case.targets[0], out)


def run_tilize(case: Case) -> None:
    m = case.machine()
    blocks, tiles = case.rt
    for r in range(blocks):
        block = case.inputs[0][r * tiles : (r + 1) * tiles]
        for t in range(tiles):
            m.dst.clear()
            m.tilize_block(case.operands[0], block, tiles, t, 0, case.defs["FAST"] == "1")
            m.pack_tile(0, case.targets[0], case.results[0][r * tiles + t])


def run_untilize(case: Case) -> None:
    m = case.machine()
    block, full = int(case.defs["BLK"]), int(case.defs["FULL"])
    for r in range(case.rt[0]):
        out = case.results[0][r * full : (r + 1) * full]
        for first in range(0, full, block):
            start = r * full + first
            m.dst.clear()
            m.copy_tile(case.operands[0], case.inputs[0][start : start + block], 0)
            m.pack_untilize(0, block, case.targets[0], out, full, first)


def run_transp(case: Case) -> None:
    mode = int(case.defs["TM"])
    if mode == 0:
        return run_transpose(case)
    m = case.machine()
    for page, out in zip(case.inputs[0], case.results[0], strict=True):
        m.dst.clear()
        if mode == 1:
            m.copy_tile(case.operands[0], page, 0)
            m.transpose_dest(0, case.defs["IS32"] == "true", case.defs["FACES"] == "true")
        else:
            m.copy_tile(case.operands[0], page, 0, case.defs["TF"] == "1", case.defs["TW"] == "1")
        m.pack_tile(0, case.targets[0], out)
    return None


def run_ubcast(case: Case) -> None:
    m = case.machine()
    for page, out in zip(case.inputs[0], case.results[0], strict=True):
        m.dst.clear()
        m.unary_bcast(Broadcast[case.defs["BDIM"]], case.operands[0], page, 0)
        m.pack_tile(0, case.targets[0], out)


PROGRAMS: dict[str, Callable[[Case], None]] = {
    "copy": run_copy,
    "add": run_binary,
    "sub": run_binary,
    "mul": run_binary,
    "matmul": run_matmul,
    "0": run_bcast,
    "1": run_reduce,
    "2": run_transpose,
    "acc.cpp": run_acc,
    "bin.cpp": run_bin,
    "l1acc.cpp": run_l1acc,
    "mmblk.cpp": run_matmul_block,
    "multi.cpp": run_multi,
    "reconf.cpp": run_reconf,
    "reduce.cpp": run_reduce,
    "relu.cpp": run_relu,
    "reuse.cpp": run_reuse,
    "tilize.cpp": run_tilize,
    "transp.cpp": run_transp,
    "ubcast.cpp": run_ubcast,
    "untilize.cpp": run_untilize,
}


def program_of(meta: dict[str, Any]) -> Callable[[Case], None]:
    key = meta.get("kernel") or meta.get("op") or str(meta.get("kind"))
    return PROGRAMS[key]


def test_reference_folder_is_complete() -> None:
    if not REFERENCE:
        pytest.skip(NO_REFERENCE)
    assert {path.parent.name for path in ALL_FILES} == set(FOLDERS)


@pytest.mark.parametrize("path", ALL_FILES, ids=file_id)
def test_same_bytes_as_the_device(path: Path) -> None:
    with np.load(path) as stored:
        arrays = {name: stored[name] for name in stored.files if name != "meta"}
        meta = json.loads(str(stored["meta"]))
    seeds = sorted(int(name[2:]) for name in arrays if name.startswith("a_"))
    for seed in seeds:
        case = Case(meta, arrays, seed, FOLDERS[path.parent.name])
        program_of(meta)(case)
        for got, wanted in zip(case.results, case.outputs, strict=True):
            differing = int(np.count_nonzero(got != wanted))
            assert differing == 0, f"seed {seed}: {differing} of {wanted.size} bytes differ"


def test_chips_differ_from_the_simulators_in_named_files_only(reference: Path) -> None:
    """Sums of rows of fp32 data with a bfloat16 scaler in a 32-bit DST, and nothing else (numerics.md §10.5)."""
    named = {
        "golden/reduce_avg_row_fp32_to_fp32_HiFi4_fp32dest",
        "golden/reduce_sum_row_fp32_to_fp32_LoFi_fp32dest",
        "golden_more/reduce_sum_row_row0rand_1x1_fp32_to_fp32_LoFi_fp32dest",
        "golden_blackhole/reduce_avg_row_fp32_to_fp32_HiFi4_fp32dest",
        "golden_blackhole/reduce_sum_row_fp32_to_fp32_HiFi4_fp32dest",
    }
    different = set()
    for path in ALL_FILES:
        if not path.stem.startswith("reduce_"):
            continue
        with np.load(path) as stored:
            arrays = {name: stored[name] for name in stored.files if name != "meta"}
            meta = json.loads(str(stored["meta"]))
        case = Case(
            meta,
            arrays,
            min(int(n[2:]) for n in arrays if n.startswith("a_")),
            FOLDERS[path.parent.name],
            Follow.SILICON,
        )
        program_of(meta)(case)
        if any((got != wanted).any() for got, wanted in zip(case.results, case.outputs, strict=True)):
            different.add(file_id(path))
    assert different == named
