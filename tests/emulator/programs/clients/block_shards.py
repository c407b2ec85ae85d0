"""Int32 tiles in block shards: circular buffers that lie in the tensors, a 32-bit sum of integers, no copies."""

import torch
import ttnn
from common import kernel, rectangle, same

HOLD = """
#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    cb_reserve_back(0, get_compile_time_arg_val(0));
    cb_push_back(0, get_compile_time_arg_val(0));
    cb_reserve_back(1, get_compile_time_arg_val(0));
    cb_push_back(1, get_compile_time_arg_val(0));
}
"""
ADD = """
#include "api/compute/eltwise_unary/eltwise_unary.h"
#include "api/compute/tile_move_copy.h"
#include "api/compute/add_int_sfpu.h"
void kernel_main() {
    constexpr uint32_t tiles = get_compile_time_arg_val(0);
    init_sfpu(0, 16);
    cb_wait_front(0, tiles);
    cb_wait_front(1, tiles);
    cb_reserve_back(16, tiles);
    for (uint32_t i = 0; i < tiles; i++) {
        tile_regs_acquire();
        copy_tile_to_dst_init_short(0);
        copy_tile(0, i, 0);
        copy_tile_to_dst_init_short(1);
        copy_tile(1, i, 1);
        add_int_tile_init();
        add_int_tile<DataFormat::Int32>(0, 1, 0);
        tile_regs_commit();
        tile_regs_wait();
        pack_tile(0, 16);
        tile_regs_release();
    }
    cb_push_back(16, tiles);
}
"""
device = ttnn.open_device(device_id=0)
cores = rectangle(0, 0, 1, 2)
memory = ttnn.create_sharded_memory_config(
    (1, 1, 192, 128),
    core_grid=ttnn.CoreGrid(x=2, y=3),
    strategy=ttnn.ShardStrategy.BLOCK,
    orientation=ttnn.ShardOrientation.ROW_MAJOR,
)
assert memory.shard_spec.shape == [64, 64]
generator = torch.Generator().manual_seed(5)
a, b = (torch.randint(-(2**30), 2**30, (1, 1, 192, 128), generator=generator, dtype=torch.int32) for _ in range(2))
ta, tb = (
    ttnn.from_torch(each, dtype=ttnn.int32, layout=ttnn.TILE_LAYOUT, device=device, memory_config=memory)
    for each in (a, b)
)
out = ttnn.allocate_tensor_on_device(ttnn.Shape((1, 1, 192, 128)), ttnn.int32, ttnn.TILE_LAYOUT, device, memory)
cbs = [ttnn.cb_descriptor_from_sharded_tensor(index, each) for index, each in ((0, ta), (1, tb), (16, out))]
modes = [ttnn.UnpackToDestMode.Default] * 64
modes[0] = modes[1] = ttnn.UnpackToDestMode.UnpackToDestFp32
compute = ttnn.ComputeConfigDescriptor(fp32_dest_acc_en=True, unpack_to_dest_mode=modes)
described = ttnn.ProgramDescriptor(
    kernels=[kernel(HOLD, cores, ttnn.ReaderConfigDescriptor(), [4]), kernel(ADD, cores, compute, [4])],
    semaphores=[],
    cbs=cbs,
)
mesh = ttnn.MeshProgramDescriptor()
mesh[ttnn.MeshCoordinateRange(ttnn.MeshCoordinate(0, 0), ttnn.MeshCoordinate(0, 0))] = described
got = ttnn.to_torch(ttnn.generic_op([ta, tb, out], mesh))
assert got.dtype == torch.int32
assert torch.equal(got, a + b)
same(got, a + b, "integers in block shards")
ttnn.close_device(device)
