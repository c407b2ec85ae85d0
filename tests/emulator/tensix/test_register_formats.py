"""Register formats of every mixture of circular buffers, as ttnn 0.81.1 generates them.

``data/register_formats.json.gz`` was written by ``tests/metal/format_table.py``: 4,556 mixtures of one, two and three
formats, both widths of DST, on a mock n150 and p150.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tthal.types import DataFormat as F
from tthal_emulator.board.tensix_traits import BLACKHOLE_TENSIX, WORMHOLE_TENSIX
from tthal_emulator.tensix.errors import UnsupportedFormat
from tthal_emulator.tensix.register_formats import RegisterFormats, UnitSettings, register_formats

CHIPS = {"n150": WORMHOLE_TENSIX, "p150": BLACKHOLE_TENSIX}
WORMHOLE = UnitSettings(WORMHOLE_TENSIX, fp32_dest_acc_en=False)


def table() -> list[Any]:
    data = (Path(__file__).parent / "data" / "register_formats.json.gz").read_bytes()
    return [json.loads(line) for line in gzip.decompress(data).decode().splitlines()]


def found(board: str, wide: bool, codes: list[int]) -> Any:
    formats = {index: F(code) for index, code in enumerate(codes)}
    try:
        registers = register_formats(formats, UnitSettings(CHIPS[board], wide))
    except UnsupportedFormat:
        return None
    return [[code, int(registers[i].unpacked), int(registers[i].packed), code] for i, code in enumerate(codes)]


@pytest.mark.parametrize("board", CHIPS)
def test_every_mixture_is_the_vendors(board: str) -> None:
    rows = [row for row in table() if row[0] == board]
    assert len(rows) == 2278
    assert [row for row in rows if found(*row[:3]) != (None if isinstance(row[3], str) else row[3])] == []


def test_an_unused_buffer_with_a_narrow_exponent_makes_float32_a_float16() -> None:
    registers = register_formats({0: F.Float32, 31: F.Float16}, WORMHOLE)
    assert registers[0] == RegisterFormats(F.Float16, F.Float16)
    assert register_formats({0: F.Float32}, WORMHOLE)[0] == RegisterFormats(F.Float16_b, F.Float16_b)


@pytest.mark.parametrize(
    ("formats", "settings", "reason"),
    [
        ((F.Float16, F.Float16_b), WORMHOLE, r"Float16 \(circular buffer 0\) and Float16_b \(circular buffer 1\)"),
        ((F.Bfp8_b, F.Bfp8), WORMHOLE, "same exponent format"),
        ((F.Int8, F.Float16_b), WORMHOLE, "same exponent format"),
        ((F.Tf32,), WORMHOLE, "TF32 is unsupported"),
        ((F.Fp8_e4m3,), UnitSettings(WORMHOLE_TENSIX), "Blackhole only"),
        ((F.Lf8,), UnitSettings(WORMHOLE_TENSIX, True), "no conversion from a 32-bit DST to Lf8"),
        ((F.Lf8,), UnitSettings(BLACKHOLE_TENSIX, False), "Lf8 needs a 32-bit DST"),
        ((F.Fp8_e4m3,), UnitSettings(BLACKHOLE_TENSIX, False), "Fp8_e4m3 needs a 32-bit DST"),
    ],
)
def test_what_the_vendors_build_refuses_has_a_reason(
    formats: tuple[F, ...], settings: UnitSettings, reason: str
) -> None:
    with pytest.raises(UnsupportedFormat, match=reason):
        register_formats(dict(enumerate(formats)), settings)


def test_data_movement_alone_may_use_eight_bit_floats() -> None:
    """Without a compute kernel nothing is packed: ttnn 0.81.1 compiles these."""
    assert F.Lf8 in (register_formats({0: F.Lf8}, UnitSettings(BLACKHOLE_TENSIX))[0].unpacked,)
    assert register_formats({0: F.Fp8_e4m3}, UnitSettings(BLACKHOLE_TENSIX))[0].packed is F.Float16_b
