"""Programs of data movement: copies, rings of writes, gathers, constants; and a relu between reader and writer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import tthal as ttnn

from .common import FORMATS, Core, Variant, circular_buffer, core_set, interleaved, ranges

COPY_READER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr uint32_t page_bytes = get_compile_time_arg_val(0), block = get_compile_time_arg_val(1);
    constexpr auto args = TensorAccessorArgs<2>();
    const auto source = TensorAccessor(args, get_arg_val<uint32_t>(0), page_bytes);
    const uint32_t first = get_arg_val<uint32_t>(1), count = get_arg_val<uint32_t>(2);
    const uint32_t stride = get_arg_val<uint32_t>(3);
    for (uint32_t done = 0; done < count; done += block) {
        const uint32_t now = count - done < block ? count - done : block;
        cb_reserve_back(0, now);
        uint32_t place = get_write_ptr(0);
        for (uint32_t i = 0; i < now; i++, place += page_bytes)
            noc_async_read(source.get_noc_addr(first + (done + i) * stride), place, page_bytes);
        noc_async_read_barrier();
        cb_push_back(0, now);
    }
}
"""
COPY_WRITER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr uint32_t page_bytes = get_compile_time_arg_val(0), block = get_compile_time_arg_val(1);
    constexpr auto args = TensorAccessorArgs<2>();
    const auto target = TensorAccessor(args, get_arg_val<uint32_t>(0), page_bytes);
    const uint32_t first = get_arg_val<uint32_t>(1), count = get_arg_val<uint32_t>(2);
    const uint32_t stride = get_arg_val<uint32_t>(3);
    for (uint32_t done = 0; done < count; done += block) {
        const uint32_t now = count - done < block ? count - done : block;
        cb_wait_front(0, now);
        uint32_t place = get_read_ptr(0);
        for (uint32_t i = 0; i < now; i++, place += page_bytes)
            noc_async_write(place, target.get_noc_addr(first + (done + i) * stride), page_bytes);
#ifdef FLUSH_ONLY
        noc_async_writes_flushed();
#else
        noc_async_write_barrier();
#endif
        cb_pop_front(0, now);
    }
    noc_async_write_barrier();
}
"""
RING_WRITER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr uint32_t page_bytes = get_compile_time_arg_val(0), destinations = get_compile_time_arg_val(1);
    uint32_t from = get_arg_val<uint32_t>(0), to = get_arg_val<uint32_t>(1);
    for (uint32_t page = 0; page < 32; page++) {
        const uint32_t place = 2 + 2 * (page % destinations);
        const uint64_t there = get_noc_addr(get_arg_val<uint32_t>(place), get_arg_val<uint32_t>(place + 1), to);
        noc_async_write(from + page * page_bytes, there + page * page_bytes, page_bytes);
    }
    noc_async_write_barrier();
}
"""
GATHER = """
template <uint32_t size>
void gather(uint32_t block, uint32_t half, uint32_t shards, uint32_t x_y) {
    for (uint32_t i = 0; i < 4; i++) {
        const uint32_t tile = block * 8 + half * 4 + i;
        cb_reserve_back(half, 1);
        const uint32_t place = get_write_ptr(half), from = shards + tile % 8 * 2048;
        const uint32_t x = get_arg_val<uint32_t>(x_y + tile / 8 * 2), y = get_arg_val<uint32_t>(x_y + tile / 8 * 2 + 1);
        for (uint32_t part = 0; part < 2048; part += size)
            noc_async_read(get_noc_addr(x, y, from + part), place + part, size);
        noc_async_read_barrier();
        cb_push_back(half, 1);
    }
}
"""
GATHER_READER = (
    '#include "api/dataflow/dataflow_api.h"\n'
    + GATHER
    + """
void kernel_main() {
    constexpr uint32_t size = get_compile_time_arg_val(0), split = get_compile_time_arg_val(1);
    for (uint32_t block = 0; block < 8; block++) {
        gather<size>(block, 0, get_arg_val<uint32_t>(0), 1);
        if (!split) gather<size>(block, 1, get_arg_val<uint32_t>(0), 1);
    }
}
"""
)
GATHER_WRITER = (
    '#include "api/dataflow/dataflow_api.h"\n'
    + GATHER
    + """
void kernel_main() {
    constexpr uint32_t size = get_compile_time_arg_val(0), split = get_compile_time_arg_val(1);
    constexpr auto args = TensorAccessorArgs<2>();
    const auto target = TensorAccessor(args, get_arg_val<uint32_t>(17), 2048);
    for (uint32_t block = 0; block < 8; block++) {
        if (split) gather<size>(block, 1, get_arg_val<uint32_t>(0), 1);
        cb_wait_front(0, 4);
        cb_wait_front(1, 4);
        for (uint32_t half = 0; half < 2; half++)
            for (uint32_t i = 0; i < 4; i++)
                noc_async_write_tile(block * 8 + half * 4 + i, target, get_read_ptr(half) + i * 2048);
        noc_async_writes_flushed();
        cb_pop_front(0, 4);
        cb_pop_front(1, 4);
    }
    noc_async_write_barrier();
}
"""
)

