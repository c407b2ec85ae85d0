"""Calls the compiled matrix product directly, in the form for some vectors, and makes operands for it."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tthal.types import DataFormat, MathFidelity
from tthal_emulator.board.tensix_traits import WORMHOLE_TENSIX, TensixTraits
from tthal_emulator.compiler import Cache, find_toolchain
from tthal_emulator.execution.compiled import build
from tthal_emulator.tensix.dst import Dst
from tthal_emulator.tensix.formats import Operand, TileShape, info, page_bytes
from tthal_emulator.tensix.operations import Grade
from tthal_emulator.tensix.tile_math import TileMath

FORMS = ("plain", "avx2", "avx512")
"""By index of ``build.VECTOR_FLAGS``."""
FIDELITIES = tuple(MathFidelity[name] for name in ("LoFi", "HiFi2", "HiFi3", "HiFi4"))
KINDS = ("ordinary", "integers", "cancelling", "wide", "tiny", "huge", "any")
SCRATCH = 256 << 10

Pages = npt.NDArray[np.uint8]
Words = npt.NDArray[np.uint32]


class Product(ctypes.Structure):
    """``tthal::Product`` of multiply/product.h."""

    _fields_ = [
        ("in0", ctypes.c_void_p), ("in1", ctypes.c_void_p), ("stride0", ctypes.c_uint64), ("stride1", ctypes.c_uint64),
        ("format0", ctypes.c_uint8), ("format1", ctypes.c_uint8),
        ("rows", ctypes.c_uint32), ("columns", ctypes.c_uint32),
        ("transpose", ctypes.c_bool), ("is_32_bit", ctypes.c_bool), ("exact", ctypes.c_bool),
        ("minus_one_quirk", ctypes.c_bool), ("fidelity", ctypes.c_uint8), ("dst", ctypes.c_void_p),
    ]  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A product of blocks of tiles, and what it is added to (uint32 patterns: tiles, 32, 32)."""

    format0: DataFormat
    format1: DataFormat
    left: Pages
    right: Pages
    start: Words
    fidelity: MathFidelity
    is_32_bit: bool
    grade: Grade = Grade.EXACT
    chip: TensixTraits = WORMHOLE_TENSIX
    transpose: bool = False
    times: int = 2

    def defined(self) -> Words:
        """Return what the definition in numpy gives."""
        bits = np.zeros((16, 32, 32), np.uint32)
        bits[: len(self.start)] = self.start
        dst = Dst(self.is_32_bit, True, bits, np.zeros((16, 32, 2), np.bool_))
        dst.capacity = 16
        math = TileMath(
            self.chip,
            self.grade,
            math_fidelity=self.fidelity,
            fp32_dest_acc_en=self.is_32_bit,
            dst_full_sync_en=True,
            dst=dst,
        )
        for _ in range(self.times):
            math.matmul_block(Operand(self.format0), self.left, Operand(self.format1), self.right, 0, self.transpose)
        return bits[: len(self.start)]

    def compiled(self, part: Any) -> Words:
        """Return what a compiled form gives."""
        dst = self.start.copy()
        room = ctypes.create_string_buffer(SCRATCH + 64)
        scratch = ctypes.addressof(room) + -ctypes.addressof(room) % 64
        product = Product(
            self.left.ctypes.data, self.right.ctypes.data, self.left.shape[1], self.right.shape[1], int(self.format0),
            int(self.format1), len(self.left), len(self.right), self.transpose, self.is_32_bit,
            self.grade is Grade.EXACT, self.chip.minus_one_quirk, int(self.fidelity), dst.ctypes.data,
        )  # fmt: skip
        for _ in range(self.times):
            part.tthal_multiply(ctypes.byref(product), ctypes.c_void_p(scratch))
        return dst


def open_form(form: int, cache: Cache) -> Any:
    """Build the multiplying library for some vectors, and open it."""
    return ctypes.CDLL(str(build.build_multiplying_part(form, find_toolchain(), cache)))


def best_form(cache: Cache) -> int:
    """Return the index of the widest vectors that this processor has."""
    return int(build.compiled_part(find_toolchain(), cache).tthal_vector_form())


# ------------------------------------------------------------------------------------------------ operands


def patterns(kind: str, count: int, rng: np.random.Generator) -> Words:
    """Return float32 patterns of a kind of numbers."""
    if kind == "ordinary":
        return rng.standard_normal(count).astype(np.float32).view(np.uint32)
    if kind == "integers":
        return rng.integers(-3, 4, count).astype(np.float32).view(np.uint32)
    if kind == "cancelling":
        numbers = [1, -1, 1.0000001, -1.0000001, 1.001, -0.999, 2**-12, 3]
        return rng.choice(np.array(numbers, np.float32), count).view(np.uint32)
    bits = rng.integers(0, 1 << 32, count, dtype=np.uint32)
    if kind == "any":
        return bits
    low, high = {"wide": (87, 156), "tiny": (52, 66), "huge": (180, 205)}[kind]
    exponent = rng.integers(low, high, count).astype(np.uint32)
    zero = rng.random(count) < 0.2
    return np.where(zero, np.uint32(0), bits & np.uint32(0x807F_FFFF) | exponent << np.uint32(23)).astype(np.uint32)


def pages(data_format: DataFormat, kind: str, tiles: int, rng: np.random.Generator) -> Pages:
    """Return tiles as they lie in L1; (tiles, page bytes)."""
    size, row = page_bytes(data_format, TileShape()), info(data_format)
    if row.bits == 32:
        return patterns(kind, tiles * 1024, rng).view(np.uint8).reshape(tiles, size)
    if data_format is DataFormat.Float16_b:
        return (patterns(kind, tiles * 1024, rng) >> 16).astype(np.uint16).view(np.uint8).reshape(tiles, size)
    if data_format is DataFormat.Float16 and kind != "any":
        numbers = patterns("cancelling" if kind == "cancelling" else "ordinary", tiles * 1024, rng).view(np.float32)
        return numbers.astype(np.float16).view(np.uint8).reshape(tiles, size)
    found = rng.integers(0, 256, (tiles, size), dtype=np.uint8)
    if row.is_block_float and kind != "any":
        low = {"ordinary": 120, "integers": 125, "cancelling": 127, "wide": 100, "tiny": 54, "huge": 180}[kind]
        found[:, :64] = rng.integers(low, low + 10, (tiles, 64)) if row.exponent_bits == 8 else 14
        # A sign without magnitude is minus infinity; half the cases shall do without.
        if rng.random() < 0.5:
            codes = found[:, 64:]
            codes[codes == 0x80] = 0x40
    return found


def start_of(kind: str, tiles: int, is_32_bit: bool, five_bit_exponent: bool, rng: np.random.Generator) -> Words:
    """Return DST tiles; numbers that its mode can hold, except for the kind "any"."""
    bits = np.zeros(tiles * 1024, np.uint32) if kind == "zero" else patterns(kind, tiles * 1024, rng)
    if not is_32_bit and five_bit_exponent:
        with np.errstate(all="ignore"):
            bits = bits.view(np.float32).astype(np.float16).astype(np.float32).view(np.uint32)
    elif not is_32_bit:
        bits = bits & np.uint32(0xFFFF_0000)
    return bits.reshape(tiles, 32, 32)
