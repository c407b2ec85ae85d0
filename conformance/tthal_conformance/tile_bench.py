"""Running a compute kernel on tiles: a reader fills circular buffers 0 and 1, a writer empties 16."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import tthal as ttnn
from tthal_conformance.run import Run
from tthal_conformance.values import TILE, Array, Doubles, decode, encode, from_tiles, to_tiles
from tthal_conformance.workbench import CORE, accessor, filled, launch, output, read

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
        inputs = [first] if second is None else [first, second]
        pages = [self.page_bytes[each.data_format] for each in inputs]
        sources = [filled(run, each.data, page) for each, page in zip(inputs, pages, strict=True)]
        out_page = self.page_bytes[self.out_format]
        target = output(run, self.outputs * out_page, out_page)
        work = ttnn.CreateProgram()
        for index, each in zip((IN0, IN1), inputs, strict=False):
            self._circular_buffer(work, index, each.data_format, each.count)
        self._circular_buffer(work, OUT, self.out_format, self.outputs)
        if self.middle:
            self._circular_buffer(work, MIDDLE, first.data_format, self.middle)
        self._kernels(run, work, sources, [each.count for each in inputs], target)
        launch(run, work)
        return read(run, target, np.uint8)

    def matrix(self, run: Run, shape: tuple[int, int], first: Tiles, second: Tiles | None = None) -> Doubles:
        """Run it; return the values of the output tiles as a matrix."""
        height, width = self.tile or (32, 32)
        return from_tiles(decode(self.run(run, first, second), self.out_format), *shape, height, width)

    def _circular_buffer(self, work: ttnn.Program, index: int, data_format: ttnn.DataFormat, pages: int) -> None:
        page = self.page_bytes[data_format]
        config = ttnn.CircularBufferConfig(pages * page, {index: data_format}).set_page_size(index, page)
        if self.tile is not None:
            config.set_tile_dims(index, ttnn.Tile(self.tile))
        ttnn.CreateCircularBuffer(work, CORE, config)

    def _kernels(
        self, run: Run, work: ttnn.Program, sources: list[ttnn.Buffer], counts: list[int], target: ttnn.Buffer
    ) -> None:
        words = [len(sources), *(word for source in sources for word in accessor(source))]
        reading = ttnn.ReaderDataMovementConfig(words)
        reader = ttnn.CreateKernel(work, run.kernel("tiles_in"), CORE, reading)
        each = [(source.address(), count, source.page_size()) for source, count in zip(sources, counts, strict=True)]
        ttnn.SetRuntimeArgs(work, reader, CORE, [word for words in each for word in words])
        computing = ttnn.ComputeConfig(compile_args=list(self.arguments), defines=self.defines, **self.config)
        ttnn.CreateKernel(work, run.kernel(self.kernel), CORE, computing)
        writing = ttnn.WriterDataMovementConfig(accessor(target))
        writer = ttnn.CreateKernel(work, run.kernel("tiles_out"), CORE, writing)
        ttnn.SetRuntimeArgs(work, writer, CORE, [target.address(), self.outputs, target.page_size()])
