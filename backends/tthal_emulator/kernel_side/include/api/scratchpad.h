// L1 memory that the program set apart for a kernel, with its bounds (device-api.md §4).
#pragma once

#include "api/core_local_mem.h"
#include "api/debug/assert.h"
#include "api/scratchpad_binding_token.h"

template <typename T>
class Scratchpad {
public:
    using element_type = T;
    using value_type = std::remove_cv_t<T>;
    using size_type = uint32_t;
    using pointer = CoreLocalMem<T>;
    using iterator = pointer;

    explicit Scratchpad(const ScratchpadBindingToken& token)
        : begin_(get_common_arg_val<uint32_t>(token.address_arg)), size_in_bytes_(token.size_in_bytes) {
        ASSERT(begin_.get_address() % alignof(T) == 0 && size_in_bytes_ % sizeof(T) == 0);
    }

    T& operator[](uint32_t index) const {
        ASSERT(index < size());
        return begin_[index];
    }
    uint32_t size() const { return size_in_bytes_ / sizeof(T); }
    uint32_t size_in_bytes() const { return size_in_bytes_; }
    uint32_t get_base_address() const { return begin_.get_address(); }
    iterator begin() const { return begin_; }
    iterator end() const { return begin_ + size(); }
    pointer local_mem() const { return begin_; }

    [[nodiscard]] auto scoped_lock(uint32_t offset, uint32_t count) const {
        ASSERT(offset + count <= size());
        return (begin_ + offset).scoped_lock(count);
    }

private:
    pointer begin_;
    uint32_t size_in_bytes_;
};

template <typename T>
struct noc_traits_t<Scratchpad<T>> {
    struct src_args_type {
        uint32_t offset_bytes = 0;
    };
    struct dst_args_type {
        uint32_t offset_bytes = 0;
    };

    template <Noc::AddressType type>
    static uint32_t src_addr(const Scratchpad<T>& source, const Noc&, const src_args_type& args) {
        static_assert(type == Noc::AddressType::LOCAL_L1, "a scratchpad is memory of this core: a source of writes");
        return inside(source, args.offset_bytes);
    }
    template <Noc::AddressType type>
    static uint32_t dst_addr(const Scratchpad<T>& target, const Noc&, const dst_args_type& args) {
        static_assert(type == Noc::AddressType::LOCAL_L1, "a scratchpad is memory of this core: a target of reads");
        return inside(target, args.offset_bytes);
    }

private:
    static uint32_t inside(const Scratchpad<T>& scratchpad, uint32_t offset) {
        ASSERT(offset < scratchpad.size_in_bytes());
        return scratchpad.get_base_address() + offset;
    }
};

template <typename T>
inline constexpr bool noc_zero_l1_endpoint_v<Scratchpad<T>> = true;
