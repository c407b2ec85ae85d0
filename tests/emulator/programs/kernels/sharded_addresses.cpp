// Reads a sharded buffer page by page and run by run, notes the length of each run, and adds one to every word of it.
// Compile-time: the seven words of ShardedInfo. Runtime: the buffer, the pages, the interleaved buffer, the core map.
#ifdef LONG_SPELLING
#include "cpp/ttnn/operations/ccl/kernel_common/sharding_addrgen.hpp"
#else
#include "ttnn/operations/ccl/kernel_common/sharding_addrgen.hpp"
#endif

using Info = ShardedInfo<get_compile_time_arg_val(0), get_compile_time_arg_val(1), get_compile_time_arg_val(2),
                         get_compile_time_arg_val(3), get_compile_time_arg_val(4), get_compile_time_arg_val(5),
                         get_compile_time_arg_val(6)>;

void kernel_main() {
    uint32_t next = 0;
    const uint32_t base = get_arg_val<uint32_t>(next++), pages = get_arg_val<uint32_t>(next++);
    const InterleavedAddrGen<true> plain = {.bank_base_address = get_arg_val<uint32_t>(next++),
                                            .page_size = Info::page_size_jump};
    const auto [map, words] = experimental::shard_addr_gen_utils::get_shard_map<Info>(get_arg_addr(next));
    next += words;
    const uint32_t singly = get_arg_val<uint32_t>(next++), in_runs = get_arg_val<uint32_t>(next++);
    auto* lengths = reinterpret_cast<volatile uint32_t*>(get_arg_val<uint32_t>(next++));
    const experimental::ShardedAddrGen<Info> shards = {.bank_base_address = base, .shard_array = map};
    constexpr uint32_t size = Info::page_size_jump;
    static_assert(shards.CONSTANT_ARGS.number_of_cores == get_compile_time_arg_val(1));

    for (uint32_t page = 0; page < pages; page++) {
        if (page % 2 == 0) noc_async_read_page(page, shards, singly + page * size);
        else shards.noc_async_read_page(page, singly + page * size);
        lengths[page] = get_contiguous_noc_addr(page, shards).second;
    }
    for (uint32_t page = 0; page < pages;) {
        const auto [address, length] = get_contiguous_noc_addr(page, shards);
        noc_async_read(address, in_runs + page * size, length * size);
        page += length;
    }
    noc_async_read_barrier();
    for (uint32_t page = 0; page < pages; page++) {
        const auto [target, length] = get_contiguous_noc_addr(page, plain);
        noc_async_write(singly + page * size, target, length * size);
    }
    noc_async_write_barrier();
    for (uint32_t page = 0; page < pages; page++) {
        auto* words_of_page = reinterpret_cast<uint32_t*>(singly + page * size);
        for (uint32_t word = 0; word < size / 4; word++) words_of_page[word]++;
        noc_async_write(singly + page * size, get_noc_addr(page, shards), 32);
        noc_async_write(singly + page * size + 32, get_noc_addr(page, shards, 32), size - 32);
    }
    noc_async_write_barrier();
}
