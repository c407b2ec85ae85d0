"""Each form of the compiled matrix product gives the bits of the fast grade's definition in numpy."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tthal.types import Arch, DataFormat, MathFidelity
from tthal_emulator.compiler import find_toolchain
from tthal_emulator.execution.compiled import build
from tthal_emulator.tensix.dst import Dst
from tthal_emulator.tensix.formats import Operand, TileShape, page_bytes
from tthal_emulator.tensix.operations import Grade
from tthal_emulator.tensix.tile_math import TileMath

FORMS = ("plain", "avx2", "avx512")
FORMATS = (DataFormat.Float16_b, DataFormat.Float32, DataFormat.Bfp8_b, DataFormat.Bfp4_b)
SHAPE = TileShape(32, 32)
ROWS, COLUMNS = 2, 3
SCRATCH = 1 << 18


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("matmul")
    toolchain, source = find_toolchain(), Path(__file__).with_name("matmul_driver.cpp")
    include = f"-I{build.FOLDER.parent}"
    subprocess.run(
        [*toolchain.host_compiler, *build.FLAGS, include, "-c", str(source), "-o", str(folder / "m.o")], check=True
    )
    subprocess.run([*toolchain.host_linker, str(folder / "m.o"), "-o", str(folder / "m.so")], check=True)
    return ctypes.CDLL(str(folder / "m.so"))


def bits_of(kind: str, count: int, rng: np.random.Generator) -> npt.NDArray[np.uint32]:
    """float32 patterns: ordinary numbers, all patterns, or numbers whose products under- and overflow."""
    if kind == "ordinary":
        return rng.standard_normal(count).astype(np.float32).view(np.uint32)
    patterns = rng.integers(0, 1 << 32, count, dtype=np.uint32)
    if kind == "any":
        return patterns
    exponent = {"tiny": rng.integers(52, 66, count), "huge": rng.integers(180, 205, count)}[kind].astype(np.uint32)
    zero = rng.random(count) < 0.2
    return np.where(zero, np.uint32(0), patterns & np.uint32(0x807FFFFF) | exponent << np.uint32(23)).astype(np.uint32)


def pages_of(format_: DataFormat, kind: str, tiles: int, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Tiles as they lie in L1."""
    size = page_bytes(format_, SHAPE)
    if format_ in (DataFormat.Float16_b, DataFormat.Float32):
        bits = bits_of(kind, tiles * 1024, rng)
        data = (bits >> 16).astype(np.uint16) if format_ is DataFormat.Float16_b else bits
        return data.view(np.uint8).reshape(tiles, size)
    pages = rng.integers(0, 256, (tiles, size), dtype=np.uint8)
    if kind != "any":
        low = {"ordinary": 120, "tiny": 54, "huge": 180}[kind]
        pages[:, :64] = rng.integers(low, low + 10, (tiles, 64))
    return pages


@pytest.mark.parametrize("form", range(len(FORMS)), ids=FORMS)
@pytest.mark.parametrize("kind", ["ordinary", "any", "tiny", "huge"])
@pytest.mark.parametrize("wide", [False, True], ids=["16-bit DST", "32-bit DST"])
def test_bits_are_those_of_the_definition(driver: Any, form: int, kind: str, wide: bool) -> None:
    if form >= driver.matmul_forms():
        pytest.skip(f"this processor has no {FORMS[form]}")
    rng = np.random.default_rng(form + 7)
    for fidelity in MathFidelity[MathFidelity.LoFi.name], MathFidelity.HiFi2, MathFidelity.HiFi3, MathFidelity.HiFi4:
        for format0, format1 in ((f, g) for f in FORMATS for g in FORMATS):
            transpose = bool(rng.integers(2))
            left, right = pages_of(format0, kind, ROWS, rng), pages_of(format1, kind, COLUMNS, rng)
            start = np.zeros((16, 32, 32), np.uint32)
            present = rng.standard_normal((ROWS * COLUMNS, 32, 32)).astype(np.float32)
            # Products that lose bits are seen only next to a sum as small as they are.
            present *= np.float32(2.0**-125 if kind == "tiny" else 1)
            start[: ROWS * COLUMNS] = present.view(np.uint32) if wide else present.view(np.uint32) & 0xFFFF0000
            expected = start.copy()
            math = TileMath(
                Arch.WORMHOLE_B0,
                Grade.FAST,
                math_fidelity=fidelity,
                fp32_dest_acc_en=wide,
                dst_full_sync_en=True,
                bfp8_pack_precise=False,
                dst=_dst(expected, wide),
            )
            math.matmul_block(Operand(format0, SHAPE), left, Operand(format1, SHAPE), right, 0, transpose)
            got, scratch = start.copy(), ctypes.create_string_buffer(SCRATCH + 64)
            aligned = ctypes.addressof(scratch) + -ctypes.addressof(scratch) % 64
            driver.run_matmul(
                form, left.ctypes.data_as(ctypes.c_void_p), right.ctypes.data_as(ctypes.c_void_p), int(format0),
                int(format1), left.shape[1], right.shape[1], ROWS, COLUMNS, transpose, wide, int(fidelity),
                got.ctypes.data_as(ctypes.c_void_p), ctypes.c_void_p(aligned),
            )  # fmt: skip
            np.testing.assert_array_equal(got, expected, f"{fidelity.name} {format0.name} {format1.name} {transpose}")


def _dst(bits: npt.NDArray[np.uint32], wide: bool) -> Dst:
    dst = Dst(wide, True, bits, np.zeros((16, 32, 2), np.bool_))
    dst.capacity = 16
    return dst
