// How a sharded tensor's pages are spread: shapes in pages, the grid of shards, and the banks that hold them.
#pragma once

#include <array>

#include "api/tensor/tensor_accessor_args.h"

namespace tensor_accessor {

// Of an interleaved tensor, `Args` tells no more than whether it lies in DRAM.
template <bool DRAM>
struct InterleavedArgs {
    static constexpr bool is_sharded = false, is_dram = DRAM;
};

template <typename Args, bool sharded = Args::is_sharded>
class DistributionSpec {
public:
    static constexpr bool is_interleaved = true, is_static = false;
    static constexpr bool is_dram = Args::is_dram;

    constexpr DistributionSpec() = default;
    explicit constexpr DistributionSpec(const Args&) {}
};

template <typename Args>
class DistributionSpec<Args, true> {
public:
    using args_type = Args;
    static constexpr bool is_interleaved = false;
    static constexpr bool is_dram = Args::is_dram;
    static constexpr bool has_static_rank = !Args::rank_is_crta;
    static constexpr bool has_static_num_banks = !Args::num_banks_is_crta;
    static constexpr bool is_static = has_static_rank && has_static_num_banks && !Args::tensor_shape_is_crta &&
                                      !Args::shard_shape_is_crta && !Args::bank_coords_is_crta;
    static constexpr bool is_shard_contiguous = Args::is_shard_contiguous;
    static constexpr uint32_t rank_ct = Args::RankCT;
    static constexpr uint32_t num_banks_ct = Args::NumBanksCT;
    using Shape = std::array<uint32_t, has_static_rank ? rank_ct : MAX_RANK>;

    explicit constexpr DistributionSpec(const Args& args) : args_(args), rank_(args.get_rank()) {
        for (uint32_t i = rank_; i-- > 0;) {
            tensor_shape_[i] = args.tensor_extent(i);
            shard_shape_[i] = args.shard_extent(i);
            shard_grid_[i] = (tensor_shape_[i] + shard_shape_[i] - 1) / shard_shape_[i];
            tensor_strides_[i] = tensor_volume_;
            shard_strides_[i] = shard_volume_;
            shard_grid_strides_[i] = num_shards_;
            tensor_volume_ *= tensor_shape_[i];
            shard_volume_ *= shard_shape_[i];
            num_shards_ *= shard_grid_[i];
        }
    }

    constexpr uint32_t rank() const {
        if constexpr (has_static_rank) return rank_ct;
        else return rank_;
    }
    constexpr uint32_t num_banks() const { return args_.get_num_banks(); }
    constexpr bool resolve_shard_contiguous() const { return args_.resolve_shard_contiguous(); }
    constexpr const Shape& tensor_shape() const { return tensor_shape_; }
    constexpr const Shape& shard_shape() const { return shard_shape_; }
    constexpr const Shape& tensor_strides() const { return tensor_strides_; }
    constexpr const Shape& shard_strides() const { return shard_strides_; }
    constexpr const Shape& shard_grid() const { return shard_grid_; }
    constexpr const Shape& shard_grid_strides() const { return shard_grid_strides_; }
    constexpr std::size_t tensor_volume() const { return tensor_volume_; }
    constexpr std::size_t shard_volume() const { return shard_volume_; }
    constexpr std::size_t num_shards() const { return num_shards_; }
    constexpr uint16_t bank_coordinate(uint32_t bank) const { return args_.bank_coordinate(bank); }

    // The bank of a shard and the shard's place there.
    constexpr uint32_t bank_of_shard(uint32_t shard) const {
        return resolve_shard_contiguous() ? shard / shards_per_bank() : shard % num_banks();
    }
    constexpr uint32_t place_of_shard(uint32_t shard) const {
        return resolve_shard_contiguous() ? shard % shards_per_bank() : shard / num_banks();
    }

private:
    constexpr uint32_t shards_per_bank() const { return num_shards_ / num_banks(); }

    Args args_;
    uint32_t rank_;
    Shape tensor_shape_{}, shard_shape_{}, tensor_strides_{}, shard_strides_{}, shard_grid_{}, shard_grid_strides_{};
    uint32_t tensor_volume_ = 1, shard_volume_ = 1, num_shards_ = 1;
};

template <bool IsDram>
constexpr auto make_interleaved_dspec() {
    return DistributionSpec<InterleavedArgs<IsDram>>();
}

}  // namespace tensor_accessor
