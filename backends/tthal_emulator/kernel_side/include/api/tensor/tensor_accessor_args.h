// Decodes the words that the host's TensorAccessorArgs appended to a kernel's compile-time and common arguments:
// flags, aligned page size, then for sharded tensors rank, number of banks, shapes and bank coordinates; an item whose
// runtime flag is set is found among the common arguments instead (host-api.md §5).
#pragma once

#include <tuple>

#include "tthal/common.h"

namespace tensor_accessor {

constexpr std::size_t UNKNOWN = static_cast<std::size_t>(-1);
constexpr uint32_t MAX_RANK = 8;
constexpr uint32_t SHARD_CONTIGUOUS = 1u << 31;  // in the number of banks

enum ArgConfig : uint32_t {
    Sharded = 1,
    IsDram = 2,
    RuntimeRank = 4,
    RuntimeNumBanks = 8,
    RuntimeTensorShape = 16,
    RuntimeShardShape = 32,
    RuntimeBankCoords = 64,
    RuntimePageSize = 128,
};

}  // namespace tensor_accessor

namespace tthal {

template <bool present, std::size_t index, typename Program>
constexpr uint32_t optional_compile_time_arg() {
    if constexpr (present) return get_ct_arg<index, Program>();
    else return 0;
}

}  // namespace tthal

template <std::size_t CTA_OFFSET, std::size_t CRTA_OFFSET = tensor_accessor::UNKNOWN, typename Program = tthal_program>
struct TensorAccessorArgs {
    using program = Program;
    static constexpr uint32_t flags = get_ct_arg<CTA_OFFSET, Program>();
    static constexpr bool is_sharded = flags & tensor_accessor::Sharded;
    static constexpr bool is_dram = flags & tensor_accessor::IsDram;
    static constexpr bool rank_is_crta = flags & tensor_accessor::RuntimeRank;
    static constexpr bool num_banks_is_crta = flags & tensor_accessor::RuntimeNumBanks;
    static constexpr bool tensor_shape_is_crta = flags & tensor_accessor::RuntimeTensorShape;
    static constexpr bool shard_shape_is_crta = flags & tensor_accessor::RuntimeShardShape;
    static constexpr bool bank_coords_is_crta = flags & tensor_accessor::RuntimeBankCoords;
    static constexpr bool page_size_is_crta = flags & tensor_accessor::RuntimePageSize;

    static_assert(!is_sharded || !page_size_is_crta, "the page size of a sharded tensor is a compile-time argument");
    static_assert(!rank_is_crta || (tensor_shape_is_crta && shard_shape_is_crta),
                  "a runtime rank needs runtime shapes");
    static_assert(!num_banks_is_crta || bank_coords_is_crta, "a runtime number of banks needs runtime coordinates");

    // ---- where the compile-time items are: one after the other, without those that are runtime arguments

    static constexpr uint32_t PageSizeCTAOffset = CTA_OFFSET + 1;
    static constexpr uint32_t AlignedPageSize =
        tthal::optional_compile_time_arg<!page_size_is_crta, PageSizeCTAOffset, Program>();
    static constexpr uint32_t RankCTAOffset = PageSizeCTAOffset + !page_size_is_crta;
    static constexpr uint32_t RankCT =
        tthal::optional_compile_time_arg<is_sharded && !rank_is_crta, RankCTAOffset, Program>();
    static constexpr uint32_t NumBanksCTAOffset = RankCTAOffset + !rank_is_crta;
    static constexpr uint32_t PackedNumBanksCT =
        tthal::optional_compile_time_arg<is_sharded && !num_banks_is_crta, NumBanksCTAOffset, Program>();
    static constexpr uint32_t NumBanksCT = PackedNumBanksCT & ~tensor_accessor::SHARD_CONTIGUOUS;
    static constexpr bool is_shard_contiguous = PackedNumBanksCT & tensor_accessor::SHARD_CONTIGUOUS;
    static constexpr uint32_t TensorShapeCTAOffset = NumBanksCTAOffset + !num_banks_is_crta;
    static constexpr uint32_t ShardShapeCTAOffset = TensorShapeCTAOffset + (tensor_shape_is_crta ? 0 : RankCT);
    static constexpr uint32_t BankCoordsCTAOffset = ShardShapeCTAOffset + (shard_shape_is_crta ? 0 : RankCT);

    static_assert(RankCT <= tensor_accessor::MAX_RANK, "a tensor accessor has up to 8 dimensions");

    static constexpr uint32_t num_compile_time_args() {
        if constexpr (is_sharded)
            return BankCoordsCTAOffset + (bank_coords_is_crta ? 0 : (NumBanksCT + 1) / 2) - CTA_OFFSET;
        else return RankCTAOffset - CTA_OFFSET;
    }
    static constexpr uint32_t next_compile_time_args_offset() { return CTA_OFFSET + num_compile_time_args(); }

