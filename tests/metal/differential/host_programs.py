"""Random host programs of one expression: what the wheel answers on its mock device, and what tthal answers.

Mostly both run the same text. Where the two libraries spell a thing differently, a program has two texts.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

Rectangle = tuple[int, int, int, int]
Draw = Callable[[random.Random, tuple[int, int]], "HostProgram"]

_SHARDS_THEIRS = """
mapped = ttnn._ttnn.bfp_utils.compute_shard_page_mapping(
    {tensor}, {shard}, 1, 1, {set0}, ttnn.ShardOrientation.{orientation}, ttnn.ShardDistributionStrategy.{strategy})
result = [[core, [page for page in pages if page != 0xFFFFFFFF]] for core, pages in mapped]
result = [[core, pages] for core, pages in result if pages]
"""
_SHARDS_OURS = """
import numpy as np
from tthal.sharding import page_placement, shards_per_core
from math import prod
spec = ttnn.BufferDistributionSpec(
    {tensor}, {shard}, {set0}, ttnn.ShardOrientation.{orientation}, ttnn.ShardDistributionStrategy.{strategy})
layout = spec.shard_layout()
found = [[None] * (shards_per_core(layout) * prod(layout.shard_shape)) for _ in layout.cores]
for page, (core, slot) in enumerate(zip(*page_placement(layout))):
    found[core][slot] = page
