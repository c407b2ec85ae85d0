#!/usr/bin/env bash
# ttnn 0.81.1: TensorAccessorArgs counts banks differently by the kind of sharding when the grid has cores to spare.
#
# Two shards on four cores in a row: of the block-sharded tensor the accessor lists 2 banks, of the height-sharded one 4,
# though both have shards on the same two cores. A kernel that divides by the number of banks sees the difference.
# Seen: "block 2, height 4".
. "$(dirname "$0")/common.sh"
with_ttnn
with_standin_compiler
run << 'PYTHON'
import ttnn

device = ttnn.open_device(device_id=0)
cores = ttnn.CoreRangeSet([ttnn.CoreRange(ttnn.CoreCoord(2, 4), ttnn.CoreCoord(5, 4))])

def banks(layout, orientation):
    shards = ttnn.ShardSpec(cores, [96, 64], orientation)
    where = ttnn.MemoryConfig(layout, ttnn.BufferType.L1, shards)
    shape = ttnn.Shape([192, 64])
    tensor = ttnn.allocate_tensor_on_device(shape, ttnn.float32, ttnn.TILE_LAYOUT, device, where)
    words = ttnn.TensorAccessorArgs(tensor).get_compile_time_args()
    assert words[:3] == [1, 4096, 1], words
    return words[3]

block = banks(ttnn.TensorMemoryLayout.BLOCK_SHARDED, ttnn.ShardOrientation.COL_MAJOR)
height = banks(ttnn.TensorMemoryLayout.HEIGHT_SHARDED, ttnn.ShardOrientation.ROW_MAJOR)
print(f"block {block}, height {height}")
assert (block, height) == (2, 4)
ttnn.close_device(device)
PYTHON
echo "as found"
