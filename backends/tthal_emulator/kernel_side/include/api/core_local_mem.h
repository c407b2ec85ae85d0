// A typed pointer into this core's L1 that the NoC can read from and write to (device-api.md §4).
#pragma once

#include <cstddef>

#include "api/lock.h"
#include "api/dataflow/noc.h"

// Always inlined, so that a site is the kernel's line.
#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

template <typename T, typename AddressType = uintptr_t>
class CoreLocalMem {
public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;

    CoreLocalMem() = default;
    constexpr CoreLocalMem(AddressType address) : address_(address) {}
    CoreLocalMem(T* pointer) : address_(reinterpret_cast<AddressType>(pointer)) {}

    T* get_unsafe_ptr() const { return reinterpret_cast<T*>(address_); }
    constexpr AddressType get_address() const { return address_; }

    T& operator[](uint32_t index) const { return get_unsafe_ptr()[index]; }
    T& operator*() const { return *get_unsafe_ptr(); }
    T* operator->() const { return get_unsafe_ptr(); }
    explicit operator bool() const { return address_ != 0; }

    CoreLocalMem& operator+=(difference_type count) {
        address_ += count * sizeof(T);
        return *this;
    }
    CoreLocalMem& operator-=(difference_type count) { return *this += -count; }
    CoreLocalMem& operator++() { return *this += 1; }
    CoreLocalMem& operator--() { return *this += -1; }
    CoreLocalMem operator++(int) {
        const CoreLocalMem before = *this;
        ++*this;
        return before;
    }
    CoreLocalMem operator--(int) {
        const CoreLocalMem before = *this;
        --*this;
        return before;
    }
    CoreLocalMem operator+(difference_type count) const { return CoreLocalMem(*this) += count; }
    CoreLocalMem operator-(difference_type count) const { return CoreLocalMem(*this) -= count; }
    difference_type operator-(const CoreLocalMem& other) const { return get_unsafe_ptr() - other.get_unsafe_ptr(); }

    constexpr bool operator==(const CoreLocalMem& other) const = default;
    constexpr auto operator<=>(const CoreLocalMem& other) const = default;

    // Marks elements as in use until the lock goes out of scope; what was written before is visible to the NoC after.
    [[nodiscard]] auto scoped_lock(std::size_t) const {
        tthal::compiler_barrier();
        return Lock([] { tthal::compiler_barrier(); });
    }

private:
    AddressType address_;
};

template <typename T, typename AddressType>
struct noc_traits_t<CoreLocalMem<T, AddressType>> {
    struct src_args_type {
        AddressType offset_bytes = 0;
    };
    struct dst_args_type {
        AddressType offset_bytes = 0;
    };
    struct dst_args_mcast_type {};

    template <Noc::AddressType type>
    static uint32_t src_addr(const CoreLocalMem<T, AddressType>& source, const Noc&, const src_args_type& args) {
        static_assert(type == Noc::AddressType::LOCAL_L1, "CoreLocalMem is memory of this core: a source of writes");
        return source.get_address() + args.offset_bytes;
    }
    template <Noc::AddressType type>
    static uint32_t dst_addr(const CoreLocalMem<T, AddressType>& target, const Noc&, const dst_args_type& args) {
        static_assert(type == Noc::AddressType::LOCAL_L1, "CoreLocalMem is memory of this core: a target of reads");
        return target.get_address() + args.offset_bytes;
    }
};

template <typename T, typename AddressType>
inline constexpr bool noc_zero_l1_endpoint_v<CoreLocalMem<T, AddressType>> = true;

#pragma clang attribute pop
