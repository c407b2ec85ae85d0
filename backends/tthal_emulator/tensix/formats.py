"""The data formats of L1 pages and registers, and the tile shapes (numerics.md §0, §1.1; host-api.md §3).

One table holds every format; pages, register formats and headers are derived from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tthal.types import DataFormat, UnpackToDestMode

from .errors import TensixError, UnsupportedFormat

FACE_SIDE = 16
TILE_SIDE = 32
EXPONENT_SECTION_ALIGNMENT = 16
"""Bytes: the exponents of a block-float page are padded to whole 16-byte lines of L1 (host-api.md §3)."""


class Kind(Enum):
    """How the bits of a datum are read."""

    FLOAT = "float"
    BLOCK_FLOAT = "block float"
    SIGN_MAGNITUDE = "sign-magnitude integer"
    UNSIGNED = "unsigned integer"
    OPAQUE = "opaque bits"


@dataclass(frozen=True, slots=True)
class FormatInfo:
    """One row of the format table.

    Attributes:
        format: the format, whose value is the hardware's code.
        kind: how a datum is read.
        bits: bits of one datum in L1; of sign and magnitude for block floats.
        exponent_bits: 8 or 5, as the datum has in a register; 0 for integers.
        short_name: for tables, and the name used in files of recorded device bytes.
    """

    format: DataFormat
    kind: Kind
    bits: int
    exponent_bits: int
    short_name: str

    @property
    def code(self) -> int:
        """The hardware's code of the format."""
        return int(self.format)

    @property
    def is_block_float(self) -> bool:
        """Whether 16 datums share one exponent byte."""
        return self.kind is Kind.BLOCK_FLOAT

    @property
    def is_integer(self) -> bool:
        """Whether the datums are not floating point."""
        return self.kind not in (Kind.FLOAT, Kind.BLOCK_FLOAT)


def _table() -> dict[DataFormat, FormatInfo]:
    f, k = DataFormat, Kind
    rows = (
        FormatInfo(f.Float32, k.FLOAT, 32, 8, "fp32"),
        FormatInfo(f.Tf32, k.FLOAT, 32, 8, "tf32"),
        FormatInfo(f.Float16, k.FLOAT, 16, 5, "fp16"),
        FormatInfo(f.Float16_b, k.FLOAT, 16, 8, "bf16"),
        FormatInfo(f.Lf8, k.FLOAT, 8, 5, "fp8"),
        FormatInfo(f.Fp8_e4m3, k.FLOAT, 8, 5, "fp8e4m3"),
        FormatInfo(f.Bfp8, k.BLOCK_FLOAT, 8, 5, "bfp8a"),
        FormatInfo(f.Bfp4, k.BLOCK_FLOAT, 4, 5, "bfp4a"),
        FormatInfo(f.Bfp2, k.BLOCK_FLOAT, 2, 5, "bfp2a"),
        FormatInfo(f.Bfp8_b, k.BLOCK_FLOAT, 8, 8, "bfp8"),
        FormatInfo(f.Bfp4_b, k.BLOCK_FLOAT, 4, 8, "bfp4"),
        FormatInfo(f.Bfp2_b, k.BLOCK_FLOAT, 2, 8, "bfp2"),
        FormatInfo(f.Int8, k.SIGN_MAGNITUDE, 8, 0, "i8"),
        FormatInfo(f.UInt8, k.UNSIGNED, 8, 0, "u8"),
        FormatInfo(f.UInt16, k.OPAQUE, 16, 0, "u16"),
        FormatInfo(f.Int32, k.OPAQUE, 32, 0, "i32"),
        FormatInfo(f.UInt32, k.OPAQUE, 32, 0, "u32"),
    )
    return {row.format: row for row in rows}


FORMATS: dict[DataFormat, FormatInfo] = _table()


def info(data_format: DataFormat | int) -> FormatInfo:
    """Return the table row of a format or of its code.

    Raises:
        UnsupportedFormat: the code names no format that a Wormhole or Blackhole unpacker and packer both know.
    """
    row = FORMATS.get(DataFormat(data_format))
    if row is None:
        known = ", ".join(f.name for f in FORMATS)
        raise UnsupportedFormat(f"{DataFormat(data_format).name} is not a format of tiles; use one of {known}")
    return row


