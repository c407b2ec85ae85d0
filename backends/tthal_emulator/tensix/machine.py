"""The tile operations of the compute API over one DST section: the interface the emulator calls.

Pages are numpy uint8 views of L1, one tile (page bytes,) or several (tiles, page bytes); several tiles go to
consecutive DST indices. What an operation does to DST's bits is the grade's affair; what instructions it is made of is
the same for both.
"""

from __future__ import annotations

from enum import Enum

from tthal.types import Arch, MathFidelity

from . import datum, fast, pack, unpack
from .datum import U8, U32
from .dst import Dst
from .errors import TensixError
from .formats import FULL_TILE, Operand
from .pack import PLAIN_PACK, PackSettings


class Grade(Enum):
    """How close the arithmetic is to the hardware's."""

    EXACT = "exact"
    FAST = "fast"


class BinaryOp(Enum):
    """The FPU's elementwise operations."""

    ADD = "add"
    SUB = "sub"
    MUL = "mul"


class TileMath:
    """One core's matrix path: unpackers, FPU, DST and packer of one kernel's configuration."""

    def __init__(
        self,
        arch: Arch = Arch.WORMHOLE_B0,
        grade: Grade = Grade.FAST,
        *,
        math_fidelity: MathFidelity = MathFidelity.HiFi4,
        fp32_dest_acc_en: bool = False,
        dst_full_sync_en: bool = False,
        bfp8_pack_precise: bool = False,
        dst: Dst | None = None,
    ) -> None:
        self.arch = arch
        self.grade = grade
        self.math_fidelity = math_fidelity
        self.fp32_dest_acc_en = fp32_dest_acc_en
        self.bfp8_pack_precise = bfp8_pack_precise
        self.dst = dst if dst is not None else Dst(fp32_dest_acc_en, dst_full_sync_en)

    def copy_tile(self, operand: Operand, pages: U8, idst: int) -> None:
        """DST[idst..] = the pages' tiles; both grades give the same bits."""
        source = self._unpack(operand, pages)
        bits = datum.fp32_from_src(source.bits, source.five_bit_exponent)
        self.dst.store(idst, datum.flush_denormals(bits) if self.fp32_dest_acc_en else bits)

    def binary_tiles(
        self, op: BinaryOp, a: Operand, pages_a: U8, b: Operand, pages_b: U8, idst: int, accumulate: bool = False
    ) -> None:
        """DST[idst..] = A op B; mul always adds onto DST, add and sub when ``accumulate`` is set."""
        src_a, src_b = self._unpack(a, pages_a), self._unpack(b, pages_b)
        old = self.dst.window(idst, a.shape, src_a.bits.shape[0])
        left, right = fast.as_float32(src_a), fast.as_float32(src_b)
        if op is BinaryOp.MUL:
            total = fast.multiply_accumulate(left, right, old, self.math_fidelity)
        else:
            total = fast.add(left, right if op is BinaryOp.ADD else -right, old if accumulate else None)
        self.dst.store(idst, fast.settle(total, self.dst.is_32_bit, src_a.five_bit_exponent))

    def matmul_tiles(
        self, in0: Operand, pages0: U8, in1: Operand, pages1: U8, idst: int, transpose: bool = False
    ) -> None:
        """DST[idst] += in0 @ in1 of one tile each; ``transpose`` transposes in1."""
        self.matmul_block(in0, pages0, in1, pages1, idst, 1, 1, transpose)

    def matmul_block(
        self, in0: Operand, pages0: U8, in1: Operand, pages1: U8, idst: int, rt: int, ct: int, transpose: bool = False
    ) -> None:
        """DST[idst + r*ct + c] += in0[r] @ in1[c] for rt tiles of in0 and ct tiles of in1 (one step of k)."""
        if in0.shape != FULL_TILE or in1.shape != FULL_TILE:
            raise TensixError("matmul of small tiles")
        src_b, src_a = self._unpack(in0, pages0), self._unpack(in1, pages1)
        left, right = fast.as_float32(src_b), fast.as_float32(src_a)
        if transpose:
            right = right.swapaxes(1, 2)
        old = self.dst.window(idst, FULL_TILE, rt * ct).reshape(rt, ct, 32, 32)
        total = fast.matmul_accumulate(left[:, None], right[None], old, self.math_fidelity)
        bits = fast.settle(total, self.dst.is_32_bit, src_a.five_bit_exponent)
        self.dst.store(idst, bits.reshape(rt * ct, 32, 32))

    def pack_tile(self, idst: int, out: Operand, pages: U8, settings: PackSettings = PLAIN_PACK) -> None:
        """Pack DST[idst..] into the pages given, a writable view of L1."""
        pack.check_page(pages, out)
        rows = pages.reshape(-1, out.page_bytes)
        window = self.dst.window(idst, out.shape, rows.shape[0])
        rows[:] = pack.pack(window, out, self.fp32_dest_acc_en, settings, self.bfp8_pack_precise)

    def tile_bits(self, idst: int) -> U32:
        """Return DST[idst] as float32 patterns (32, 32), a writable view."""
        self.dst.check(idst)
        tile: U32 = self.dst.bits[idst]
        return tile

    def _unpack(self, operand: Operand, pages: U8) -> unpack.Source:
        return unpack.unpack(pages, operand, self.fp32_dest_acc_en)
