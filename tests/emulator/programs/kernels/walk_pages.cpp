// Copies a tensor by walking over its pages, or over the pages of its shards.
#include "api/core_local_mem.h"
#include "api/dataflow/noc.h"
#include "api/tensor/noc_traits.h"

void kernel_main() {
    constexpr auto source_args = TensorAccessorArgs<0>();
    constexpr auto target_args = TensorAccessorArgs<source_args.next_compile_time_args_offset()>();
    const auto source = TensorAccessor(source_args, get_arg_val<uint32_t>(0));
    const auto target = TensorAccessor(target_args, get_arg_val<uint32_t>(1));
    const uint32_t pages = get_arg_val<uint32_t>(2), bytes = get_arg_val<uint32_t>(3);
    CoreLocalMem<uint32_t> memory(get_arg_val<uint32_t>(4));
    Noc noc;
    auto copy = [&](const auto& page) {
        noc.async_read(page, memory, bytes, {.offset_bytes = 0}, {});
        noc.async_read_barrier();
        noc.async_write(memory, target, bytes, {}, {.page_id = page.page_id()});
        noc.async_write_barrier();
    };
#ifdef BY_SHARD
    static_assert(source.dspec().rank() >= 1);
    for (uint32_t shard = 0; shard < source.dspec().num_shards(); shard++)
        for (const auto& page : source.shard_pages(shard)) copy(page);
#else
    for (const auto& page : source.pages(0, pages)) copy(page);
#endif
}
