"""Running a compute kernel on tiles: a reader fills circular buffers 0 and 1, a writer empties 16."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import tthal as ttnn
from tthal_conformance.compute_bench import ComputeBench, Tensor
from tthal_conformance.run import POISON, Run
from tthal_conformance.values import TILE, Array, Doubles, decode, encode, from_tiles, to_tiles

BF16 = ttnn.DataFormat.Float16_b
IN0, IN1, MIDDLE, OUT = 0, 1, 24, 16

PAGE_BYTES = {
    ttnn.DataFormat.Float16_b: 2 * TILE,
    ttnn.DataFormat.Float16: 2 * TILE,
    ttnn.DataFormat.Float32: 4 * TILE,
    ttnn.DataFormat.Bfp8_b: TILE + 64,
    ttnn.DataFormat.Bfp4_b: TILE // 2 + 64,
    ttnn.DataFormat.Int32: 4 * TILE,
    ttnn.DataFormat.UInt32: 4 * TILE,
    ttnn.DataFormat.UInt16: 2 * TILE,
}


@dataclass(frozen=True, slots=True)
class Tiles:
    """An input: encoded tiles, their format, and how many they are."""

    data: Array
    data_format: ttnn.DataFormat
    count: int

    @classmethod
    def of(cls, matrix: Doubles, data_format: ttnn.DataFormat = BF16) -> Tiles:
        """Encode a matrix that the format holds exactly."""
        return cls(encode(to_tiles(matrix), data_format), data_format, matrix.size // TILE)


@dataclass(frozen=True, slots=True)
class TileWork:
    """A compute kernel and what it is compiled and run with.

    Attributes:
        outputs: tiles it writes.
        middle: pages of circular buffer 24, 0 for none.
        tile: (height, width) of all tiles.
    """

    kernel: str
    outputs: int
    out_format: ttnn.DataFormat = BF16
    config: Mapping[str, Any] = field(default_factory=dict)
    arguments: Sequence[int] = ()
    defines: Mapping[str, str] = field(default_factory=dict)
    middle: int = 0
    page_bytes: Mapping[ttnn.DataFormat, int] = field(default_factory=lambda: PAGE_BYTES)
    tile: tuple[int, int] | None = None

    def run(self, run: Run, first: Tiles, second: Tiles | None = None) -> Array:
        """Run it; return the bytes of the output tiles."""
        given = [first] if second is None else [first, second]
        inputs = [self._tensor(index, each) for index, each in zip((IN0, IN1), given, strict=False)]
        for each in inputs:
            run.note_input(each.pages)
        page = self.page_bytes[self.out_format]
        target = Tensor(OUT, self.out_format, np.zeros((self.outputs, page), np.uint8), self.tile)
        middle = {MIDDLE: (first.data_format, self.page_bytes[first.data_format], self.middle)} if self.middle else {}
        arguments = {"compile_args": list(self.arguments), "defines": self.defines, **self.config}
        kernel = Path(run.kernel(self.kernel))
        prepared = ComputeBench(run.device).prepare(kernel, inputs, [target], scratch=middle, **arguments)
        return prepared.run(POISON)[0].reshape(-1)

    def matrix(self, run: Run, shape: tuple[int, int], first: Tiles, second: Tiles | None = None) -> Doubles:
        """Run it; return the values of the output tiles as a matrix."""
        height, width = self.tile or (32, 32)
        return from_tiles(decode(self.run(run, first, second), self.out_format), *shape, height, width)

    def _tensor(self, index: int, tiles: Tiles) -> Tensor:
        pages = np.ascontiguousarray(tiles.data).view(np.uint8).reshape(tiles.count, self.page_bytes[tiles.data_format])
        return Tensor(index, tiles.data_format, pages, self.tile)
