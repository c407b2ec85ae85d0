"""The recorded programs run unchanged on the emulator, kernels and all, and reproduce the device's bytes.

The kernels come from the reference folder and meet our device headers; the data goes through DRAM, NoC, circular
buffers, unpacker, FPU, DST and packer of the exact grade.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from recorded_formats import FORMAT_BY_SHORT_NAME

import tthal as ttnn

REFERENCE = os.environ.get("TTHAL_REFERENCE", "")
BOARDS = {"golden": "n150", "golden_more": "n150", "golden_blackhole": "p150"}
ALL_FILES = [path for folder in BOARDS for path in sorted(Path(REFERENCE, folder).glob("*.npz"))] if REFERENCE else []


def family(path: Path) -> str:
    """Return what files of one kernel and kind have in common."""
    return f"{path.parent.name}/{path.stem.split('_')[0]}"


# The first two files of every family always run; the rest is part of the full tier.
QUICK = {path for index, path in enumerate(ALL_FILES) if sum(family(p) == family(path) for p in ALL_FILES[:index]) < 2}
PARAMETERS = [
    pytest.param(path, id=f"{path.parent.name}/{path.stem}", marks=() if path in QUICK else pytest.mark.slow)
    for path in ALL_FILES
]


class Recorded:
    """One file: its program in terms of the bench, for any of its seeds."""

    def __init__(self, path: Path, tensor: Any) -> None:
        with np.load(path) as stored:
            self.arrays = {name: stored[name] for name in stored.files if name != "meta"}
            self.meta: dict[str, Any] = json.loads(str(stored["meta"]))
        self.seeds = sorted(int(name[2:]) for name in self.arrays if name.startswith("a_"))
        self._tensor = tensor
        # The Blackhole bytes were made by the same kernels.
        folder = "golden" if path.parent.name == "golden_blackhole" else path.parent.name
        self._kernels = Path(REFERENCE, folder, "kernels")

    def inputs(self, seed: int) -> list[Any]:
        names = [name for name in "abcd" if f"{name}_{seed}" in self.arrays]
        return [
            self._tensor(d["cb"], FORMAT_BY_SHORT_NAME[d["fmt"]], self.arrays[f"{name}_{seed}"], _tile(d))
            for name, d in zip(names, self._described("ins", ("fa", "fb")), strict=True)
        ]

    def outputs(self, seed: int) -> list[Any]:
        names = [name for name in ("out", "out2") if f"{name}_{seed}" in self.arrays]
        return [
            self._tensor(d["cb"], FORMAT_BY_SHORT_NAME[d["fmt"]], self.arrays[f"{name}_{seed}"], _tile(d))
            for name, d in zip(names, self._described("outs", ("fo",)), strict=True)
        ]

    def _described(self, key: str, formats: tuple[str, ...]) -> list[dict[str, Any]]:
        if key in self.meta:
            return list(self.meta[key])
        first = 16 if key == "outs" else 0
        present = [self.meta[f] for f in formats if self.meta.get(f)]
        return [{"cb": first + i, "fmt": fmt, "tile": None} for i, fmt in enumerate(present)]

    def kernel(self) -> tuple[str, dict[str, str], list[int]]:
        """Return source, defines and runtime arguments of the compute kernel."""
        meta = self.meta
        if "kernel" in meta:
            return (self._kernels / meta["kernel"]).read_text(), meta["defs"], meta["rt"]
        if "kind" in meta:
            defines = {k: str(meta[k]) for k in ("BOP", "BDIM", "RTYPE", "RDIM") if k in meta}
            return (self._kernels / "x1.cpp").read_text(), {"KIND": str(meta["kind"]), **defines}, [2]
        if meta["op"] == "matmul":
            return (self._kernels / "mm.cpp").read_text(), {}, [2, 3, 2]
        if meta["op"] == "copy":
            return (self._kernels / "copy.cpp").read_text(), {}, [2]
        return (self._kernels / "bin.cpp").read_text(), {"OP": meta["op"]}, [2]

    def config(self) -> dict[str, Any]:
        meta = self.meta
        to_dest = [ttnn.UnpackToDestMode.UnpackToDestFp32] if meta.get("u2d") else []
        return {
            "math_fidelity": ttnn.MathFidelity[meta["fid"]],
            "fp32_dest_acc_en": meta["acc"],
            "dst_full_sync_en": meta.get("full", False),
            "bfp8_pack_precise": meta.get("precise", False),
            "unpack_to_dest_mode": to_dest,
        }

    def rearranged(self, inputs: list[Any]) -> list[Any]:
        """Repeat the tiles of a matrix product in the order in which its reader delivered them one by one."""
        if self.meta.get("op") != "matmul":
            return inputs
        a, b = inputs
        order = [(m, n, k) for m in range(2) for n in range(2) for k in range(3)]
        return [
            self._tensor(0, a.data_format, a.pages[[3 * m + k for m, _, k in order]]),
            self._tensor(1, b.data_format, b.pages[[2 * k + n for _, n, k in order]]),
        ]


def _tile(description: dict[str, Any]) -> tuple[int, int] | None:
    return tuple(description["tile"]) if description["tile"] else None


def test_reference_folder_is_complete(reference: Path) -> None:
    assert {path.parent.name for path in ALL_FILES} == set(BOARDS), f"{reference} lacks folders of recorded bytes"


@pytest.mark.parametrize("path", PARAMETERS)
def test_kernels_reproduce_the_recorded_bytes(path: Path, benches: Callable[[str], Any], tensor: Any) -> None:
    bench = benches(f"emulator:{BOARDS[path.parent.name]}?numerics=exact&follow=simulator")
    recorded = Recorded(path, tensor)
    source, defines, args = recorded.kernel()
    for seed in recorded.seeds:
        wanted = [out.pages for out in recorded.outputs(seed)]
        inputs = recorded.rearranged(recorded.inputs(seed))
        got: list[npt.NDArray[np.uint8]] = bench.run(
            source, inputs, recorded.outputs(seed), args, defines=defines, **recorded.config()
        )
        for result, expected in zip(got, wanted, strict=True):
            differing = int(np.count_nonzero(result != expected))
            assert differing == 0, f"seed {seed}: {differing} of {expected.size} bytes differ"


def cuts_sums(path: Path) -> bool:
    """Whether chips are reported to cut what a file's program sums: rows of fp32 with a bfloat16 scaler, 32-bit DST."""
    with np.load(path) as stored:
        meta: dict[str, Any] = json.loads(str(stored["meta"]))
    defines = meta.get("defs") or meta
    if "RDIM" not in defines or not meta["acc"]:
        return False
    data, scaler = [each["fmt"] for each in meta["ins"]] if "ins" in meta else (meta["fa"], meta["fb"])
    is_sum_of_rows = defines["RDIM"].endswith("ROW") and defines["RTYPE"] in ("SUM", "AVG")
    return is_sum_of_rows and (data, scaler) == ("fp32", "bf16")


