"""What the rebuilt programs are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import tthal as ttnn

Variant = Mapping[str, Any]
Core = tuple[int, int]
FORMATS = {
    "bfloat16": (ttnn.DataFormat.Float16_b, 2048),
    "bfloat8_b": (ttnn.DataFormat.Bfp8_b, 1088),
    "float32": (ttnn.DataFormat.Float32, 4096),
}


def interleaved(
    device: ttnn.Device, pages: int, page: int, kind: ttnn.BufferType = ttnn.BufferType.DRAM
) -> ttnn.Buffer:
    """Create an interleaved buffer."""
    config = ttnn.InterleavedBufferConfig(device=device, size=pages * page, page_size=page, buffer_type=kind)
    return ttnn.CreateBuffer(config)


def core_set(cores: Sequence[Core]) -> ttnn.CoreRangeSet:
    """Single cores as a set."""
    return ttnn.CoreRangeSet([ttnn.CoreRange(ttnn.CoreCoord(*core), ttnn.CoreCoord(*core)) for core in cores])


def one_core() -> ttnn.CoreRangeSet:
    """Core (0, 0)."""
    return core_set([(0, 0)])


def circular_buffer(
    program: ttnn.Program,
    cores: ttnn.CoreRangeSet,
    index: int,
    pages: int,
    page: int = 2048,
    format_: ttnn.DataFormat = ttnn.DataFormat.Float16_b,
) -> None:
    """Create a circular buffer of whole pages."""
    config = ttnn.CircularBufferConfig(pages * page, {index: format_}).set_page_size(index, page)
    ttnn.CreateCircularBuffer(program, cores, config)


def ranges(cores: Sequence[Core], pages: int) -> dict[Core, tuple[int, int, int]]:
    """First page, count and stride of contiguous pages by index; what is left over goes to the first cores."""
    share, rest = divmod(pages, len(cores))
    work, first = {}, 0
    for index, core in enumerate(cores):
        count = share + (index < rest)
        work[core] = (first, count, 1)
        first += count
    return work
