"""Rows of float32 in height shards, scaled in place by one data-movement kernel on cores that are tuples."""

import struct

import numpy as np
import torch
import ttnn
from common import SOURCE, same

SCALE = """
#include "dataflow_api.h"
void kernel_main() {
    constexpr uint32_t words = get_compile_time_arg_val(0);
    const uint32_t bits = get_arg_val<uint32_t>(1);
    float factor;
    __builtin_memcpy(&factor, &bits, 4);
    volatile tt_l1_ptr float* row = reinterpret_cast<volatile tt_l1_ptr float*>(get_arg_val<uint32_t>(0));
    for (uint32_t i = 0; i < words; i++) row[i] = row[i] * factor;
}
"""
with ttnn.manage_device(device_id=0) as device:
    places = [(0, 0), (2, 0), (3, 1), (5, 4)]
    cores = ttnn.CoreRangeSet([ttnn.CoreRange(place, place) for place in places])
    spec = ttnn.ShardSpec(cores, (3, 40), ttnn.ShardOrientation.ROW_MAJOR)
    memory = ttnn.MemoryConfig(ttnn.TensorMemoryLayout.HEIGHT_SHARDED, ttnn.BufferType.L1, spec)
    torch.manual_seed(0)
    given = torch.randn(2, 6, 40)
    tensor = ttnn.from_torch(
        given, dtype=ttnn.float32, layout=ttnn.ROW_MAJOR_LAYOUT, device=device, memory_config=memory
    )
    where = ttnn.corerange_to_cores(cores, None, True)
    assert [(core.x, core.y) for core in where] == places
    factors = [struct.unpack("<I", struct.pack("<f", 0.5 * (i + 1)))[0] for i in range(4)]
    words = np.array([[tensor.buffer_address(), each] for each in factors], np.uint32)
    scale = ttnn.KernelDescriptor(
        kernel_source=SCALE, source_type=SOURCE, core_ranges=cores, compile_time_args=(3 * 40,),
        runtime_args=[(place, words[i]) for i, place in enumerate(places)],
        config=ttnn.DataMovementConfigDescriptor(ttnn.DataMovementProcessor.RISCV_1, ttnn.NOC.RISCV_1_default),
    )  # fmt: skip
    ttnn.generic_op([tensor, tensor], ttnn.ProgramDescriptor(kernels=[scale]))
    rows = torch.arange(12).reshape(2, 6) // 3
    same(ttnn.to_torch(tensor), given * (0.5 * (rows + 1))[..., None], "row-major shards")
