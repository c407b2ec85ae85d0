"""The tile operations of the compute API over one DST section: the interface the emulator calls.

Pages are numpy uint8 views of L1, one tile (page bytes,) or several (tiles, page bytes); several tiles go to
consecutive DST indices. What an operation does to DST's bits is the grade's affair; what instructions it is made of is
the same for both.
"""

from __future__ import annotations

import numpy as np

from tthal.types import DataFormat, MathFidelity
from tthal_emulator.board.tensix_traits import WORMHOLE_TENSIX, TensixTraits

from . import datum, moves, pack, tilize, unpack
from .datum import U8, U32
from .dst import Dst
from .errors import TensixError, UnsupportedFormat
from .formats import FACE_SIDE, Operand, TileShape
from .grades import make_fpu, negated
from .l1_accumulate import accumulate_in_l1
from .layout import (
    block_from_tiles,
    broadcast,
    matrix_from_slots,
    rearranged,
    slots_from_matrix,
    slots_to_faces,
    tiles_from_block,
)
from .operations import BinaryOperation, Broadcast, Dimension, Follow, Grade, Pool, ReuseDest
from .pack import PLAIN_PACK, PackSettings
from .reduce import PooledTile, Reduction
from .unpack import Source


class TileMath:
    """One core's matrix path: unpackers, FPU, DST and packer of one kernel's configuration.

    Attributes:
        dst: the DST section; the emulator clears it when the packer releases it.
    """

    def __init__(
        self,
        chip: TensixTraits = WORMHOLE_TENSIX,
        grade: Grade = Grade.EXACT,
        *,
        math_fidelity: MathFidelity = MathFidelity.HiFi4,
        fp32_dest_acc_en: bool = False,
        dst_full_sync_en: bool = False,
        bfp8_pack_precise: bool = False,
        follow: Follow = Follow.SILICON,
        dst: Dst | None = None,
    ) -> None:
        self.chip = chip
        self.grade = grade
        self.fp32_dest_acc_en = fp32_dest_acc_en
        self.bfp8_pack_precise = bfp8_pack_precise
        self.dst = dst if dst is not None else Dst(fp32_dest_acc_en, dst_full_sync_en)
        self._cuts_mixed_rows = grade is Grade.EXACT and follow is Follow.SILICON and fp32_dest_acc_en
        self._fpu = make_fpu(grade, chip, fp32_dest_acc_en, math_fidelity)

    # ------------------------------------------------------------------------------------------- data copy

    def copy_tile(
        self,
        operand: Operand,
        pages: U8,
        idst: int,
        transpose_faces: bool = False,
        transpose_within_face: bool = False,
    ) -> None:
        """DST[idst..] = tiles, optionally with the faces exchanged or each face transposed (copy_init's arguments)."""
        if operand.unpack_to_dest:
            raw = self._unpack_to_dest(operand, pages)
            self.dst.store(idst, rearranged(raw, operand.shape, transpose_faces, transpose_within_face))
            return
        source = self._unpack(operand, pages)
        bits = rearranged(source.bits, operand.shape, transpose_faces, transpose_within_face)
        self._move(source.with_bits(bits), idst)

    def transpose_tile(self, operand: Operand, pages: U8, idst: int) -> None:
        """DST[idst..] = transposed tiles; exponent 0 becomes +0 on the way, unlike a copy (numerics.md §4.7)."""
        if operand.unpack_to_dest:
            self.copy_tile(operand, pages, idst, True, True)
            return
        source = self._unpack(operand, pages)
        self._move(source.with_bits(rearranged(source.bits, operand.shape, True, True)), idst, flush=True)

    def tilize_block(self, operand: Operand, block: U8, tiles: int, tile: int, idst: int, fast: bool = False) -> None:
        """DST[idst] = one tile of a row-major block of ``tiles`` tiles.

        ``fast`` is the fast_tilize family, which moves TF32 datums without the adder and so keeps NaN.
        """
        page = tilize.page_from_rows(block, operand, tiles, tile)
        if operand.unpack_to_dest:
            self.dst.store(idst, self._unpack_to_dest(operand, page))
            return
        source = self._unpack(operand, page)
        if fast and source.format is DataFormat.Tf32:
            self.dst.store(idst, moves.flushed(source))
        else:
            self._move(source, idst, flush=fast)

    def unary_bcast(self, dim: Broadcast, operand: Operand, pages: U8, idst: int) -> None:
        """DST[idst..] = tiles whose first row, column or element fills them.

        The vendor's kernels leave garbage for a row of 16-bit datums in a 32-bit DST, and for a column of a tile that
        is not full; here those fill the tile as well.
        """
        if operand.unpack_to_dest:
            self.dst.store(idst, broadcast(self._unpack_to_dest(operand, pages), operand.shape, dim))
            return
        source = self._unpack(operand, pages)
        spread = source.with_bits(broadcast(source.bits, operand.shape, dim))
        by_move = dim is Broadcast.ROW or source.format is DataFormat.UInt16
        self.dst.store(idst, moves.flushed(spread) if by_move else moves.through_adder(spread))

    def transpose_dest(self, idst: int, is_32_bit: bool, transpose_faces: bool = True) -> None:
        """Transpose DST[idst] in place, or only within each of its faces.

        Raises:
            TensixError: a combination that the low-level kernels document as unsupported.
        """
        if is_32_bit != self.dst.is_32_bit:
            raise TensixError(
                f"transpose_dest<is_32bit={str(is_32_bit).lower()}> needs fp32_dest_acc_en={is_32_bit}; "
                "pass is_32bit = DST_ACCUM_MODE"
            )
        if not (is_32_bit or transpose_faces):
            raise TensixError("transpose_dest of a 16-bit DST always transposes the faces too")
        self.dst.check(idst)
        self.dst.bits[idst] = rearranged(self.dst.bits[idst][None], TileShape(), transpose_faces, True)[0]

    # ------------------------------------------------------------------------------------------- elementwise

    def binary_tiles(
        self,
        op: BinaryOperation,
        a: Operand,
        pages_a: U8,
        b: Operand,
        pages_b: U8,
        idst: int,
        bcast: Broadcast = Broadcast.NONE,
        accumulate: bool = False,
        bcast_row: int = 0,
    ) -> None:
        """DST[idst..] = A op B; mul always adds onto DST, add and sub when ``accumulate`` is set.

        B may be one tile for many of A. ``bcast`` spreads a part of B, ``bcast_row`` chooses the row of Broadcast.ROW.
        """
        src_a, src_b = self._unpack_for_math(a, pages_a), self._unpack_for_math(b, pages_b)
        count_a, count_b = src_a.bits.shape[0], src_b.bits.shape[0]
        if bcast is Broadcast.NONE and a.shape != b.shape:
            raise TensixError(f"{op.name.lower()} needs tiles of one shape, but A is {a.shape} and B is {b.shape}")
        if count_b not in (1, count_a):
            raise TensixError(f"{op.name.lower()} of {count_a} tiles needs as many of B or one, but got {count_b}")
        if bcast is not Broadcast.NONE:
            src_b = src_b.with_bits(broadcast(src_b.bits, b.shape, bcast, a.shape, bcast_row))
        old = self.dst.window(idst, a.shape, count_a)
        self.dst.store(idst, self._elementwise(op, src_a, src_b, old, accumulate))

    def reuse_dest_tiles(
        self, op: BinaryOperation, reuse: ReuseDest, operand: Operand, pages: U8, idst: int, wide: bool
    ) -> None:
        """DST[idst..] = DST op tile (DEST_TO_SRCA) or tile op DST (DEST_TO_SRCB), never accumulated.

        DST is truncated on its way to either register: to TF32 if SrcA is set up for it (``wide``), else to bfloat16
        (numerics.md §4.8).
        """
        source = self._unpack_for_math(operand, pages)
        old = self.dst.window(idst, operand.shape, source.bits.shape[0])
        from_dst = moves.source_from_dst(old, source.format, wide, self.dst.is_32_bit)
        pair = (from_dst, source) if reuse is ReuseDest.DEST_TO_SRCA else (source, from_dst)
        self.dst.store(idst, self._elementwise(op, *pair, np.zeros_like(old), False))

    def _elementwise(self, op: BinaryOperation, a: Source, b: Source, old: U32, accumulate: bool) -> U32:
        if op is BinaryOperation.MUL:
            return self._fpu.multiply(a, b, old)
        return self._fpu.add(a, negated(b) if op is BinaryOperation.SUB else b, old if accumulate else None)

    # ------------------------------------------------------------------------------------------- matmul

    def matmul_block(
        self, in0: Operand, pages0: U8, in1: Operand, pages1: U8, idst: int, transpose: bool = False
    ) -> None:
        """DST[idst + r*ct + c] += in0[r] @ in1[c] for all rt pages of in0 and ct pages of in1: one step of k.

        ``transpose`` transposes the tiles of in1.
        """
        src_b, src_a = self._unpack_for_math(in0, pages0), self._unpack_for_math(in1, pages1)
        left = matrix_from_slots(src_b.bits, in0.shape)
        right = matrix_from_slots(src_a.bits, in1.shape)
        right = right.swapaxes(1, 2) if transpose else right
        if left.shape[2] != right.shape[1]:
            raise TensixError(
                f"cannot multiply tiles of {left.shape[1:]} and {right.shape[1:]}: the inner sides differ"
            )
        out = TileShape(left.shape[1], right.shape[2])
        rt, ct = left.shape[0], right.shape[0]
        old = matrix_from_slots(self.dst.window(idst, out, rt * ct), out)
        total = self._fpu.matmul(
            src_b.with_bits(left.reshape(-1, left.shape[2])),
            src_a.with_bits(np.ascontiguousarray(right.transpose(1, 0, 2)).reshape(right.shape[1], -1)),
            block_from_tiles(old, rt, ct),
        )
        self.dst.store(idst, slots_from_matrix(tiles_from_block(total, rt, ct), out))

    # ------------------------------------------------------------------------------------------- reduce

    def reduce_tile(
        self, pool: Pool, dim: Dimension, data: Operand, page: U8, scaler: Operand, scaler_page: U8, idst: int
    ) -> None:
        """Reduce one tile onto DST[idst]: sums are added, maxima compared with what is there."""
        operands = [
            PooledTile(self._unpack_for_math(op, p), op.shape) for op, p in ((data, page), (scaler, scaler_page))
        ]
        Reduction(self.dst, idst, self._fpu, self.chip, self._cuts_mixed_rows).run(pool, dim, *operands)

    def sum_dest(self, idst: int, count: int, scaler: int, srca_format: int, srcb_format: int) -> None:
        """DST[idst] element 0 = the sum of the datums of DST[idst..idst+count-1], times the scaler's square.

        The tail of ``mul_reduce_scalar_tile`` and ``sum_reduce_scalar_tile`` (llk_math_mul_reduce_scalar.h of 0.81.1):
        every tile goes to SrcA, cut to ``srca_format``, and is pooled onto a row of zeros, face by face, each row times
        the scaler; the row then goes back to SrcA as a column and is pooled again. Other elements of the tile are
        unspecified; here the rest of its first row becomes zero.
        """
        self.dst.check(idst, count)
        srca, srcb = DataFormat(srca_format), DataFormat(srcb_format)
        pattern = np.full((1, 4 * FACE_SIDE), scaler, np.uint32)
        weights = moves.source_from_dst(pattern, srcb, srcb is DataFormat.Tf32, self.dst.is_32_bit)
        row = np.zeros((1, FACE_SIDE), np.uint32)
        for tile in range(idst, idst + count):
            faces = slots_to_faces(self.dst.bits[tile][None], TileShape()).reshape(-1, FACE_SIDE)
            data = moves.source_from_dst(faces, srca, srca is DataFormat.Tf32, self.dst.is_32_bit)
            row = self._fpu.matmul(weights, data, row, True)
        wide = srca is DataFormat.Tf32 and (not self.chip.partial_takes_both_widths or srcb is DataFormat.Tf32)
        column = moves.source_from_dst(datum.flush_denormals(row.T), srca, wide, self.dst.is_32_bit)
        total = self._fpu.matmul(weights.with_bits(weights.bits[:, :FACE_SIDE]), column, np.zeros((1, 1), np.uint32))
        self.dst.bits[idst, 0] = 0
        self.dst.bits[idst, 0, 0] = total[0, 0]
        self.dst.fresh[idst, 0] = False

    # ------------------------------------------------------------------------------------------- pack

    def pack_tile(self, idst: int, out: Operand, pages: U8, settings: PackSettings = PLAIN_PACK) -> None:
        """Pack DST[idst..] into the pages given, a writable view of L1."""
        self._check_format(out)
        pack.check_page(pages, out)
        rows = pages if pages.ndim == 2 else pages[None]
        rows[:] = self._packed(idst, rows, out, settings)

    def pack_untilize(
        self,
        idst: int,
        tiles: int,
        out: Operand,
        block: U8,
        full_tiles: int,
        first_tile: int,
        settings: PackSettings = PLAIN_PACK,
    ) -> None:
        """Pack DST[idst..idst+tiles-1] row-major into columns of a block ``full_tiles`` tiles wide."""
        self._check_format(out)
        window = tilize.row_window(block, out, full_tiles, first_tile, tiles)
        present = tilize.pages_from_rows(np.ascontiguousarray(window), out, tiles)
        window[:] = tilize.rows_from_pages(self._packed(idst, present, out, settings), out)

    def _packed(self, idst: int, present: U8, out: Operand, settings: PackSettings) -> U8:
        window = self.dst.window(idst, out.shape, present.shape[0])
        packed = pack.pack(window, out, self.fp32_dest_acc_en, settings, self.bfp8_pack_precise)
        return accumulate_in_l1(present, packed, out) if settings.l1_accumulate else packed

    # ------------------------------------------------------------------------------------------- shared

    def _unpack(self, operand: Operand, pages: U8) -> Source:
        if operand.unpack_to_dest:
            raise UnsupportedFormat(unpack.why_not_in_src(operand))
        self._check_format(operand)
        return unpack.unpack(pages, operand, self.fp32_dest_acc_en)

    def _unpack_for_math(self, operand: Operand, pages: U8) -> Source:
        if operand.format is DataFormat.UInt16:
            raise UnsupportedFormat(
                "the FPU does not compute with UInt16; copy the tile to DST and use SFPU operations"
            )
        return self._unpack(operand, pages)

    def _check_format(self, operand: Operand) -> None:
        if operand.format in self.chip.missing_formats:
            raise UnsupportedFormat(
                f"{operand.format.name} exists on Blackhole only; use Float16_b or Bfp8_b on Wormhole"
            )

    def _unpack_to_dest(self, operand: Operand, pages: U8) -> U32:
        if not self.dst.is_32_bit:
            raise TensixError(
                f"{operand.format.name} is unpacked to DST with all its bits, which needs a 32-bit DST; set "
                "fp32_dest_acc_en in the ComputeConfig"
            )
        return unpack.unpack_to_dest(pages, operand)

    def _adder_moves(self, source: Source) -> bool:
        """Whether a copy of anything but UInt16 is an addition of zero: into a 32-bit DST only (numerics.md §2.4)."""
        if source.format in (DataFormat.Int8, DataFormat.UInt8) and not self.dst.is_32_bit:
            raise UnsupportedFormat("8-bit integers need a 32-bit DST; set fp32_dest_acc_en in the ComputeConfig")
        return self.dst.is_32_bit

    def _move(self, source: Source, idst: int, flush: bool = False) -> None:
        if source.format is DataFormat.UInt16 and self.dst.is_32_bit:
            self._store_low_half(source, idst)
        elif self._adder_moves(source):
            self.dst.store(idst, moves.through_adder(source))
        elif flush or source.format is DataFormat.Lf8:
            self.dst.store(idst, moves.flushed(source))
        else:
            self.dst.store(idst, moves.straight(source))

    def _store_low_half(self, source: Source, idst: int) -> None:
        """Write 16-bit datums to the lower half of a 32-bit DST, as a copy of UInt16 does (DEST_32B_LOW)."""
        count, rows, columns = source.bits.shape
        self.dst.check(idst, count)
        high = self.dst.bits[idst : idst + count, :rows, :columns] & datum.BF16_MASK
        self.dst.store(idst, high | source.bits.view(np.uint32))
