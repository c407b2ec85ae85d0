// The two operands of a matmul on a grid of cores: A's blocks go along the rows of cores, B's down the columns. A core
// in the first column reads A for its row, one in the first row reads B for its column; the others receive.
#pragma once
#include "api/dataflow/dataflow_api.h"

// Arguments of one operand, in their order: address, first page, distance of pages, sender x, y, rectangle, receivers.
struct Operand {
    uint32_t cb, room, arrived, first_argument;

    uint32_t argument(uint32_t i) const { return get_arg_val<uint32_t>(first_argument + i); }
    volatile uint32_t* room_flag() const { return reinterpret_cast<volatile uint32_t*>(room); }
    volatile uint32_t* arrived_flag() const { return reinterpret_cast<volatile uint32_t*>(arrived); }

    template <typename Layout>
    void send(const Layout& layout, uint32_t block) const {
        const auto tensor = TensorAccessor(layout, argument(0));
        cb_reserve_back(cb, 1);
        const uint32_t l1 = get_write_ptr(cb), receivers = argument(9);
        noc_async_read_page(argument(1) + block * argument(2), tensor, l1);
        noc_async_read_barrier();
        noc_semaphore_wait(room_flag(), receivers);
        noc_semaphore_set(room_flag(), 0);
        const uint64_t blocks = get_noc_multicast_addr(argument(5), argument(6), argument(7), argument(8), l1);
        const uint64_t flags = get_noc_multicast_addr(argument(5), argument(6), argument(7), argument(8), arrived);
        noc_async_write_multicast(l1, blocks, tensor.get_aligned_page_size(), receivers, true);
        noc_semaphore_set(arrived_flag(), VALID);
        noc_semaphore_set_multicast(arrived, flags, receivers);
        noc_async_writes_flushed();
        cb_push_back(cb, 1);
    }

    void receive() const {
        cb_reserve_back(cb, 1);
        noc_semaphore_set(arrived_flag(), INVALID);
        noc_semaphore_inc(get_noc_addr(argument(3), argument(4), room), 1);
        noc_semaphore_wait(arrived_flag(), VALID);
        cb_push_back(cb, 1);
    }
};

inline Operand operand(uint32_t number) {
    return {number, get_semaphore(2 * number), get_semaphore(2 * number + 1), 1 + 10 * number};
}

constexpr auto a_layout = TensorAccessorArgs<0>();
constexpr auto b_layout = TensorAccessorArgs<a_layout.next_compile_time_args_offset()>();