result = [[core, [page for page in pages if page is not None]] for core, pages in zip(layout.cores, found)]
result = [[core, pages] for core, pages in result if pages]
"""
_PACK_THEIRS = """
import numpy as np
values = np.frombuffer(bytes.fromhex("{bits}"), np.float32).copy()
packed = getattr(ttnn._ttnn.bfp_utils, "pack_bfp{width}")(values, False, {narrow})
back = getattr(ttnn._ttnn.bfp_utils, "unpack_bfp{width}")(packed, False, {narrow})
result = [packed.tobytes().hex(), back.tobytes().hex()]
"""
_PACK_OURS = """
import numpy as np
from tthal import block_float
values = np.frombuffer(bytes.fromhex("{bits}"), np.float32).copy()
packed = block_float.pack(values, ttnn.DataFormat["{name}"])
back = block_float.unpack(packed, ttnn.DataFormat["{name}"])
result = [packed.tobytes().hex(), back.tobytes().hex()]
"""


@dataclass(frozen=True)
class HostProgram:
    """A template for each library, and what is filled in."""

    theirs_template: str
    ours_template: str
    ranges: tuple[tuple[Rectangle, ...], ...] = ()
    count: int = 0
    words: tuple[tuple[str, str], ...] = ()

    @property
    def theirs(self) -> str:
        """The program for the vendor's library."""
        return self._filled(self.theirs_template)

    @property
    def ours(self) -> str:
        """The program for tthal."""
        return self._filled(self.ours_template)

    def _filled(self, template: str) -> str:
        for index, each in enumerate(self.ranges):
            template = template.replace(f"{{set{index}}}", text_of(each))
        for name, value in (*self.words, ("count", str(self.count))):
            template = template.replace(f"{{{name}}}", value)
        return template

    def __str__(self) -> str:
        return self.theirs.strip()

    def smaller(self) -> Iterator[HostProgram]:
        """Return programs with fewer rectangles and smaller numbers."""
        for place, each in enumerate(self.ranges):
            for index in range(len(each)):
                fewer = (*each[:index], *each[index + 1 :])
                yield replace(self, ranges=(*self.ranges[:place], fewer, *self.ranges[place + 1 :]))
        for count in (self.count // 2, self.count - 1):
            if 0 <= count < self.count:
                yield replace(self, count=count)


def text_of(ranges: tuple[Rectangle, ...]) -> str:
    """Return a set of rectangles as both libraries read it."""
    corners = (f"ttnn.CoreRange(ttnn.CoreCoord({a}, {b}), ttnn.CoreCoord({c}, {d}))" for a, b, c, d in ranges)
    return f"ttnn.CoreRangeSet([{', '.join(corners)}])"


def draw(random_: random.Random, board: str) -> HostProgram:
    """Draw a program of any kind; half of them are about rectangles."""
    kind = random_.choice((rectangles, rectangles, shards, packing))
    return kind(random_, (8, 8) if board == "n150" else (13, 10))


def core_ranges(random_: random.Random, grid: tuple[int, int] = (8, 10), most: int = 5) -> tuple[Rectangle, ...]:
    """Draw disjoint rectangles in any order; sometimes single cores next to each other."""
    chosen: list[Rectangle] = []
    small = random_.random() < 0.4
    columns, rows = grid
    for _ in range(random_.randint(0, most * (3 if small else 1))):
        x, y = random_.randrange(columns), random_.randrange(rows)
        right, bottom = (
            min(size - 1, place + random_.randint(0, 0 if small else 4)) for size, place in ((columns, x), (rows, y))
        )
        if all(right < x0 or x1 < x or bottom < y0 or y1 < y for x0, y0, x1, y1 in chosen):
            chosen.append((x, y, right, bottom))
    return tuple(chosen)


_EXPRESSIONS = (
    "{set0}.merge({set1})",
    "{set0}.subtract({set1})",
    "{set0}.contains({set1}), {set0}.num_cores(), {set0}.size(), {set0}.empty()",
    "{set0}.bounding_box()",
    "{set0} == {set1}, {set0} == {set0}.merge({set1})",
    "ttnn.corerange_to_cores({set0}, {count}, {row_wise})",
    "ttnn.num_cores_to_corerangeset({count}, {cell}, {row_wise})",
    "ttnn.split_work_to_cores({cell}, {count}, {row_wise})",
    "ttnn.num_cores_to_corerangeset_in_subcoregrids({start}, {count}, {set0}, {row_wise})",
    "ttnn.split_work_to_cores({set0}.merge({set1}), {count}, {row_wise})",
    "ttnn.split_work_to_cores({set0}, {count}, {row_wise})",
)


def rectangles(random_: random.Random, grid: tuple[int, int]) -> HostProgram:
    """Draw an expression over sets of cores on a grid."""
    expression = f"result = {random_.choice(_EXPRESSIONS)}"
    columns, rows = grid
    words = (
        ("row_wise", str(random_.random() < 0.5)),
        ("cell", f"ttnn.CoreCoord({random_.randint(1, columns)}, {random_.randint(1, rows)})"),
        ("start", f"ttnn.CoreCoord({random_.randrange(columns)}, {random_.randrange(rows)})"),
    )
    most = 12 if "subcoregrids" in expression else 400
    count = random_.choice((random_.randint(0, min(most, 90)), random_.randint(0, most)))
    return HostProgram(expression, expression, (core_ranges(random_, grid), core_ranges(random_, grid)), count, words)


def shards(random_: random.Random, grid: tuple[int, int]) -> HostProgram:
    """Draw a question for where the pages of a sharded buffer lie."""
    rank = random_.randint(1, 3)
    strategy = random_.choice(("ROUND_ROBIN_1D", "ROUND_ROBIN_1D", "GRID_2D"))
    rank = 2 if strategy == "GRID_2D" else rank
    words = (
        ("tensor", str([random_.randint(1, 7) for _ in range(rank)])),
        ("shard", str([random_.randint(1, 4) for _ in range(rank)])),
        ("orientation", random_.choice(("ROW_MAJOR", "COL_MAJOR"))),
        ("strategy", strategy),
    )
    ranges = core_ranges(random_, grid, most=1 if strategy == "GRID_2D" else 3)
    return HostProgram(_SHARDS_THEIRS, _SHARDS_OURS, (ranges,), 0, words)


def packing(random_: random.Random, grid: tuple[int, int]) -> HostProgram:
    """Draw a tile to be packed as block floats and unpacked again."""
    width, narrow = random_.choice("842"), random_.random() < 0.5
    # Rows of 16 share an exponent: bit patterns close to each other, now and then any at all.
    bits = bytearray()
    for _ in range(64):
        base = random_.getrandbits(8) if random_.random() < 0.1 else random_.randint(110, 140)
        for _ in range(16):
            exponent = min(254, max(0, base - random_.choice((0, 0, 1, 2, 3, 5, 9, 30))))
            pattern = random_.getrandbits(1) << 31 | exponent << 23 | random_.getrandbits(23)
            bits += pattern.to_bytes(4, "little")
    name = f"Bfp{width}{'' if narrow else '_b'}"
    words = (("bits", bits.hex()), ("width", width), ("narrow", str(narrow)), ("name", name))
    return HostProgram(_PACK_THEIRS, _PACK_OURS, (), 0, words)