CUT = list(filter(cuts_sums, ALL_FILES))


@pytest.mark.parametrize("path", CUT, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_sums_that_chips_cut(path: Path, benches: Callable[[str], Any], tensor: Any) -> None:
    """The bytes are the recorded ones on request, and else others, which compiled code and the definition agree on."""
    recorded = Recorded(path, tensor)
    source, defines, args = recorded.kernel()

    def run(seed: int, options: str) -> npt.NDArray[np.uint8]:
        bench = benches(f"emulator:{BOARDS[path.parent.name]}?numerics=exact{options}")
        inputs, outputs = recorded.inputs(seed), recorded.outputs(seed)
        (got,) = bench.run(source, inputs, outputs, args, defines=defines, **recorded.config())
        return np.array(got)

    different = 0
    for seed in recorded.seeds:
        (wanted,) = (out.pages for out in recorded.outputs(seed))
        chip = run(seed, "")
        different += np.count_nonzero(chip != wanted)
        assert (run(seed, "&fast=off") == chip).all()
        for options in ("&follow=simulator", "&follow=simulator&fast=off"):
            assert (run(seed, options) == wanted).all()
    assert different


def test_files_of_sums_that_chips_cut(reference: Path) -> None:
    """Those that test_golden.py finds different by running all reductions."""
    assert [f"{path.parent.name}/{path.stem}" for path in CUT] == [
        "golden/reduce_avg_row_fp32_to_fp32_HiFi4_fp32dest",
        "golden/reduce_sum_row_fp32_to_fp32_LoFi_fp32dest",
        "golden_more/reduce_sum_row_row0rand_1x1_fp32_to_fp32_LoFi_fp32dest",
        "golden_blackhole/reduce_avg_row_fp32_to_fp32_HiFi4_fp32dest",
        "golden_blackhole/reduce_sum_row_fp32_to_fp32_HiFi4_fp32dest",
    ]
