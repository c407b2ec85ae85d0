"""What kernels write when they print: a kind, then what belongs to it; diagnostics/print_records.py reads it."""

from __future__ import annotations

from enum import unique

from .vocabulary import Code, Field, Record, exported


@exported("uint8_t")
@unique
class PrintKind(Code):
    """What a record of the print buffer holds: its first byte; a letter that one sees in a dump."""

    TEXT = ord("s"), "16-bit length, bytes"
    CHAR = ord("c")
    BOOL = ord("?")
    INT8 = ord("b")
    UINT8 = ord("B")
    INT16 = ord("h")
    UINT16 = ord("H")
    INT32 = ord("i")
    UINT32 = ord("I")
    INT64 = ord("q")
    UINT64 = ord("Q")
    FLOAT = ord("f")
    DOUBLE = ord("d")
    BFLOAT16 = ord("w"), "16 bits"
    POINTER = ord("p"), "32 bits"
    ARRAY = ord("A"), "DataFormat, 16-bit number of words, the words"
    TILE = ord("T"), "TileSliceRecord"
    FORMAT = ord("F"), "16-bit length, bytes, number of values that follow"
    SETTING = ord("m"), "PrintSetting, value"


@exported("uint8_t")
@unique
class PrintSetting(Code):
    """Settings of the stream form."""

    NEWLINE = 0
    DECIMAL = 1
    HEXADECIMAL = 2
    OCTAL = 3
    WIDTH = 4, "of the next value only"
    PRECISION = 5
    FIXED = 6
    DEFAULT_FLOAT = 7


TILE_SLICE = Record(
    "TileSliceRecord",
    "The part of a tile that a kernel shows: where it is, its format and shape, rows and columns as slices.",
    (
        Field("address", "uint32_t", meaning="of the tile, in L1"),
        Field("format", "uint8_t", meaning="DataFormat code"),
        Field("rows", "uint8_t"),
        Field("columns", "uint8_t"),
        Field("h0", "uint8_t"),
        Field("h1", "uint8_t"),
        Field("hs", "uint8_t"),
        Field("w0", "uint8_t"),
        Field("w1", "uint8_t"),
        Field("ws", "uint8_t"),
        Field("end_rows", "uint8_t", meaning="each row on a line of its own"),
        Field("tiled", "uint8_t", meaning="in faces, else row by row"),
        Field("reserved", "uint8_t"),
    ),
)
