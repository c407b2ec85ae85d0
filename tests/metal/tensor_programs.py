"""Small host programs about tensors, drawn at random: what a tensor is, where it lies, which bytes it has."""

from __future__ import annotations

import random
from math import prod
from pathlib import Path

PRELUDE = """
import hashlib
import numpy as np

def grid(ranges):
    return ttnn.CoreRangeSet([ttnn.CoreRange(ttnn.CoreCoord(*a), ttnn.CoreCoord(*b)) for a, b in ranges])

def orientation(row_major):
    return ttnn.ShardOrientation.ROW_MAJOR if row_major else ttnn.ShardOrientation.COL_MAJOR

def flat(kind, where, shape, ranges, row_major):
    spec = ttnn.ShardSpec(grid(ranges), shape, orientation(row_major))
    return ttnn.MemoryConfig(getattr(ttnn.TensorMemoryLayout, kind), getattr(ttnn.BufferType, where), spec)

def nd(where, shape, ranges, row_major, strategy):
    how = getattr(ttnn.ShardDistributionStrategy, strategy)
    spec = ttnn.NdShardSpec(ttnn.Shape(shape), grid(ranges), orientation(row_major), how)
    return ttnn.MemoryConfig(getattr(ttnn.BufferType, where), spec)

def values(shape, kind, seed):
    random = np.random.default_rng(seed)
    if kind.startswith("float"):
        scale = np.exp2(random.integers(-20, 14, shape)) if seed % 2 else 50
        return (random.standard_normal(shape) * scale).astype(kind)
    return random.integers(0, 250, shape).astype(kind)

def config(m):
    s, n = m.shard_spec, m.nd_shard_spec
    flat = s and [str(s.grid), list(s.shape), s.orientation.name]
    nd = n and [str(n.grid), list(n.shard_shape), n.orientation.name, n.shard_distribution_strategy.name]
    return [m.memory_layout.name, m.buffer_type.name, m.is_sharded(), m.interleaved, flat, nd]

def stored(t):
    buffer = t.host_buffer().get_shard(ttnn.MeshCoordinate(0, 0))
    data = bytes(np.from_dlpack(buffer)) if len(buffer) else b""
    return [len(data), digest(data)]

def digest(data):
    return hashlib.sha256(data).hexdigest()[:16]

def described(t):
    known = [t.dtype.name, t.layout.name, list(t.shape), list(t.padded_shape), t.volume(), t.logical_volume()]
    known += [list(t.tile.tile_shape), config(t.memory_config()), config(t.spec.memory_config), t.is_sharded()]
    if t.storage_type() == ttnn.StorageType.HOST:
        return [*known, stored(t), t.dtype != ttnn.fp8_e4m3 and digest(str(t.to_list()).encode())]
    return [*known, t.buffer_address(), t.buffer_page_size(), t.buffer_aligned_page_size(), t.buffer_num_pages(),
            ttnn.TensorAccessorArgs(t).get_compile_time_args(), t.is_allocated()]

def attempt(make, kept):
    try:
        made = make()
    except (RuntimeError, TypeError, ValueError) as error:
        return "TypeError" if isinstance(error, TypeError) else "refused"
    kept.append(made)
    return described(made)

def finish():
    if ttnn.GetDefaultDevice():
        ttnn.synchronize_device(ttnn.GetDefaultDevice())

kept, result = [], []
"""

SHORT_NAMES = """
d, T, Spec, TILE, ROWS = ttnn.GetDefaultDevice(), ttnn.Tensor, ttnn.TensorSpec, ttnn.TILE_LAYOUT, ttnn.ROW_MAJOR_LAYOUT
L1, DRAM, IN_L1, IN_DRAM = ttnn.BufferType.L1, ttnn.BufferType.DRAM, ttnn.L1_MEMORY_CONFIG, ttnn.DRAM_MEMORY_CONFIG
Spread, Turn, Deal = ttnn.TensorMemoryLayout, ttnn.ShardOrientation, ttnn.ShardDistributionStrategy
Align, Cut = ttnn.ShardShapeAlignment, ttnn.ShardStrategy

def count(*shape):
    return np.arange(np.prod(shape), dtype=np.float32).reshape(shape)

six, six_more = count(2, 3), count(3, 4)
finish()
"""

