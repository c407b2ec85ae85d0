"""Tiles in N-D shards in L1, read page by page through an accessor and written to an interleaved tensor, last first."""

import torch
import ttnn
from common import cb, kernel, program, rectangle, same

COPY = """
#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr auto from_args = TensorAccessorArgs<1>();
    constexpr auto to_args = TensorAccessorArgs<from_args.next_compile_time_args_offset()>();
    constexpr uint32_t pages = get_compile_time_arg_val(0);
    const auto from = TensorAccessor(from_args, get_common_arg_val<uint32_t>(0), 2048);
    const auto to = TensorAccessor(to_args, get_common_arg_val<uint32_t>(1), 2048);
    const uint32_t page = get_write_ptr(0);
    for (uint32_t i = get_arg_val<uint32_t>(0); i < pages; i += get_arg_val<uint32_t>(1)) {
        noc_async_read_page(i, from, page);
        noc_async_read_barrier();
        noc_async_write_page(pages - 1 - i, to, page);
        noc_async_write_barrier();
    }
}
"""
device = ttnn.open_device(device_id=0)
try:
    shards = ttnn.NdShardSpec(ttnn.Shape([1, 64, 32]), rectangle(0, 0, 2, 1), ttnn.ShardOrientation.COL_MAJOR)
    torch.manual_seed(1)
    given = torch.randn(3, 96, 64, dtype=torch.bfloat16)
    source = ttnn.from_torch(
        given, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device,
        memory_config=ttnn.MemoryConfig(buffer_type=ttnn.BufferType.L1, nd_shard_spec=shards),
    )  # fmt: skip
    assert source.memory_config().nd_shard_spec.shard_shape == [1, 64, 32]
    result = ttnn.allocate_tensor_on_device(
        ttnn.TensorSpec(given.shape, ttnn.bfloat16, ttnn.TILE_LAYOUT, ttnn.BufferType.DRAM), device
    )
    pages = given.numel() // 1024
    ct = [pages]
    ct.extend(ttnn.TensorAccessorArgs(source).get_compile_time_args())
    ct += ttnn.TensorAccessorArgs(result).get_compile_time_args()
    cores = rectangle(0, 0, 3, 0)
    arguments = ttnn.RuntimeArgs()
    for x in range(4):
        arguments[x][0] = [x]
        arguments[x][0].append(4)
    copy = kernel(
        COPY, cores, ttnn.ReaderConfigDescriptor(), ct, arguments, [source.buffer_address(), result.buffer_address()]
    )
    out = ttnn.generic_op([source, result], program([copy], [cb(0, cores, ttnn.bfloat16, 1)]))
    tiles = given.reshape(3, 3, 32, 2, 32).permute(0, 1, 3, 2, 4).reshape(pages, 32, 32).flip(0)
    expected = tiles.reshape(3, 3, 2, 32, 32).permute(0, 1, 3, 2, 4).reshape(3, 96, 64)
    same(ttnn.to_torch(out), expected, "N-D shards")
finally:
    ttnn.close_device(device)
