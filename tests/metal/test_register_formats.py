"""The table of register formats against the vendor's library of today: a sample of it, asked again in another order."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tthal.types import DataFormat
from tthal_emulator.board.tensix_traits import BLACKHOLE_TENSIX, WORMHOLE_TENSIX, TensixTraits
from tthal_emulator.tensix.errors import UnsupportedFormat
from tthal_emulator.tensix.register_formats import UnitSettings, register_formats

pytestmark = pytest.mark.slow

HERE = Path(__file__).resolve().parent


@pytest.mark.parametrize(("board", "chip"), [("n150", WORMHOLE_TENSIX), ("p150", BLACKHOLE_TENSIX)])
def test_the_library_still_generates_these_descriptors(
    board: str, chip: TensixTraits, vendor_wheel: Path, tmp_path: Path
) -> None:
    target = tmp_path / "table.json.gz"
    command = [sys.executable, str(HERE / "format_table.py"), str(target), "--wheel", str(vendor_wheel)]
    options = ["--board", board, "--buffers", "3", "--sample", "40"]
    subprocess.run([*command, *options], check=True, capture_output=True, timeout=900)
    for line in gzip.decompress(target.read_bytes()).decode().splitlines():
        _, wide, codes, theirs = json.loads(line)
        try:
            found = register_formats({i: DataFormat(code) for i, code in enumerate(codes)}, UnitSettings(chip, wide))
        except UnsupportedFormat:
            assert isinstance(theirs, str), line
            continue
        assert [[code, found[i].unpacked, found[i].packed, code] for i, code in enumerate(codes)] == theirs, line
