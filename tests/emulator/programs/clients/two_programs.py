"""Two programs on cores of their own, merged into one, from one kernel descriptor that is changed in between."""

import torch
import ttnn
from common import cb, kernel, rectangle, same

FILL = """
#include "api/dataflow/dataflow_api.h"
#include "api/debug/dprint.h"
void kernel_main() {
    constexpr uint32_t step = get_named_compile_time_arg_val("step");
    constexpr auto args = TensorAccessorArgs<0>();
    const uint32_t start = get_arg_val<uint32_t>(0), count = get_common_arg_val<uint32_t>(1);
    const auto out = TensorAccessor(args, get_common_arg_val<uint32_t>(0), 128);
    volatile tt_l1_ptr uint32_t* row = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_write_ptr(0));
    for (uint32_t page = start; page < start + count; page++) {
        for (uint32_t i = 0; i < 32; i++) row[i] = page * 100 + i * step;
        noc_async_write_page(page, out, get_write_ptr(0));
        noc_async_write_barrier();
    }
    DPRINT << "rows from " << start << ENDL();
}
"""
mesh = ttnn.open_mesh_device(ttnn.MeshShape(1, 1))
out = ttnn.zeros((8, 32), dtype=ttnn.uint32, layout=ttnn.ROW_MAJOR_LAYOUT, device=mesh)
descriptors = []
fill = kernel(
    FILL, rectangle(0, 0, 0, 0), ttnn.WriterConfigDescriptor(), ttnn.TensorAccessorArgs(out).get_compile_time_args()
)
fill.common_runtime_args = [out.buffer_address(), 2]
for index, place in enumerate([(0, 0), (3, 2), (1, 1), (4, 4)]):
    fill.core_ranges = rectangle(*place, *place)
    fill.named_compile_time_args = [("step", index + 1)]
    fill.runtime_args = [(place, [2 * index])]
    descriptors.append(ttnn.ProgramDescriptor(kernels=[fill], cbs=[cb(0, fill.core_ranges, ttnn.uint32, 1, 128)]))
program = ttnn.MeshProgramDescriptor()
program[ttnn.MeshCoordinateRange(mesh.shape)] = ttnn.merge_program_descriptors(descriptors)
for part in ttnn.get_device_tensors(ttnn.generic_op([out, out], program)):
    got = ttnn.to_torch(part).to(torch.int64)
pages = torch.arange(8)[:, None]
same(got, pages * 100 + torch.arange(32) * (pages // 2 + 1), "merged programs")
ttnn.close_mesh_device(mesh)
