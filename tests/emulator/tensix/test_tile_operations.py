"""What kernels can ask the host for is what TileMath defines: the table's arguments are those of its methods."""

from __future__ import annotations

import inspect
from dataclasses import fields

import numpy as np
import pytest

from tthal.device_interface import ComputeSettings
from tthal.types import DataFormat, MathFidelity
from tthal_emulator import abi
from tthal_emulator.abi import tile_operations as operations
from tthal_emulator.board.tensix_traits import WORMHOLE_TENSIX
from tthal_emulator.tensix.formats import Operand
from tthal_emulator.tensix.operations import Follow, Grade
from tthal_emulator.tensix.tile_math import TileMath
from tthal_emulator.tensix.tile_unit import _SPECIAL, DST_SIZE, TileConfiguration, TileUnit

OPERATIONS = pytest.mark.parametrize("kind", abi.TILE_OPERATIONS.values(), ids=lambda kind: kind.__name__)


@pytest.fixture
def unit() -> TileUnit:
    settings = ComputeSettings(MathFidelity.HiFi4, True, False, (), False, False)
    operands = (Operand(DataFormat.Float32),) * 2
    configuration = TileConfiguration(WORMHOLE_TENSIX, Grade.FAST, Follow.SILICON, settings, operands)
    return TileUnit(configuration, np.zeros(1 << 16, np.uint8), memoryview(bytearray(DST_SIZE)))


@OPERATIONS
def test_the_definition_takes_what_kernels_say(kind: type[abi.TileOperation], unit: TileUnit) -> None:
    method = inspect.signature(getattr(TileMath, kind.method))
    if kind not in _SPECIAL:
        asked = kind.read((0,) * operations.WORDS)
        method.bind(None, **unit._arguments(asked))
    else:
        tiles = {name for _, argument, names in abi.arguments(kind) if argument is abi.TileInL1 for name in names}
        assert tiles <= set(method.parameters)


@OPERATIONS
def test_the_words_of_an_operation_fit(kind: type[abi.TileOperation]) -> None:
    words = [2 if argument.kind is abi.TileInL1 else 1 for argument in abi.arguments(kind)]
    assert sum(words) <= operations.WORDS
    assert [argument.name for argument in abi.arguments(kind)] == [each.name for each in fields(kind)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("number", "words", "message"),
    [
        (99, (0,) * 6, "unknown tile operation 99"),
        (operations.UnaryBroadcast.number, (0, 0, 0, 9, 0, 0), "9 is not a valid Broadcast"),
        (operations.Reduce.number, (0, 0, 0, 0, 0, 3), "3 is not a valid Pool"),
        (operations.Copy.number, (9, 0, 0, 0, 0, 0), "circular buffer 9 has no data format"),
        (operations.Copy.number, (0, 1 << 16, 0, 0, 0, 0), "reaches past the end of L1"),
    ],
)
def test_what_makes_no_sense_is_refused(unit: TileUnit, number: int, words: tuple[int, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        unit.run(number, *words)
