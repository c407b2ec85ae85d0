// Walks over the pages of one shard, and over the shards; what pads a shard past the tensor's edge is left out.
#pragma once

#include <cstddef>

#include "api/tensor/page.h"

// Always inlined, so that a site is the kernel's line.
#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

namespace tensor_accessor {

template <typename Accessor>
class ShardPagesAddressIterator {
public:
    using value_type = ShardPage<Accessor>;
    using difference_type = std::ptrdiff_t;
    using reference = const value_type&;
    using pointer = const value_type*;

    ShardPagesAddressIterator(const Accessor& accessor, uint32_t shard, uint32_t place, uint32_t end, uint8_t noc)
        : accessor_(&accessor),
          shard_(shard),
          place_(place),
          end_(end),
          noc_(noc),
          current_(0, 0, &accessor, shard, place) {
        skip_padding();
    }

    uint32_t page_id() const { return current_.page_id(); }
    reference operator*() const { return current_; }
    pointer operator->() const { return &current_; }

    ShardPagesAddressIterator& operator++() {
        place_++;
        skip_padding();
        return *this;
    }
    ShardPagesAddressIterator operator++(int) {
        const ShardPagesAddressIterator before = *this;
        ++*this;
        return before;
    }
    ShardPagesAddressIterator& operator+=(difference_type steps) {
        while (steps-- > 0 && place_ < end_) ++*this;
        return *this;
    }
    ShardPagesAddressIterator operator+(difference_type steps) const {
        return ShardPagesAddressIterator(*this) += steps;
    }

    bool operator==(const ShardPagesAddressIterator& other) const { return place_ == other.place_; }
    auto operator<=>(const ShardPagesAddressIterator& other) const { return place_ <=> other.place_; }

private:
    // Goes on to the next place that holds a page of the tensor.
    void skip_padding() {
        const auto& spec = accessor_->dspec();
        for (; place_ < end_; place_++) {
            uint32_t page = 0;
            bool inside = true;
            for (uint32_t i = 0; i < spec.rank(); i++) {
                const uint32_t block = shard_ / spec.shard_grid_strides()[i] % spec.shard_grid()[i];
                const uint32_t corner = block * spec.shard_shape()[i];
                const uint32_t at = corner + place_ / spec.shard_strides()[i] % spec.shard_shape()[i];
                inside = inside && at < spec.tensor_shape()[i];
                page += at * spec.tensor_strides()[i];
            }
            if (!inside) continue;
            const uint32_t offset = place_ * accessor_->get_aligned_page_size();
            const uint64_t address = accessor_->get_shard_noc_addr(shard_, offset, noc_);
            current_ = value_type(address, page, accessor_, shard_, place_);
            return;
        }
    }

    const Accessor* accessor_;
    uint32_t shard_, place_, end_;
    uint8_t noc_;
    value_type current_;
};

template <typename Accessor>
class ShardPages {
public:
    using iterator = ShardPagesAddressIterator<Accessor>;
    using const_iterator = iterator;

    ShardPages(const Accessor& accessor, uint32_t shard, uint32_t start, uint32_t end, uint8_t noc)
        : accessor_(accessor), shard_(shard), start_(start), end_(end), noc_(noc) {}
    iterator begin() const { return iterator(accessor_, shard_, start_, end_, noc_); }
    iterator end() const { return iterator(accessor_, shard_, end_, end_, noc_); }

private:
    const Accessor& accessor_;
    uint32_t shard_, start_, end_;
    uint8_t noc_;
};

}  // namespace tensor_accessor

#pragma clang attribute pop
