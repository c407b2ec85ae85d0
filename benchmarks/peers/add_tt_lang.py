"""C = A + B for tt-lang-sim: the script that peers.py starts with it. Prints a line of JSON."""

from __future__ import annotations

import json
import sys
import time

import torch
import ttl
import ttnn

SIZE = int(sys.argv[1])
BLOCK = 1


@ttl.operation(grid="full")
def add(a: ttnn.Tensor, b: ttnn.Tensor, c: ttnn.Tensor) -> None:
    """Each node adds the rows of tiles that are its own, tile by tile."""
    columns, rows = ttl.grid_size(dims=2)
    tile_rows, tile_columns = a.shape[0] // 32, a.shape[1] // 32
    share = -(-tile_rows * tile_columns // (columns * rows))
    a_tiles, b_tiles, c_tiles = (
        ttl.make_dataflow_buffer_like(each, shape=(BLOCK, BLOCK), block_count=2) for each in (a, b, c)
    )

    def mine():
        x, y = ttl.node(dims=2)
        first = (y * columns + x) * share
        for tile in range(first, min(first + share, tile_rows * tile_columns)):
            row, column = divmod(tile, tile_columns)
            yield slice(row, row + 1), slice(column, column + 1)

    @ttl.datamovement()
    def read() -> None:
        for place in mine():
            with a_tiles.reserve() as to_a, b_tiles.reserve() as to_b:
                copy_a = ttl.copy(a[place], to_a)
                copy_b = ttl.copy(b[place], to_b)
                copy_a.wait()
                copy_b.wait()

    @ttl.compute()
    def compute() -> None:
        for _ in mine():
            with a_tiles.wait() as from_a, b_tiles.wait() as from_b, c_tiles.reserve() as to_c:
                to_c.store(from_a + from_b)

    @ttl.datamovement()
    def write() -> None:
        for place in mine():
            with c_tiles.wait() as from_c:
                copy_c = ttl.copy(from_c, c[place])
                copy_c.wait()


device = ttnn.open_device(device_id=0)
torch.manual_seed(0)
numbers = [torch.randn(SIZE, SIZE, dtype=torch.bfloat16) for _ in range(2)]
place = {"dtype": ttnn.bfloat16, "layout": ttnn.TILE_LAYOUT, "device": device, "memory_config": ttnn.DRAM_MEMORY_CONFIG}
tensors = [ttnn.from_torch(each, **place) for each in (*numbers, torch.zeros(SIZE, SIZE, dtype=torch.bfloat16))]
seconds = []
for _ in range(2):
    start = time.perf_counter()
    add(*tensors)
    seconds.append(time.perf_counter() - start)
error = (ttnn.to_torch(tensors[2]).double() - (numbers[0].double() + numbers[1].double())).abs().max()
ttnn.close_device(device)
print(json.dumps({"first": seconds[0], "again": seconds[1], "error": float(error)}))
