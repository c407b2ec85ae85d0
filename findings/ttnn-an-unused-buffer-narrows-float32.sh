#!/usr/bin/env bash
# ttnn 0.81.1: the format in which a circular buffer reaches the matrix unit depends on the core's other buffers, used or
# not: the build decides over all of them.
#
# The kernel below uses no buffer at all. Alone, a Float32 buffer is to be unpacked as Float16_b (code 5, 8-bit exponent).
# With an Int8 buffer beside it, it is to be unpacked as Float16 (code 1, 5-bit exponent and 10 fraction bits), for the
# build counts Int8 among the formats with a 5-bit exponent. Seen: "alone 5, beside Int8 1", from the
# chlkc_descriptors.h that the library generates.
. "$(dirname "$0")/common.sh"
with_ttnn
with_standin_compiler
run << 'PYTHON'
import glob
import os
import re
import shutil

import ttnn

device = ttnn.open_device(device_id=0)
core = ttnn.CoreRangeSet([ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(0, 0))])
tensors = [
    ttnn.allocate_tensor_on_device(
        ttnn.Shape([32, 32]), ttnn.bfloat16, ttnn.TILE_LAYOUT, device, ttnn.DRAM_MEMORY_CONFIG
    )
    for _ in range(2)
]

def unpacked_as(*formats):
    """Build a kernel on a core with these buffers; return the code in which the first one is unpacked."""
    buffers = [
        ttnn.CBDescriptor(
            total_size=4096,
            core_ranges=core,
            format_descriptors=[ttnn.CBFormatDescriptor(buffer_index=index, data_format=each, page_size=4096)],
        )
        for index, each in enumerate(formats)
    ]
    kernel = ttnn.KernelDescriptor(
        kernel_source="void kernel_main() {}",
        source_type=ttnn.KernelDescriptor.SourceType.SOURCE_CODE,
        core_ranges=core,
        compile_time_args=[],
        runtime_args=[],
        config=ttnn.ComputeConfigDescriptor(),
    )
    ttnn.generic_op(tensors, ttnn.ProgramDescriptor(kernels=[kernel], semaphores=[], cbs=buffers))
    (written,) = glob.glob(f"{os.environ['TT_METAL_CACHE']}*/**/chlkc_descriptors.h", recursive=True)
    codes = re.search(r"unpack_dst_format\[\d+\] = \{\s*(\d+),", open(written).read())
    shutil.rmtree(os.path.dirname(written))
    return int(codes[1])

narrow = ttnn.int8
alone, beside = unpacked_as(ttnn.float32), unpacked_as(ttnn.float32, narrow)
print(f"alone {alone}, beside Int8 {beside}")
assert (alone, beside) == (5, 1)
ttnn.close_device(device)
PYTHON
echo "as found"
