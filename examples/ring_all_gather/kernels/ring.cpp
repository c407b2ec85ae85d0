// One core of a ring: reads its own page, passes pages on, and writes all that it has gathered.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    constexpr uint32_t size = get_compile_time_arg_val(0);
    constexpr uint32_t page_bytes = get_compile_time_arg_val(1);
    constexpr uint32_t arrived_id = get_compile_time_arg_val(2);
    constexpr auto source_args = TensorAccessorArgs<3>();
    constexpr auto result_args = TensorAccessorArgs<source_args.next_compile_time_args_offset()>();
    constexpr uint32_t cb_pages = 0;
    const auto source = TensorAccessor(source_args, get_arg_val<uint32_t>(0));
    const auto result = TensorAccessor(result_args, get_arg_val<uint32_t>(1));
    const uint32_t me = get_arg_val<uint32_t>(2);
    const uint32_t neighbour_x = get_arg_val<uint32_t>(3), neighbour_y = get_arg_val<uint32_t>(4);

    // Page i of the memory is core i's, on every core: the neighbour's place for it has the same address as ours.
    const uint32_t memory = get_write_ptr(cb_pages);
    noc_async_read_page(me, source, memory + me * page_bytes);
    noc_async_read_barrier();

    auto* arrived = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(arrived_id));
    const uint64_t arrived_there = get_noc_addr(neighbour_x, neighbour_y, get_semaphore(arrived_id));
    for (uint32_t step = 0; step + 1 < size; step++) {
        const uint32_t page = memory + (me + size - step) % size * page_bytes;
        noc_semaphore_wait_min(arrived, step);  // the page of this step has come
        noc_async_write(page, get_noc_addr(neighbour_x, neighbour_y, page), page_bytes);
        noc_async_write_barrier();  // the page is there before the semaphore says so
        noc_semaphore_inc(arrived_there, 1);
    }
    noc_semaphore_wait_min(arrived, size - 1);
    noc_async_atomic_barrier();

    for (uint32_t i = 0; i < size; i++) noc_async_write_page(me * size + i, result, memory + i * page_bytes);
    noc_async_write_barrier();
}