EXPRESSIONS = [
    line
    for line in (Path(__file__).parent / "tensor_expressions.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
"""Expressions about tensors; :func:`question` makes programs of them."""


def question(expression: str) -> str:
    """A program that evaluates one expression."""
    return f"{PRELUDE}{SHORT_NAMES}result = {expression}\n"


TYPES = (
    *["bfloat16"] * 4, *["float32"] * 2, *["uint32"] * 2, "int32", "uint16", "uint8", "int8", "bfloat8_b", "bfloat8_b",
    "bfloat4_b", "fp8_e4m3",
)  # fmt: skip
SOURCES = ("float32", "float32", "float32", "int32", "uint8", "uint16", "uint32", "int64", "int16", "float64", "bool")
TILES = ("(32, 32)", "(16, 32)", "(8, 32)", "(4, 16)", "(32, 16)", "(16, 16)", "(1, 32)", "(2, 16)")
STRATEGIES = ("ROUND_ROBIN_1D", "ROUND_ROBIN_1D", "GRID_2D", "CONTIGUOUS_1D")
IN_RANGE = {"uint8": "uint8", "int8": "bool", "fp8_e4m3": "float32"}
"""Sources whose values fit: casting a float that an 8-bit integer does not hold is undefined in C++."""

SAME_SIZE = {"bfloat16": "uint16", "bfloat8_b": "float32", "bfloat4_b": "float32"}
"""Sources of the same size: the wheel has others converted to bfloat16 by numpy, which has none."""


def shape(random_: random.Random, most: int = 130) -> list[int]:
    rank = random_.choice((1, 2, 2, 2, 3, 3, 4, 4, 5, 6))
    inner = [random_.choice((random_.randint(1, most), 32 * random_.randint(1, 4))) for _ in range(min(rank, 2))]
    return [random_.randint(1, 4) for _ in range(rank - len(inner))] + inner


def cores(random_: random.Random, where: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    if where == "DRAM":
        first = random_.randint(0, 8)
        return [((first, 0), (random_.randint(first, 11), 0))]
    x, y = random_.randint(0, 3), random_.randint(0, 3)
    box = ((x, y), (x + random_.randint(0, 4), y + random_.randint(0, 2)))
    apart = ((0, 7), (random_.randint(0, 3), 7))
    return random_.choice(([box], [box], [box], [box, apart], [apart, box]))


def _cut(random_: random.Random, extent: int, tiles: bool) -> int:
    """A shard's extent: all of it, a part, or something that does not fit."""
    step = 32 if tiles and random_.random() < 0.9 else 1
    whole = -(-extent // step)
    return step * random_.choice((whole, whole, max(1, -(-whole // 2)), random_.randint(1, whole + 1)))


def flat_memory(random_: random.Random, where: str, extents: list[int], tiled: bool) -> str:
    """A memory config with a shard specification in two dimensions; most of them fit the tensor."""
    kind = random_.choice(("HEIGHT_SHARDED", "WIDTH_SHARDED", "BLOCK_SHARDED"))
    step = 32 if tiled else 1
    rows = extents[-2] if len(extents) > 1 else 1
    height, width = prod(extents[:-2]) * -(-rows // step) * step, -(-extents[-1] // step) * step
    if kind != "WIDTH_SHARDED" or random_.random() < 0.1:
        height = _cut(random_, height, tiled)
    if kind != "HEIGHT_SHARDED" or random_.random() < 0.1:
        width = _cut(random_, width, tiled)
    return f"flat({kind!r}, {where!r}, {[height, width]}, {cores(random_, where)}, {random_.random() < 0.7})"


def nd_memory(random_: random.Random, where: str, extents: list[int], tiled: bool) -> str:
    """A memory config with a shard specification in any number of dimensions, at most the tensor's."""
    rank = random_.choice((len(extents), len(extents), random_.randint(1, len(extents))))
    kept = extents[len(extents) - rank :]
    shard = [_cut(random_, extent, tiled and at >= rank - 2) for at, extent in enumerate(kept)]
    strategy = random_.choice(STRATEGIES)
    return f"nd({where!r}, {shard}, {cores(random_, where)}, {random_.random() < 0.7}, {strategy!r})"


def memory(random_: random.Random, extents: list[int], tiled: bool) -> str:
    where = random_.choice(("L1", "L1", "L1", "DRAM"))
    form = random_.randrange(8)
    if form < 2:
        return f"ttnn.{random_.choice(('DRAM', 'L1'))}_MEMORY_CONFIG"
    draw = flat_memory if form < 5 else nd_memory
    return draw(random_, where, extents, tiled)


def step(random_: random.Random, on_device: bool) -> str:
    """One tensor more, on the host or on the device."""
    extents, dtype = shape(random_), random_.choice(TYPES)
    block = dtype in ("bfloat8_b", "bfloat4_b")
    tiled = (block or random_.random() < 0.6) != (random_.random() < 0.02) and dtype != "fp8_e4m3"
    where = memory(random_, extents, tiled) if random_.random() < 0.8 and dtype != "fp8_e4m3" else "None"
    sharded = where.startswith(("flat", "nd"))
    if sharded and block and not on_device:
        where, sharded = "ttnn.L1_MEMORY_CONFIG", False
    wanted = {
        "layout": f"ttnn.{'TILE' if tiled else 'ROW_MAJOR'}_LAYOUT",
        "pad_value": random_.choice(("None", "0.0", "1.0", "7.0")),
        "tile": f"ttnn.Tile({random_.choice(TILES)})" if tiled and random_.random() < 0.25 else "None",
    }
    moved = ""
    if sharded and block:
        moved = f".to(ttnn.GetDefaultDevice(), {where})"
    else:
        wanted["mem_config"] = where
        if on_device:
            wanted["device"] = "ttnn.GetDefaultDevice()"
    array = f"values({extents}, {source(random_, dtype, sharded)!r}, {random_.randrange(1000)})"
    given = ", ".join(f"{name}={value}" for name, value in wanted.items())
    return f"result.append(attempt(lambda: ttnn.Tensor({array}, ttnn.{dtype}, {given}){moved}, kept))\n"


def source(random_: random.Random, dtype: str, sharded: bool) -> str:
    """numpy's type of the values: what numpy alone, without torch, can hand to the wheel, and nothing undefined."""
    if sharded and dtype in SAME_SIZE:
        return SAME_SIZE[dtype]
    if dtype in IN_RANGE:
        return IN_RANGE[dtype]
    drawn = random_.choice(SOURCES)
    without_bfloat16 = dtype in SAME_SIZE and drawn in ("float64", "int64", "int16")
    return "float32" if without_bfloat16 else drawn


def program(random_: random.Random, steps: int, on_device: bool) -> str:
    """A program that makes some tensors one after the other, and gives some back."""
    text = PRELUDE
    for _ in range(steps):
        text += step(random_, on_device)
        if random_.random() < 0.2:
            text += f"finish()\nkept and kept.pop({random_.choice((0, -1))}).deallocate()\n"
    # What the program's functions hold would live until Python looks for cycles, at different times on both sides.
    return text + "finish()\nfor tensor in kept:\n    tensor.deallocate()\n"