    // ---- the common runtime arguments, in the same order

    constexpr TensorAccessorArgs() = default;
    explicit constexpr TensorAccessorArgs(std::size_t crta_offset) : crta_offset_(crta_offset) {}

    constexpr uint32_t crta_offset() const {
        if constexpr (CRTA_OFFSET != tensor_accessor::UNKNOWN) return CRTA_OFFSET;
        else return crta_offset_;
    }
    constexpr uint32_t get_aligned_page_size() const {
        if constexpr (page_size_is_crta) return get_common_arg_val<uint32_t>(crta_offset());
        else return AlignedPageSize;
    }
    constexpr uint32_t get_rank() const {
        if constexpr (rank_is_crta) return get_common_arg_val<uint32_t>(crta_offset());
        else return RankCT;
    }
    constexpr uint32_t get_packed_num_banks() const {
        if constexpr (num_banks_is_crta) return get_common_arg_val<uint32_t>(crta_offset() + rank_is_crta);
        else return PackedNumBanksCT;
    }
    constexpr uint32_t get_num_banks() const { return get_packed_num_banks() & ~tensor_accessor::SHARD_CONTIGUOUS; }
    constexpr bool resolve_shard_contiguous() const {
        return get_packed_num_banks() & tensor_accessor::SHARD_CONTIGUOUS;
    }
    constexpr uint32_t tensor_shape_crta_offset() const { return crta_offset() + rank_is_crta + num_banks_is_crta; }
    constexpr uint32_t shard_shape_crta_offset() const {
        return tensor_shape_crta_offset() + (tensor_shape_is_crta ? get_rank() : 0);
    }
    constexpr uint32_t bank_coords_crta_offset() const {
        return shard_shape_crta_offset() + (shard_shape_is_crta ? get_rank() : 0);
    }
    constexpr uint32_t num_common_runtime_args() const {
        if constexpr (!is_sharded) return page_size_is_crta;
        else return bank_coords_crta_offset() + (bank_coords_is_crta ? (get_num_banks() + 1) / 2 : 0) - crta_offset();
    }
    constexpr uint32_t next_common_runtime_args_offset() const { return crta_offset() + num_common_runtime_args(); }

    // ---- items by position

    constexpr uint32_t tensor_extent(uint32_t dimension) const {
        if constexpr (tensor_shape_is_crta) return get_common_arg_val<uint32_t>(tensor_shape_crta_offset() + dimension);
        else return tthal::compile_time_arg<Program>(TensorShapeCTAOffset + dimension);
    }
    constexpr uint32_t shard_extent(uint32_t dimension) const {
        if constexpr (shard_shape_is_crta) return get_common_arg_val<uint32_t>(shard_shape_crta_offset() + dimension);
        else return tthal::compile_time_arg<Program>(ShardShapeCTAOffset + dimension);
    }
    // x << 8 | y, or the bank's number << 8 in DRAM; two in a word, the first one in the lower half.
    constexpr uint16_t bank_coordinate(uint32_t bank) const {
        const uint32_t word = [&] {
            if constexpr (bank_coords_is_crta)
                return get_common_arg_val<uint32_t>(bank_coords_crta_offset() + bank / 2);
            else return tthal::compile_time_arg<Program>(BankCoordsCTAOffset + bank / 2);
        }();
        return static_cast<uint16_t>(bank % 2 ? word >> 16 : word);
    }

private:
    std::size_t crta_offset_ = 0;
};

// ---- several tensors, one after the other

namespace tensor_accessor::detail {

template <uint32_t TENSOR, uint32_t CTA_OFFSET>
constexpr uint32_t get_tensor_accessor_args_cta_offset() {
    if constexpr (TENSOR == 0) return CTA_OFFSET;
    else
        return TensorAccessorArgs<
            get_tensor_accessor_args_cta_offset<TENSOR - 1, CTA_OFFSET>()>::next_compile_time_args_offset();
}

}  // namespace tensor_accessor::detail

template <uint32_t NUM_TENSORS, uint32_t CTA_OFFSET>
constexpr auto make_tensor_accessor_args_tuple() {
    return []<uint32_t... I>(std::integer_sequence<uint32_t, I...>) {
        using tensor_accessor::detail::get_tensor_accessor_args_cta_offset;
        return std::make_tuple(TensorAccessorArgs<get_tensor_accessor_args_cta_offset<I, CTA_OFFSET>()>()...);
    }(std::make_integer_sequence<uint32_t, NUM_TENSORS>());
}
