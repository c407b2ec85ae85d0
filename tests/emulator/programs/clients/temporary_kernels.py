"""Kernels as generators leave them: in new folders and files of random names, for every launch anew."""

import tempfile
from pathlib import Path

import torch
import ttnn
from common import cb, program, rectangle, same

SHARED = "constexpr uint32_t buffer = 3;\n"
READER = """
#include "api/dataflow/dataflow_api.h"
#include "shared/names.h"
void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto source = TensorAccessor(args, get_arg_val<uint32_t>(0), get_tile_size(buffer));
    for (uint32_t page = 0; page < get_arg_val<uint32_t>(1); page++) {
        cb_reserve_back(buffer, 1);
        noc_async_read_tile(page, source, get_write_ptr(buffer));
        noc_async_read_barrier();
        cb_push_back(buffer, 1);
    }
}
"""
WRITER = """
#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto target = TensorAccessor(args, get_arg_val<uint32_t>(0), get_tile_size(3));
    for (uint32_t page = get_arg_val<uint32_t>(1); page-- > 0;) {
        cb_wait_front(3, 1);
        noc_async_write_tile(page, target, get_read_ptr(3));
        noc_async_write_barrier();
        cb_pop_front(3, 1);
    }
}
"""


def written() -> tuple[str, str]:
    folder = Path(tempfile.mkdtemp(prefix="generated_"))
    (folder / "shared").mkdir()
    (folder / "shared" / "names.h").write_text(SHARED)
    (folder / "reader.cpp").write_text(READER)
    with tempfile.NamedTemporaryFile("w", suffix=".cpp", delete=False) as writer:
        writer.write(WRITER)
    return str(folder / "reader.cpp"), writer.name


def mover(path, tensor, config):
    words = ttnn.TensorAccessorArgs(tensor).get_compile_time_args()
    runtime = [[[tensor.buffer_address(), tensor.buffer_num_pages()]]]
    return ttnn.KernelDescriptor(
        kernel_source=path, core_ranges=core, compile_time_args=words, runtime_args=runtime, config=config
    )


core = rectangle(0, 0, 0, 0)
device = ttnn.open_device(device_id=0)
given = torch.arange(4 * 1024).reshape(32, 128).to(torch.bfloat16)
tensor = ttnn.from_torch(given, layout=ttnn.TILE_LAYOUT, device=device)
for _ in range(2):
    result = ttnn.zeros(given.shape, ttnn.bfloat16, ttnn.TILE_LAYOUT, device, ttnn.DRAM_MEMORY_CONFIG)
    reader, writer = written()
    kernels = [
        mover(reader, tensor, ttnn.ReaderConfigDescriptor()),
        mover(writer, result, ttnn.WriterConfigDescriptor()),
    ]
    tensor = ttnn.generic_op([tensor, result], program(kernels, [cb(3, core, ttnn.bfloat16, 2)]))
    given = given.reshape(32, 4, 32).flip(1).reshape(32, 128)
    same(ttnn.to_torch(tensor), given, "tiles in reverse")
ttnn.close_device(device)