FILL_READER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr uint32_t page_bytes = get_compile_time_arg_val(0);
    cb_reserve_back(0, 1);
    auto* words = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_write_ptr(0));
    for (uint32_t i = 0; i < page_bytes / 4; i++) words[i] = 0x3f803f80;
    cb_push_back(0, 1);
}
"""
FILL_WRITER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr uint32_t page_bytes = get_compile_time_arg_val(0), block = get_compile_time_arg_val(1);
    constexpr auto args = TensorAccessorArgs<2>();
    const auto target = TensorAccessor(args, get_arg_val<uint32_t>(0), page_bytes);
    const uint32_t first = get_arg_val<uint32_t>(1), count = get_arg_val<uint32_t>(2);
    cb_wait_front(0, 1);
    const uint32_t place = get_read_ptr(0);
    for (uint32_t done = 0; done < count; done += block) {
        const uint32_t now = count - done < block ? count - done : block;
        for (uint32_t i = 0; i < now; i++)
            noc_async_write(place, target.get_noc_addr(first + done + i), page_bytes);
        noc_async_write_barrier();
    }
    cb_pop_front(0, 1);
}
"""
RELU = """#include "api/compute/common.h"
#include "api/compute/eltwise_unary/eltwise_unary.h"
#include "api/compute/eltwise_unary/relu.h"
#include "api/compute/tile_move_copy.h"
void kernel_main() {
    const uint32_t tiles = get_arg_val<uint32_t>(0);
    init_sfpu(0, 16);
    relu_tile_init();
    for (uint32_t i = 0; i < tiles; i++) {
        cb_wait_front(0, 1);
        cb_reserve_back(16, 1);
        tile_regs_acquire();
        copy_tile(0, 0, 0);
        relu_tile(0);
        tile_regs_commit();
        tile_regs_wait();
        pack_tile(0, 16);
        tile_regs_release();
        cb_pop_front(0, 1);
        cb_push_back(16, 1);
    }
}
"""


def _copy(
    device: ttnn.Device,
    work: Mapping[Core, tuple[int, int, int]],
    pages: int,
    page: int,
    block: int,
    flush: bool = False,
) -> ttnn.Program:
    """Copy pages of DRAM; ``work`` says first page, count and stride of every core."""
    source, target = interleaved(device, pages, page), interleaved(device, pages, page)
    program, cores = ttnn.CreateProgram(), core_set(list(work))
    circular_buffer(program, cores, 0, 2 * block, page)
    for text, buffer, config in (
        (COPY_READER, source, ttnn.ReaderDataMovementConfig),
        (COPY_WRITER, target, ttnn.WriterDataMovementConfig),
    ):
        words = [page, block, *ttnn.TensorAccessorArgs(buffer).get_compile_time_args()]
        defines = {"FLUSH_ONLY": "1"} if flush else {}
        kernel = ttnn.CreateKernelFromString(program, text, cores, config(words, defines))
        for core, (first, count, stride) in work.items():
            ttnn.SetRuntimeArgs(program, kernel, ttnn.CoreCoord(*core), [buffer.address(), first, count, stride])
        ttnn.AssignGlobalBufferToProgram(buffer, program)
    return program


