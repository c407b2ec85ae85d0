// The address generator of two-dimensional shards from before TensorAccessor. Its core map is part of the runtime
// arguments: 16 bits a core, the first core of a word in the upper half, x << 8 | y, or bank << 8 for shards in DRAM.
#pragma once

#include <utility>

#include "api/dataflow/dataflow_api.h"
#include "ttnn/operations/ccl/common/types/sharding_common.hpp"

// Always inlined, so that a site is the kernel's line.
#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

using mapping_table_t = uint32_t;

// The compile-time words of a sharded buffer, in the order in which hosts pass them.
template <uint32_t SHARD_TYPE, uint32_t NUMBER_OF_CORES, uint32_t PAGE_SIZE_JUMP, uint32_t PAGES_PER_TENSOR_ROW,
          uint32_t CONTIGUITY, uint32_t PAGES_PER_SHARD_WIDTH, uint32_t ROWS_PER_SHARD_HEIGHT>
struct ShardedInfo {
    static constexpr auto shard_type = static_cast<tt::tt_metal::TensorMemoryLayout>(SHARD_TYPE);
    static constexpr uint32_t number_of_cores = NUMBER_OF_CORES;
    static constexpr uint32_t page_size_jump = PAGE_SIZE_JUMP;
    static constexpr uint32_t pages_per_tensor_row = PAGES_PER_TENSOR_ROW;
    static constexpr auto contiguity = static_cast<shard_addr_gen_consts::ContiguityType>(CONTIGUITY);
    static constexpr uint32_t pages_per_shard_width = PAGES_PER_SHARD_WIDTH;
    static constexpr uint32_t rows_per_shard_height = ROWS_PER_SHARD_HEIGHT;
};

namespace tthal {

using shard_addr_gen_consts::ContiguityType;

constexpr bool is_in_dram(ContiguityType contiguity) {
    return contiguity >= ContiguityType::DRAM_PADDING_BETWEEN_PAGES;
}

constexpr bool has_padded_pages(ContiguityType contiguity) {
    return contiguity == ContiguityType::L1_PADDING_BETWEEN_PAGES ||
           contiguity == ContiguityType::DRAM_PADDING_BETWEEN_PAGES;
}

constexpr bool fills_shards(ContiguityType contiguity) {
    return contiguity == ContiguityType::L1_NO_SHARD_PADDING || contiguity == ContiguityType::DRAM_NO_SHARD_PADDING;
}

}  // namespace tthal

namespace experimental {
namespace shard_addr_gen_utils {

using shard_addr_gen_consts::ContiguityType;

struct ShardCoordInfo {
    uint32_t core_num;
    uint32_t page_num;
    uint32_t num_contiguous_pages;
};

// The shard of a page and its slot therein. Pages follow one another to the end of the tensor's row or of the shard's.
template <uint32_t columns_per_shard, uint32_t rows_per_shard, uint32_t total_pages_last_dim, ContiguityType contiguity>
constexpr ShardCoordInfo get_block_sharded_coordinates(uint32_t page_num) {
    constexpr uint32_t shards_in_a_row = (total_pages_last_dim - 1) / columns_per_shard + 1;
    const uint32_t row = page_num / total_pages_last_dim, column = page_num % total_pages_last_dim;
    const uint32_t inner_row = row % rows_per_shard, inner_column = column % columns_per_shard;
    const uint32_t left_in_shard = columns_per_shard - inner_column, left_in_tensor = total_pages_last_dim - column;
    return {
        .core_num = row / rows_per_shard * shards_in_a_row + column / columns_per_shard,
        .page_num = inner_row * columns_per_shard + inner_column,
        .num_contiguous_pages = tthal::has_padded_pages(contiguity) ? 1
                                : left_in_shard < left_in_tensor    ? left_in_shard
                                                                    : left_in_tensor,
    };
}

// Blocks as high as any tensor.
template <uint32_t columns_per_shard, uint32_t total_pages_last_dim, ContiguityType contiguity>
constexpr ShardCoordInfo get_width_sharded_coordinates(uint32_t page_num) {
    return get_block_sharded_coordinates<columns_per_shard, UINT32_MAX, total_pages_last_dim, contiguity>(page_num);
}

// Blocks as wide as the tensor; without padding the rows of a shard follow one another too.
template <uint32_t rows_per_shard, uint32_t total_pages_last_dim, ContiguityType contiguity>
constexpr ShardCoordInfo get_height_sharded_coordinates(uint32_t page_num) {
    ShardCoordInfo found =
        get_block_sharded_coordinates<total_pages_last_dim, rows_per_shard, total_pages_last_dim, contiguity>(page_num);
    if constexpr (tthal::fills_shards(contiguity))
        found.num_contiguous_pages = rows_per_shard * total_pages_last_dim - found.page_num;
    return found;
}

// The core map at an address, and the number of arguments it takes.
template <typename ShardingInfoType>
inline std::pair<const mapping_table_t* const, uint32_t> get_shard_map(uint32_t L1_address) {
    return {reinterpret_cast<const mapping_table_t*>(L1_address), (ShardingInfoType::number_of_cores - 1) / 2 + 1};
}

}  // namespace shard_addr_gen_utils

template <typename ShardingInfoType>
struct ShardedAddrGen {
    static constexpr ShardingInfoType CONSTANT_ARGS{};
    uint32_t bank_base_address;
    const mapping_table_t* const shard_array;

