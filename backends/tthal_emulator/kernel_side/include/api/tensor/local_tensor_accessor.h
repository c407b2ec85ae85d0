// The part of an L1 tensor that lies on this core, as typed memory.
#pragma once

#include "api/core_local_mem.h"
#include "api/tensor/tensor_binding_token.h"

template <typename T>
class LocalTensorAccessor {
public:
    template <uint32_t CTA_OFFSET, uint32_t ADDRESS>
    explicit LocalTensorAccessor(tensor_accessor::TensorBindingToken<CTA_OFFSET, ADDRESS> token)
        : LocalTensorAccessor(token.address()) {
        static_assert(!decltype(token)::args_t::is_dram,
                      "a tensor in DRAM has no part on this core: use TensorAccessor");
    }
    explicit LocalTensorAccessor(uint32_t base) : memory_(static_cast<uintptr_t>(base)) {}

    T& operator[](uint32_t index) const { return memory_[index]; }
    uint32_t get_bank_base_address() const { return memory_.get_address(); }
    CoreLocalMem<T> local_mem() const { return memory_; }
    [[nodiscard]] auto scoped_lock(uint32_t offset, uint32_t count) const {
        return (memory_ + offset).scoped_lock(count);
    }

private:
    CoreLocalMem<T> memory_;
};

template <typename T>
struct noc_traits_t<LocalTensorAccessor<T>> {
    struct src_args_type {
        uint32_t offset_bytes = 0;
    };
    struct dst_args_type {
        uint32_t offset_bytes = 0;
    };

    template <Noc::AddressType type>
    static uint32_t src_addr(const LocalTensorAccessor<T>& source, const Noc&, const src_args_type& args) {
        static_assert(type == Noc::AddressType::LOCAL_L1, "this is memory of this core: a source of writes");
        return source.get_bank_base_address() + args.offset_bytes;
    }
    template <Noc::AddressType type>
    static uint32_t dst_addr(const LocalTensorAccessor<T>& target, const Noc&, const dst_args_type& args) {
        static_assert(type == Noc::AddressType::LOCAL_L1, "this is memory of this core: a target of reads");
        return target.get_bank_base_address() + args.offset_bytes;
    }
};

template <typename T>
inline constexpr bool noc_zero_l1_endpoint_v<LocalTensorAccessor<T>> = true;

template <typename T, typename... Tokens>
auto make_local_tensor_accessors(const std::tuple<Tokens...>& tokens) {
    return std::apply(
        [](const auto&... token) {
            return std::array<LocalTensorAccessor<T>, sizeof...(Tokens)>{LocalTensorAccessor<T>(token)...};
        },
        tokens);
}
