// Writes a page of words as the page of the result that the runtime arguments name; circular buffer 0 is scratch.
#pragma once
#include <cstdint>

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

constexpr uint32_t report_words = 16;
constexpr auto report_args = TensorAccessorArgs<0>();
constexpr uint32_t first_own_compile_arg = report_args.next_compile_time_args_offset();
constexpr uint32_t first_own_arg = 2;

inline volatile tt_l1_ptr uint32_t* report_page() {
    auto* page = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_write_ptr(0));
    for (uint32_t i = 0; i < report_words; i++) {
        page[i] = 0xB0000000 + i;
    }
    return page;
}

inline void report() {
    const auto result = TensorAccessor(report_args, get_arg_val<uint32_t>(0), report_words * 4);
    noc_async_write_page(get_arg_val<uint32_t>(1), result, get_write_ptr(0));
    noc_async_write_barrier();
}