@dataclass(frozen=True, slots=True)
class TileShape:
    """Height and width of a tile in datums; heights below 16 make faces of that height."""

    height: int = TILE_SIDE
    width: int = TILE_SIDE

    def __post_init__(self) -> None:
        if self.height not in (1, 2, 4, 8, 16, 32) or self.width not in (16, 32):
            raise TensixError(
                f"a tile of {self.height}x{self.width} is not valid for the hardware; "
                "height must be 32, 16, 8, 4, 2 or 1 and width 32 or 16"
            )

    @property
    def face_rows(self) -> int:
        """Rows of one face."""
        return min(self.height, FACE_SIDE)

    @property
    def faces_down(self) -> int:
        """Faces above each other: 1 or 2."""
        return self.height // self.face_rows

    @property
    def faces_across(self) -> int:
        """Faces beside each other: 1 or 2."""
        return self.width // FACE_SIDE

    @property
    def num_faces(self) -> int:
        """Faces of the tile: 1, 2 or 4."""
        return self.faces_down * self.faces_across

    @property
    def datums(self) -> int:
        """Datums of the tile."""
        return self.height * self.width


FULL_TILE = TileShape()


@dataclass(frozen=True, slots=True)
class Operand:
    """What a circular buffer holds, as unpacker and packer are told: format, tile shape, and the way in.

    Attributes:
        format: format of the pages in L1.
        shape: shape of one tile.
        unpack_to_dest: 32-bit datums go to DST with all their bits (`goes_to_dest`).
        unpacked, packed: the formats in SrcA and SrcB and in the packer, where other buffers of the core decide them
            (register_formats); None: as for a buffer alone.
    """

    format: DataFormat
    shape: TileShape = FULL_TILE
    unpack_to_dest: bool = False
    unpacked: DataFormat | None = None
    packed: DataFormat | None = None

    @property
    def page_bytes(self) -> int:
        """Bytes of one tile in L1."""
        return page_bytes(self.format, self.shape)


def exponent_bytes(data_format: DataFormat | int, shape: TileShape = FULL_TILE) -> int:
    """Return the bytes of a page's exponent section: one per row of 16 datums, padded; 0 unless block float."""
    if not info(data_format).is_block_float:
        return 0
    rows = shape.datums // FACE_SIDE
    lines = -(-rows // EXPONENT_SECTION_ALIGNMENT)
    return lines * EXPONENT_SECTION_ALIGNMENT


def page_bytes(data_format: DataFormat | int, shape: TileShape = FULL_TILE) -> int:
    """Return the bytes of one tile in L1 (numerics.md §0.2, host-api.md §3)."""
    return exponent_bytes(data_format, shape) + shape.datums * info(data_format).bits // 8


def goes_to_dest(data_format: DataFormat | int, mode: UnpackToDestMode) -> bool:
    """Tell whether a circular buffer's datums are unpacked to DST directly, with all their bits.

    32-bit integers always are, since SrcA and SrcB are 19 bits wide; the mode is asked for Float32 only, and any other
    format goes through SrcA whatever it says (``is_32bit_input`` and ``unpack_dst_format`` of ttnn 0.81.1).
    """
    fmt = DataFormat(data_format)
    if fmt is DataFormat.Float32:
        return mode is UnpackToDestMode.UnpackToDestFp32
    return fmt in (DataFormat.Int32, DataFormat.UInt32)


def unpack_register_format(
    data_format: DataFormat | int, fp32_dest_acc_en: bool, unpack_to_dest: bool = False
) -> DataFormat:
    """Return the format in which a circular buffer's datums reach SrcA and SrcB, or DST (numerics.md §1.1)."""
    fmt = DataFormat(data_format)
    if fmt is not DataFormat.Float32:
        return fmt
    if unpack_to_dest:
        return DataFormat.Float32
    return DataFormat.Tf32 if fp32_dest_acc_en else DataFormat.Float16_b


def pack_register_format(
    data_format: DataFormat | int, fp32_dest_acc_en: bool, bfp8_pack_precise: bool = False
) -> DataFormat:
    """Return the format into which the packer first converts DST for an output buffer (numerics.md §1.1)."""
    row = info(data_format)
    narrow = DataFormat.Float16_b if row.exponent_bits == 8 else DataFormat.Float16
    if row.is_block_float:
        if bfp8_pack_precise:
            return DataFormat.Float32 if fp32_dest_acc_en else narrow
        return DataFormat.Bfp8_b if row.exponent_bits == 8 else DataFormat.Bfp8
    if row.format is DataFormat.Float32 and not fp32_dest_acc_en:
        return DataFormat.Float16_b
    if row.format is DataFormat.Float16 and fp32_dest_acc_en:
        return DataFormat.Float16_b
    return DataFormat.Float16_b if row.format is DataFormat.Fp8_e4m3 else row.format
