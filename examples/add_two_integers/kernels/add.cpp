// Reads one integer of A and one of B from DRAM, adds them, writes the sum to C. Runs on a data-movement processor.
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

void kernel_main() {
    const uint32_t a_address = get_arg_val<uint32_t>(0);
    const uint32_t b_address = get_arg_val<uint32_t>(1);
    const uint32_t c_address = get_arg_val<uint32_t>(2);

    constexpr auto args = TensorAccessorArgs<0>();  // the three buffers have one layout
    const auto a = TensorAccessor(args, a_address);
    const auto b = TensorAccessor(args, b_address);
    const auto c = TensorAccessor(args, c_address);

    // The circular buffers serve as scratch memory: one page each.
    const uint32_t a_page = get_write_ptr(0), b_page = get_write_ptr(1), c_page = get_write_ptr(2);
    noc_async_read(a.get_noc_addr(0), a_page, sizeof(uint32_t));
    noc_async_read(b.get_noc_addr(0), b_page, sizeof(uint32_t));
    noc_async_read_barrier();

    const auto x = *reinterpret_cast<volatile tt_l1_ptr uint32_t*>(a_page);
    const auto y = *reinterpret_cast<volatile tt_l1_ptr uint32_t*>(b_page);
    *reinterpret_cast<volatile tt_l1_ptr uint32_t*>(c_page) = x + y;

    noc_async_write(c_page, c.get_noc_addr(0), sizeof(uint32_t));
    noc_async_write_barrier();
}
