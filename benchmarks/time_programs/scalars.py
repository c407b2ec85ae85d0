"""Programs whose RISC-V code takes the time: index_staging, transfer_alignment."""

from __future__ import annotations

import numpy as np

import tthal as ttnn

from .common import Variant, circular_buffer, interleaved, one_core

SELECT = """#include "api/dataflow/dataflow_api.h"
constexpr uint32_t WIDTH = get_compile_time_arg_val(0);
using Words = volatile tt_l1_ptr uint32_t*;
using Halves = volatile tt_l1_ptr uint16_t*;
void kernel_main() {
    constexpr auto source_args = TensorAccessorArgs<1>();
    constexpr auto index_args = TensorAccessorArgs<source_args.next_compile_time_args_offset()>();
    const auto source = TensorAccessor(source_args, get_arg_val<uint32_t>(0), 2 * WIDTH);
    const auto indices = TensorAccessor(index_args, get_arg_val<uint32_t>(1), 4 * WIDTH);
    const uint32_t times = get_arg_val<uint32_t>(2);
    for (uint32_t time = 0; time < times; time++)
        for (uint32_t row = 0; row < 8; row++) {
            cb_reserve_back(0, 1);
            noc_async_read(indices.get_noc_addr(row), get_write_ptr(0), 4 * WIDTH);
            noc_async_read_barrier();
            cb_push_back(0, 1);
            cb_wait_front(0, 1);
            cb_reserve_back(16, 1);
            const auto index = reinterpret_cast<Words>(get_read_ptr(0));
            const auto out = reinterpret_cast<Halves>(get_write_ptr(16));
            const uint64_t base = source.get_noc_addr(row);
#ifdef STAGED
            cb_reserve_back(2, 1);
            noc_async_read(base, get_write_ptr(2), 2 * WIDTH);
            noc_async_read_barrier();
            cb_push_back(2, 1);
            cb_wait_front(2, 1);
            const auto staged = reinterpret_cast<Halves>(get_read_ptr(2));
            for (uint32_t w = 0; w < WIDTH; w++) out[w] = staged[index[w]];
            cb_pop_front(2, 1);
#else
            cb_reserve_back(1, 1);
            const uint32_t lines = get_write_ptr(1);
            for (uint32_t w = 0; w < WIDTH; w++) noc_async_read(base + 32 * (index[w] / 16), lines + 32 * w, 32);
            noc_async_read_barrier();
            cb_push_back(1, 1);
            cb_wait_front(1, 1);
            const auto fetched = reinterpret_cast<Halves>(get_read_ptr(1));
            for (uint32_t w = 0; w < WIDTH; w++) out[w] = fetched[w * 16 + index[w] % 16];
            cb_pop_front(1, 1);
#endif
            cb_push_back(16, 1);
            cb_pop_front(0, 1);
        }
}
"""
PAGES = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr uint32_t SIZE = get_compile_time_arg_val(0), OFFSET = get_compile_time_arg_val(1);
    constexpr auto args = TensorAccessorArgs<2>();
    const auto target = TensorAccessor(args, get_arg_val<uint32_t>(0), SIZE);
    const uint32_t pages = get_arg_val<uint32_t>(1), times = get_arg_val<uint32_t>(2);
    for (uint32_t time = 0; time < times; time++)
        for (uint32_t page = 0; page < pages; page++) {
            cb_wait_front(16, 1);
            const uint32_t place = OFFSET ? (get_read_ptr(16) + OFFSET - 1) & ~(OFFSET - 1) : get_read_ptr(16);
            noc_async_write(place, target.get_noc_addr(page), SIZE);
            noc_async_write_barrier();
            cb_pop_front(16, 1);
        }
}
"""
EXTRACT = """#include "api/dataflow/dataflow_api.h"
#include <cstring>
constexpr uint32_t WIDTH = get_compile_time_arg_val(0);
void kernel_main() {
    constexpr auto args = TensorAccessorArgs<1>();
    const auto source = TensorAccessor(args, get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(2));
    const uint32_t rows = get_arg_val<uint32_t>(1);
    for (uint32_t row = 0; row < rows; row++) {
        const uint64_t from = source.get_noc_addr(row);
        cb_reserve_back(16, 1);
        const uint32_t place = (get_write_ptr(16) + 31) & ~31u;
#ifdef MISALIGNED
        cb_reserve_back(0, 1);
        const uint32_t scratch = (get_write_ptr(0) + 31) & ~31u;
        noc_async_read(from + 32, scratch, WIDTH + 16);
        noc_async_read_barrier();
        cb_push_back(0, 1);
        cb_wait_front(0, 1);
        memmove(reinterpret_cast<void*>(place), reinterpret_cast<const void*>(scratch + 16), WIDTH);
        cb_pop_front(0, 1);
#else
        noc_async_read(from + 32, place, WIDTH);
        noc_async_read_barrier();
#endif
        cb_push_back(16, 1);
    }
}
"""


def index_staging(device: ttnn.Device, variant: Variant, iterations: int) -> ttnn.Program:
    """Elements of a row by their indices: each fetched from DRAM, or out of the row in L1."""
    width, staged = variant["W"], variant["variant"] == "l1_staged"
    source, target = interleaved(device, 8, 2 * width), interleaved(device, 8, 2 * width)
    indices = interleaved(device, 8, 4 * width)
    chosen = np.arange(width, dtype=np.uint32)
    if variant["dist"] == "shuffled":
        chosen = np.random.default_rng(0).permutation(chosen)
    ttnn.EnqueueWriteBuffer(device.command_queue(), indices, np.tile(chosen, 8).view(np.uint8), True)
    program, core = ttnn.CreateProgram(), one_core()
    for index, size in ((0, 4 * width), (1, 32 * width), (2, 2 * width)):
        if index != (1 if staged else 2):
            circular_buffer(program, core, index, 1, size, ttnn.DataFormat.UInt32)
    circular_buffer(program, core, 16, 2, 2 * width)
    accessors = [word for each in (source, indices) for word in ttnn.TensorAccessorArgs(each).get_compile_time_args()]
    reader = ttnn.ReaderDataMovementConfig([width, *accessors], {"STAGED": "1"} if staged else {})
    kernel = ttnn.CreateKernelFromString(program, SELECT, core, reader)
    ttnn.SetRuntimeArgs(program, kernel, core, [source.address(), indices.address(), iterations])
    words = [2 * width, 0, *ttnn.TensorAccessorArgs(target).get_compile_time_args()]
    kernel = ttnn.CreateKernelFromString(program, PAGES, core, ttnn.WriterDataMovementConfig(words))
    ttnn.SetRuntimeArgs(program, kernel, core, [target.address(), 8, iterations])
    for each in (source, target, indices):
        ttnn.AssignGlobalBufferToProgram(each, program)
    return program


def transfer_alignment(device: ttnn.Device, variant: Variant, _iterations: int) -> ttnn.Program:
    """Parts of rows to pages of their own, at a place that a transfer can read, or copied by the processor."""
    width, rows = variant["width_bytes"], variant["spans"]
    page = -(-(48 + width + 32) // 32) * 32
    source, target = interleaved(device, rows, page), interleaved(device, rows, width)
    program, core = ttnn.CreateProgram(), one_core()
    circular_buffer(program, core, 0, 1, width + 64)
    circular_buffer(program, core, 16, 2, width + 32)
    words = [width, *ttnn.TensorAccessorArgs(source).get_compile_time_args()]
    reader = ttnn.ReaderDataMovementConfig(words, {"MISALIGNED": "1"} if variant["variant"] == "misaligned" else {})
    kernel = ttnn.CreateKernelFromString(program, EXTRACT, core, reader)
    ttnn.SetRuntimeArgs(program, kernel, core, [source.address(), rows, page])
    words = [width, 32, *ttnn.TensorAccessorArgs(target).get_compile_time_args()]
    kernel = ttnn.CreateKernelFromString(program, PAGES, core, ttnn.WriterDataMovementConfig(words))
    ttnn.SetRuntimeArgs(program, kernel, core, [target.address(), rows, 1])
    for each in (source, target):
        ttnn.AssignGlobalBufferToProgram(each, program)
    return program
