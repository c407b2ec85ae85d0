"""Cores of a row pass a sum along: inline writes, semaphores without ids as older clients write them, a global one."""

import torch
import ttnn
from common import SOURCE, rectangle, same

STEP = """
#include "dataflow_api.h"
void kernel_main() {
    const uint32_t mine = get_arg_val<uint32_t>(0);
    const uint32_t next_x = get_arg_val<uint32_t>(1), next_y = get_arg_val<uint32_t>(2);
    const uint32_t position = get_arg_val<uint32_t>(3), last = get_arg_val<uint32_t>(4);
    const uint32_t arrived = get_semaphore(0), total = get_arg_val<uint32_t>(5);
    volatile tt_l1_ptr uint32_t* value = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(mine);
    if (position) noc_semaphore_wait(reinterpret_cast<volatile tt_l1_ptr uint32_t*>(arrived), 1);
    if (position < last) {
        noc_inline_dw_write(get_noc_addr(next_x, next_y, mine + 4), value[0] + value[1]);
        noc_async_write_barrier();
        noc_semaphore_inc(get_noc_addr(next_x, next_y, arrived), 1);
        noc_async_atomic_barrier();
    } else {
        *reinterpret_cast<volatile tt_l1_ptr uint32_t*>(total) = value[0] + value[1];
        value[1] = *reinterpret_cast<volatile tt_l1_ptr uint32_t*>(total);
    }
}
"""
device = ttnn.open_device(device_id=0)
count = 6
cores = rectangle(0, 2, count - 1, 2)
total = ttnn.create_global_semaphore(device, cores, 0)
given = torch.zeros(count, 16, dtype=torch.int64)
given[:, 0] = torch.arange(3, 3 + count) * 1000
memory = ttnn.create_sharded_memory_config(
    (1, 16), core_grid=cores, strategy=ttnn.ShardStrategy.HEIGHT, use_height_and_width_as_shard_shape=True
)
tensor = ttnn.from_torch(
    given.to(torch.int32), dtype=ttnn.uint32, layout=ttnn.ROW_MAJOR_LAYOUT, device=device, memory_config=memory
)
step = ttnn.KernelDescriptor()
step.kernel_source, step.source_type, step.core_ranges = STEP, SOURCE, cores
step.config = ttnn.WriterConfigDescriptor()
step.runtime_args = ttnn.RuntimeArgs()
for x in range(count):
    following = device.worker_core_from_logical_core(ttnn.CoreCoord((x + 1) % count, 2))
    step.runtime_args[x][2] = [
        tensor.buffer_address(),
        following.x,
        following.y,
        x,
        count - 1,
        ttnn.get_global_semaphore_address(total),
    ]
described = ttnn.ProgramDescriptor()
described.semaphores = [ttnn.SemaphoreDescriptor(core_ranges=cores, initial_value=0)]
described.kernels = [step]
described.cbs = []
for _ in range(2):
    out = ttnn.generic_op([tensor, tensor], described)
sums = torch.cumsum(given[:, 0], 0)
expected = given.clone()
expected[1:-1, 1], expected[-1, 1] = sums[:-2], sums[-1]
same(ttnn.to_torch(out).to(torch.int64), expected, "a ring")
ttnn.reset_global_semaphore_value(total, 0)
ttnn.close_device(device)