def dram_saturation(device: ttnn.Device, variant: Variant) -> ttnn.Program:
    """A copy by a growing number of cores, which fill rows or columns."""
    spread = variant["variant"] == "spread"
    cores = [(k % 8, k // 8) if spread else (k // 8, k % 8) for k in range(variant["cores"])]
    pages = variant["shape"][0] * variant["shape"][1] // 1024
    return _copy(device, ranges(cores, pages), pages, 2048, variant["block"])


def reader_placement(device: ttnn.Device, variant: Variant) -> ttnn.Program:
    """A copy by a line of cores."""
    place: dict[str, Callable[[int], Core]] = {
        "column": lambda i: (0, i),
        "row": lambda i: (i, 0),
        "diagonal": lambda i: (i, i),
    }
    cores = [place[variant["placement"]](index) for index in range(variant["cores"])]
    pages = variant["shape"][0] * variant["shape"][1] // 1024
    return _copy(device, ranges(cores, pages), pages, 2048, variant["block"])


_BANK_CORES = {
    "row_major": "0,0 1,0 2,0 3,0 4,0 5,0 6,0 7,0 0,1 1,1 2,1 3,1",
    "bank_near": "3,7 0,0 0,3 0,4 4,0 7,7 4,1 4,6 4,5 6,2 4,3 4,4",
    "bank_shuffled": "4,1 4,6 4,5 6,2 4,3 4,4 3,7 0,0 0,3 0,4 4,0 7,7",
}


def bank_placement(device: ttnn.Device, variant: Variant) -> ttnn.Program:
    """A copy by one core per bank, near it or not, of pages in that bank or in all."""
    words = _BANK_CORES[variant["placement"]].split()
    cores = [(int(word[0]), int(word[2])) for word in words]
    pages, share = variant["pages"], variant["pages"] // len(cores)
    affine = variant["pattern"] == "affine"
    work = {core: (k, share, len(cores)) if affine else (k * share, share, 1) for k, core in enumerate(cores)}
    return _copy(device, work, pages, variant["page_bytes"], variant["block"], flush=True)


def noc_one_packet(device: ttnn.Device, variant: Variant) -> ttnn.Program:
    """A ring of cores that write pages to the next one, or to all."""
    size, count = variant["page_bytes"], variant["cores"]
    buffers = [interleaved(device, 256, size * 32, ttnn.BufferType.L1) for _ in range(2)]
    program, cores = ttnn.CreateProgram(), [(index, 0) for index in range(count)]
    targets = 8 if variant["dest"] == "spread" else 1
    kernel = ttnn.CreateKernelFromString(
        program, RING_WRITER, core_set(cores), ttnn.WriterDataMovementConfig([size, targets])
    )
    for index, core in enumerate(cores):
        places = [cores[(index + 1 + step) % count] for step in range(targets)]
        words = [word for x, y in places for word in device.properties.virtual_core(ttnn.CoreCoord(x, y))]
        addresses = [each.address() for each in buffers]
        ttnn.SetRuntimeArgs(program, kernel, ttnn.CoreCoord(*core), [*addresses, *words])
    for each in buffers:
        ttnn.AssignGlobalBufferToProgram(each, program)
    return program


def split_reader(device: ttnn.Device, variant: Variant) -> ttnn.Program:
    """One core gathers tiles of others with small reads, on one processor or on both."""
    shards = interleaved(device, 64 * 8, 2048, ttnn.BufferType.L1)
    target = interleaved(device, 64, 2048)
    program, core = ttnn.CreateProgram(), ttnn.CoreCoord(0, 1)
    for index in range(2):
        circular_buffer(program, core_set([(0, 1)]), index, 8, 2048)
    split = int(variant["split"] == "on")
    places = [word for x in range(8) for word in device.properties.virtual_core(ttnn.CoreCoord(x, 0))]
    accessor = ttnn.TensorAccessorArgs(target).get_compile_time_args()
    words = [variant["transaction_bytes"], split]
    for text, config in (
        (GATHER_READER, ttnn.ReaderDataMovementConfig(words)),
        (GATHER_WRITER, ttnn.WriterDataMovementConfig([*words, *accessor])),
    ):
        kernel = ttnn.CreateKernelFromString(program, text, core, config)
        ttnn.SetRuntimeArgs(program, kernel, core, [shards.address(), *places, target.address()])
    for buffer in (shards, target):
        ttnn.AssignGlobalBufferToProgram(buffer, program)
    return program


def constant_synthesis(device: ttnn.Device, variant: Variant) -> ttnn.Program:
    """Pages of one constant: copied from DRAM, or made once in L1 and written everywhere."""
    cores = [(k % 8, k // 8) for k in range(variant["cores"])]
    shape = variant["shape"]
    # Some variants say only how large the output is; pages are 2048 bytes then.
    pages, page = (int(shape.split()[0]) * 512, 2048) if isinstance(shape, str) else (shape[0], shape[1] * 2)
    work, block = ranges(cores, pages), variant["block"]
    if variant["variant"] == "stream_from_dram":
        return _copy(device, work, pages, page, block)
    target, program, everywhere = interleaved(device, pages, page), ttnn.CreateProgram(), core_set(cores)
    circular_buffer(program, everywhere, 0, 2 * block, page)
    ttnn.CreateKernelFromString(program, FILL_READER, everywhere, ttnn.ReaderDataMovementConfig([page]))
    words = [page, block, *ttnn.TensorAccessorArgs(target).get_compile_time_args()]
    kernel = ttnn.CreateKernelFromString(program, FILL_WRITER, everywhere, ttnn.WriterDataMovementConfig(words))
    for core, (first, count, _) in work.items():
        ttnn.SetRuntimeArgs(program, kernel, ttnn.CoreCoord(*core), [target.address(), first, count])
    ttnn.AssignGlobalBufferToProgram(target, program)
    return program


def double_buffer(device: ttnn.Device, variant: Variant) -> ttnn.Program:
    """A relu between reader and writer, by depth of the circular buffers and pages per barrier."""
    kind, page = FORMATS[variant["dtype"]]
    pages = variant["shape"][0] * variant["shape"][1] // 1024
    cores = [(k % 8, k // 8) for k in range(variant["cores"])]
    work, block = ranges(cores, pages), variant["block"]
    depth = 2 if variant["variant"] == "double_buffered" else 1
    source, target = interleaved(device, pages, page), interleaved(device, pages, page)
    program, everywhere = ttnn.CreateProgram(), core_set(cores)
    for index in (0, 16):
        config = ttnn.CircularBufferConfig(depth * block * page, {index: kind}).set_page_size(index, page)
        ttnn.CreateCircularBuffer(program, everywhere, config)
    compute = ttnn.ComputeConfig(fp32_dest_acc_en=variant["dtype"] == "float32")
    kernels = [(ttnn.CreateKernelFromString(program, RELU, everywhere, compute), None)]
    for text, buffer, config_of in (
        (COPY_READER, source, ttnn.ReaderDataMovementConfig),
        (
            COPY_WRITER.replace("(0, now)", "(16, now)").replace("_ptr(0)", "_ptr(16)"),
            target,
            ttnn.WriterDataMovementConfig,
        ),
    ):
        words = [page, block, *ttnn.TensorAccessorArgs(buffer).get_compile_time_args()]
        kernels.append((ttnn.CreateKernelFromString(program, text, everywhere, config_of(words)), buffer))
        ttnn.AssignGlobalBufferToProgram(buffer, program)
    for core, (first, count, stride) in work.items():
        for kernel, buffer in kernels:
            words = [count] if buffer is None else [buffer.address(), first, count, stride]
            ttnn.SetRuntimeArgs(program, kernel, ttnn.CoreCoord(*core), words)
    return program
