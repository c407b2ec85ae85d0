"""Every kind of record that kernels can write is read, and what is no kind is called that."""

from __future__ import annotations

from struct import pack

import pytest

from tthal_emulator.abi import TILE_SLICE, PrintKind, PrintSetting
from tthal_emulator.diagnostics.print_records import PrintError, RecordReader

BFLOAT16 = 5
TILE = pack("<I12B", 0, BFLOAT16, 32, 32, 0, 1, 1, 0, 2, 1, 0, 1, 0)
RECORDS = {
    PrintKind.TEXT: (pack("<H", 2) + b"ab", "ab"),
    PrintKind.CHAR: (b"x", "x"),
    PrintKind.BOOL: (b"\1", "1"),
    PrintKind.INT8: (pack("<b", -3), "-3"),
    PrintKind.UINT8: (pack("<B", 253), "253"),
    PrintKind.INT16: (pack("<h", -300), "-300"),
    PrintKind.UINT16: (pack("<H", 65000), "65000"),
    PrintKind.INT32: (pack("<i", -70000), "-70000"),
    PrintKind.UINT32: (pack("<I", 4000000000), "4000000000"),
    PrintKind.INT64: (pack("<q", -1 << 40), "-1099511627776"),
    PrintKind.UINT64: (pack("<Q", 1 << 63), "9223372036854775808"),
    PrintKind.FLOAT: (pack("<f", 1.5), "1.5"),
    PrintKind.DOUBLE: (pack("<d", 0.1), "0.1"),
    PrintKind.BFLOAT16: (pack("<H", 0x3FC0), "1.5"),
    PrintKind.POINTER: (pack("<I", 0xABC), "0xabc"),
    PrintKind.ARRAY: (pack("<BHI", BFLOAT16, 1, 0x4000_3F80), "1 2"),
    PrintKind.TILE: (TILE, "1 2"),
    PrintKind.FORMAT: (pack("<H", 5) + b"[{:d}" + b"\1" + b"I" + pack("<I", 7), "[7"),
    PrintKind.SETTING: (bytes([PrintSetting.NEWLINE, 0]), "\n"),
}
"""What follows the kind, and the text that it makes."""


def text(data: bytes) -> str:
    l1 = bytearray(4096)
    l1[:4] = pack("<HH", 0x3F80, 0x4000)
    return RecordReader(memoryview(l1)).text(data)


def test_every_kind_is_here() -> None:
    assert RECORDS.keys() == set(PrintKind)
    assert len(TILE) == TILE_SLICE.size


@pytest.mark.parametrize("kind", PrintKind, ids=lambda kind: kind.name)
def test_a_record_becomes_text(kind: PrintKind) -> None:
    following, shown = RECORDS[kind]
    assert text(bytes([kind]) + following) == shown


@pytest.mark.parametrize("setting", PrintSetting, ids=lambda setting: setting.name)
def test_a_setting_changes_what_follows_it(setting: PrintSetting) -> None:
    shown = {
        PrintSetting.NEWLINE: "10\n0.333333",
        PrintSetting.DECIMAL: "100.333333",
        PrintSetting.HEXADECIMAL: "a0.333333",
        PrintSetting.OCTAL: "120.333333",
        PrintSetting.WIDTH: "  100.333333",
        PrintSetting.PRECISION: "100.3333",
        PrintSetting.FIXED: "100.333333",
        PrintSetting.DEFAULT_FLOAT: "100.333333",
    }
    set_it, ten, third = bytes([PrintKind.SETTING, setting, 4]), b"B\x0a", b"d" + pack("<d", 1 / 3)
    data = ten + set_it + third if setting is PrintSetting.NEWLINE else set_it + ten + third
    assert shown.keys() == set(PrintSetting)
    assert text(data) == shown[setting]


@pytest.mark.parametrize("data", [b"Z", b"\0", b"\xff\1", b"F\2\0{}\1Z", b"F\2\0{}\1m\0\0"])
def test_what_is_no_kind_or_no_value_is_called_that(data: bytes) -> None:
    with pytest.raises(PrintError, match="unknown record"):
        text(data)


@pytest.mark.parametrize("kind", PrintKind, ids=lambda kind: kind.name)
def test_a_record_that_is_cut_off_is_an_error_or_less_text(kind: PrintKind) -> None:
    following, shown = RECORDS[kind]
    for size in range(len(following)):
        try:
            found = text(bytes([kind]) + following[:size])
        except PrintError:
            continue
        assert len(found) < len(shown)
