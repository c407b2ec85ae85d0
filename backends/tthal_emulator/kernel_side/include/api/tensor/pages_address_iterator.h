// Walks over a tensor's pages in their order, one by one or in strides.
#pragma once

#include <cstddef>

#include "api/tensor/page.h"

// Always inlined, so that a site is the kernel's line.
#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

namespace tensor_accessor {

template <typename Accessor>
class PagesAddressIterator {
public:
    using value_type = AccessorPage<Accessor>;
    using difference_type = std::ptrdiff_t;
    using reference = const value_type&;
    using pointer = const value_type*;

    PagesAddressIterator(const Accessor& accessor, uint32_t page, uint32_t end, uint32_t stride, uint8_t noc)
        : accessor_(&accessor),
          page_(page < end ? page : end),
          end_(end),
          stride_(stride),
          noc_(noc),
          current_(0, page_, &accessor) {
        update();
    }

    uint32_t page_id() const { return page_; }
    reference operator*() const { return current_; }
    pointer operator->() const { return &current_; }

    PagesAddressIterator& operator++() { return *this += 1; }
    PagesAddressIterator operator++(int) {
        const PagesAddressIterator before = *this;
        ++*this;
        return before;
    }
    PagesAddressIterator& operator+=(difference_type steps) {
        page_ += steps * stride_;
        if (page_ > end_) page_ = end_;
        update();
        return *this;
    }
    PagesAddressIterator operator+(difference_type steps) const { return PagesAddressIterator(*this) += steps; }

    bool operator==(const PagesAddressIterator& other) const { return page_ == other.page_; }
    auto operator<=>(const PagesAddressIterator& other) const { return page_ <=> other.page_; }

private:
    void update() {
        current_ = value_type(page_ < end_ ? accessor_->get_noc_addr(page_, 0, noc_) : 0, page_, accessor_);
    }

    const Accessor* accessor_;
    uint32_t page_, end_, stride_;
    uint8_t noc_;
    value_type current_;
};

template <typename Accessor>
class Pages {
public:
    using iterator = PagesAddressIterator<Accessor>;
    using const_iterator = iterator;

    Pages(const Accessor& accessor, uint32_t start, uint32_t end, uint32_t stride, uint8_t noc)
        : accessor_(accessor), start_(start), end_(end), stride_(stride), noc_(noc) {}
    iterator begin() const { return iterator(accessor_, start_, end_, stride_, noc_); }
    iterator end() const { return iterator(accessor_, end_, end_, stride_, noc_); }

private:
    const Accessor& accessor_;
    uint32_t start_, end_, stride_;
    uint8_t noc_;
};

}  // namespace tensor_accessor

#pragma clang attribute pop
