"""One core sends a tile to a rectangle, on either NoC; each receiver writes it to a page of its own."""

import sys

import torch
import ttnn
from common import cb, kernel, program, rectangle, same

SENDER = """
#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto source = TensorAccessor(args, get_arg_val<uint32_t>(0), 2048);
    const uint32_t x0 = get_arg_val<uint32_t>(1), y0 = get_arg_val<uint32_t>(2);
    const uint32_t x1 = get_arg_val<uint32_t>(3), y1 = get_arg_val<uint32_t>(4), receivers = get_arg_val<uint32_t>(5);
    const uint32_t ready = get_semaphore(get_arg_val<uint32_t>(6)), sent = get_semaphore(get_arg_val<uint32_t>(7));
    cb_reserve_back(0, 1);
    const uint32_t page = get_write_ptr(0);
    noc_async_read_tile(0, source, page);
    noc_async_read_barrier();
    noc_semaphore_wait(reinterpret_cast<volatile tt_l1_ptr uint32_t*>(ready), receivers);
    noc_async_write_multicast(page, get_noc_multicast_addr(x0, y0, x1, y1, page), 2048, receivers);
    noc_async_writes_flushed();
    *reinterpret_cast<volatile tt_l1_ptr uint32_t*>(sent) = 1;
    noc_semaphore_set_multicast(sent, get_noc_multicast_addr(x0, y0, x1, y1, sent), receivers);
    noc_async_write_barrier();
}
"""
RECEIVER = """
#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto result = TensorAccessor(args, get_arg_val<uint32_t>(0), 2048);
    const uint32_t ready = get_semaphore(get_arg_val<uint32_t>(4)), sent = get_semaphore(get_arg_val<uint32_t>(5));
    cb_reserve_back(0, 1);
    noc_semaphore_inc(get_noc_addr(get_arg_val<uint32_t>(2), get_arg_val<uint32_t>(3), ready), 1);
    noc_semaphore_wait(reinterpret_cast<volatile tt_l1_ptr uint32_t*>(sent), 1);
    cb_push_back(0, 1);
    noc_async_write_tile(get_arg_val<uint32_t>(1), result, get_read_ptr(0));
    noc_async_write_barrier();
    noc_async_atomic_barrier();
}
"""


def run(device, noc, rect):
    """Send to the rectangle of logical cores ``rect`` from core (0, 0)."""
    x0, y0, x1, y1 = rect
    torch.manual_seed(noc)
    tile = torch.randn(1, 1, 32, 32, dtype=torch.bfloat16)
    source = ttnn.from_torch(tile, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    receivers = rectangle(*rect)
    count = receivers.num_cores()
    result = ttnn.zeros([count, 1, 32, 32], dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    everyone = receivers.merge(rectangle(0, 0, 0, 0))
    config = [
        ttnn.DataMovementConfigDescriptor(processor=ttnn.DataMovementProcessor.RISCV_1, noc=ttnn.NOC.NOC_0),
        ttnn.WriterConfigDescriptor(),
    ][noc]
    first, last = (device.worker_core_from_logical_core((x, y)) for x, y in ((x0, y0), (x1, y1)))
    home = device.worker_core_from_logical_core(ttnn.CoreCoord(0, 0))
    begin, end = (last, first) if noc else (first, last)
    semaphores = [
        ttnn.SemaphoreDescriptor(id=i, core_type=ttnn.CoreType.WORKER, core_ranges=everyone, initial_value=0)
        for i in (0, 1)
    ]
    sender = kernel(
        SENDER, rectangle(0, 0, 0, 0), config, ttnn.TensorAccessorArgs(source).get_compile_time_args(),
        [((0, 0), [source.buffer_address(), begin.x, begin.y, end.x, end.y, count, 0, 1])],
    )  # fmt: skip
    arguments = [
        (core, [result.buffer_address(), page, home.x, home.y, 0, 1])
        for page, core in enumerate(ttnn.grid_to_cores(count, x1 - x0 + 1, y1 - y0 + 1, row_wise=True))
    ]
    arguments = [(ttnn.CoreCoord(core.x + x0, core.y + y0), words) for core, words in arguments]
    receiver = kernel(RECEIVER, receivers, config, ttnn.TensorAccessorArgs(result).get_compile_time_args(), arguments)
    described = program([sender, receiver], [cb(0, everyone, ttnn.bfloat16, 1)], semaphores)
    same(
        ttnn.to_torch(ttnn.generic_op([source, result], described)),
        tile.expand(count, 1, 32, 32),
        f"multicast on NoC {noc}",
    )


if __name__ == "__main__":
    opened = ttnn.open_device(device_id=0)
    for each in sys.argv[1:] or "01":
        run(opened, int(each), (1, 1, 4, 2))
        run(opened, int(each), (2, 0, 5, 0))
    ttnn.close_device(opened)