    uint32_t get_aligned_page_size() const { return ShardingInfoType::page_size_jump; }

    uint64_t get_sharded_addr(uint32_t address, uint32_t core, uint32_t noc = tthal::default_noc()) const {
        const uint32_t upper = core >> 8 & 0xFF;
        if constexpr (tthal::is_in_dram(ShardingInfoType::contiguity))
            return get_noc_addr_from_bank_id<true>(upper, address, noc);
        else return NOC_XY_ADDR(upper, core & 0xFF, address);
    }

    uint32_t get_sharded_l1_addr(uint32_t slot, uint32_t offset = 0) const {
        return bank_base_address + slot * ShardingInfoType::page_size_jump + offset;
    }

    uint64_t get_noc_addr(uint32_t id, uint32_t offset = 0, uint8_t noc = tthal::default_noc()) const {
        return get_contiguous_noc_addr(id, offset, noc).first;
    }

    std::pair<uint64_t, uint32_t> get_contiguous_noc_addr(uint32_t id, uint32_t offset = 0,
                                                          uint8_t noc = tthal::default_noc()) const {
        const auto place = locate(id);
        const uint32_t core = shard_array[place.core_num / 2] >> (place.core_num % 2 == 0 ? 16 : 0) & 0xFFFF;
        return {get_sharded_addr(get_sharded_l1_addr(place.page_num, offset), core, noc), place.num_contiguous_pages};
    }

    void noc_async_read_page(uint32_t id, uint32_t destination, uint32_t offset = 0,
                             uint8_t noc = tthal::default_noc()) const {
        noc_async_read(get_noc_addr(id, offset, noc), destination, ShardingInfoType::page_size_jump, noc);
    }

private:
    static shard_addr_gen_utils::ShardCoordInfo locate(uint32_t id) {
        using namespace shard_addr_gen_utils;
        using Info = ShardingInfoType;
        using Layout = tt::tt_metal::TensorMemoryLayout;
        if constexpr (Info::shard_type == Layout::WIDTH_SHARDED)
            return get_width_sharded_coordinates<Info::pages_per_shard_width, Info::pages_per_tensor_row,
                                                 Info::contiguity>(id);
        else if constexpr (Info::shard_type == Layout::HEIGHT_SHARDED)
            return get_height_sharded_coordinates<Info::rows_per_shard_height, Info::pages_per_tensor_row,
                                                  Info::contiguity>(id);
        else
            return get_block_sharded_coordinates<Info::pages_per_shard_width, Info::rows_per_shard_height,
                                                 Info::pages_per_tensor_row, Info::contiguity>(id);
    }
};

}  // namespace experimental

// The address of a page and the number of pages, itself included, that follow one another there.
template <typename ShardingInfoType>
inline std::pair<uint64_t, uint32_t> get_contiguous_noc_addr(
    uint32_t id, const experimental::ShardedAddrGen<ShardingInfoType>& generator, uint32_t offset = 0,
    uint8_t noc = tthal::default_noc()) {
    return generator.get_contiguous_noc_addr(id, offset, noc);
}

// An interleaved buffer's next page is always in another bank.
template <typename AddrGen>
    requires requires(const AddrGen& generator) {
        generator.bank_base_address;
        generator.get_noc_addr(0u);
    }
inline std::pair<uint64_t, uint32_t> get_contiguous_noc_addr(uint32_t id, const AddrGen& generator, uint32_t offset = 0,
                                                             uint8_t noc = tthal::default_noc()) {
    return {generator.get_noc_addr(id, offset, noc), 1};
}

#pragma clang attribute pop
