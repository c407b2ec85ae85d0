"""Weights in shards of DRAM banks, one bank for a core, summed into width shards of L1 under a recorded trace."""

import torch
import ttnn
from common import kernel, program, same

READER = """
#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr uint32_t bytes = get_compile_time_arg_val(0);
    const uint32_t bank = get_arg_val<uint32_t>(0);
    cb_reserve_back(0, 1);
    const uint32_t to = get_write_ptr(0);
    noc_async_read(get_noc_addr_from_bank_id<true>(bank, get_arg_val<uint32_t>(1)), to, bytes);
    noc_async_read_barrier();
    volatile tt_l1_ptr uint32_t* sum = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_write_ptr(1));
    volatile tt_l1_ptr uint32_t* words = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(to);
    for (uint32_t i = 0; i < bytes / 4; i++) sum[i] = sum[i] + words[i];
}
"""
device = ttnn.open_device(device_id=0, trace_region_size=1 << 16)
banks = 4
dram = ttnn.CoreRangeSet([ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(banks - 1, 0))])
weights_memory = ttnn.MemoryConfig(
    ttnn.TensorMemoryLayout.WIDTH_SHARDED,
    ttnn.BufferType.DRAM,
    ttnn.ShardSpec(dram, [8, 64], ttnn.ShardOrientation.ROW_MAJOR),
)
generator = torch.Generator().manual_seed(7)
given = torch.randint(0, 2**20, (8, 64 * banks), generator=generator, dtype=torch.int32)
weights = ttnn.from_torch(
    given, dtype=ttnn.uint32, layout=ttnn.ROW_MAJOR_LAYOUT, device=device, memory_config=weights_memory
)
workers = device.get_optimal_dram_bank_to_logical_worker_assignment(ttnn.NOC.NOC_0)[:banks]
cores = ttnn.CoreRangeSet([ttnn.CoreRange(core, core) for core in workers])
sums_memory = ttnn.MemoryConfig(
    ttnn.TensorMemoryLayout.WIDTH_SHARDED,
    ttnn.BufferType.L1,
    ttnn.ShardSpec(cores, [8, 64], ttnn.ShardOrientation.ROW_MAJOR),
)
sums = ttnn.from_torch(
    torch.zeros_like(given), dtype=ttnn.uint32, layout=ttnn.ROW_MAJOR_LAYOUT, device=device, memory_config=sums_memory
)
scratch = ttnn.CBDescriptor(
    total_size=8 * 64 * 4, core_ranges=cores, format_descriptors=[ttnn.CBFormatDescriptor(0, ttnn.uint32, 8 * 64 * 4)]
)
into = ttnn.cb_descriptor_from_sharded_tensor(1, sums)
reader = kernel(READER, cores, ttnn.ReaderConfigDescriptor(), [8 * 64 * 4])
order = ttnn.corerange_to_cores(cores, None, True)
reader.runtime_args = [(core, [order.index(core), weights.buffer_address()]) for core in workers]
described = program([reader], [scratch, into])
ttnn.generic_op([weights, sums], described)
trace = ttnn.begin_trace_capture(device, cq_id=0)
ttnn.generic_op([weights, sums], described)
ttnn.end_trace_capture(device, trace, cq_id=0)
for _ in range(3):
    ttnn.execute_trace(device, trace, cq_id=0, blocking=False)
ttnn.synchronize_device(device)
ttnn.release_trace(device, trace)
same(ttnn.to_torch(sums).to(torch.int64), given.to(torch.int64) * 4, "sums of DRAM shards")
ttnn.close_device(device)
