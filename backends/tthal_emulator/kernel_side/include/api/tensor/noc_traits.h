// Tensors, their pages and their shards as endpoints of NoC transfers.
#pragma once

#include "api/dataflow/noc.h"
#include "api/tensor/tensor_accessor.h"

// Always inlined, so that a site is the kernel's line.
#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

namespace tthal {

struct PageArgs {
    uint32_t page_id{};
    uint32_t offset_bytes = 0;
};

struct ShardArgs {
    uint32_t shard_id{};
    uint32_t offset_bytes = 0;
};

struct OffsetArgs {
    uint32_t offset_bytes = 0;
};

// `Address` tells the NoC address; used as local memory, it must lie on this core.
template <typename Endpoint, typename Args, auto Address>
struct RemoteTraits {
    using src_args_type = Args;
    using dst_args_type = Args;

    template <Noc::AddressType type>
    static auto src_addr(const Endpoint& endpoint, const Noc& noc, const Args& args) {
        const uint64_t address = Address(endpoint, args, noc.get_noc_id());
        if constexpr (type == Noc::AddressType::LOCAL_L1) return local_address(address, noc.get_noc_id());
        else return address;
    }
    template <Noc::AddressType type>
    static auto dst_addr(const Endpoint& endpoint, const Noc& noc, const Args& args) {
        return src_addr<type>(endpoint, noc, args);
    }
};

inline constexpr auto page_address_of = [](const auto& tensor, const PageArgs& args, uint8_t noc) {
    return tensor.get_noc_addr(args.page_id, args.offset_bytes, noc);
};
inline constexpr auto address_of_page = [](const auto& page, const OffsetArgs& args, uint8_t) {
    return page.noc_addr() + args.offset_bytes;
};

template <typename Page>
using PageTraits = RemoteTraits<Page, OffsetArgs, address_of_page>;

}  // namespace tthal

template <typename DSpec>
struct noc_traits_t<TensorAccessor<DSpec>>
    : tthal::RemoteTraits<TensorAccessor<DSpec>, tthal::PageArgs, tthal::page_address_of> {};

template <>
struct noc_traits_t<AbstractTensorAccessorWrapper>
    : tthal::RemoteTraits<AbstractTensorAccessorWrapper, tthal::PageArgs, tthal::page_address_of> {};

template <typename Accessor>
struct noc_traits_t<PageView<Accessor>>
    : tthal::RemoteTraits<PageView<Accessor>, tthal::PageArgs, tthal::page_address_of> {};

template <typename Accessor>
struct noc_traits_t<ShardView<Accessor>>
    : tthal::RemoteTraits<ShardView<Accessor>, tthal::ShardArgs,
                          [](const auto& view, const tthal::ShardArgs& args, uint8_t noc) {
                              return view.get_noc_addr(args.shard_id, args.offset_bytes, noc);
                          }> {};

template <>
struct noc_traits_t<tensor_accessor::Page> : tthal::PageTraits<tensor_accessor::Page> {};

template <typename Accessor>
struct noc_traits_t<tensor_accessor::AccessorPage<Accessor>>
    : tthal::PageTraits<tensor_accessor::AccessorPage<Accessor>> {};

template <typename Accessor>
struct noc_traits_t<tensor_accessor::ShardPage<Accessor>> : tthal::PageTraits<tensor_accessor::ShardPage<Accessor>> {};

#pragma clang attribute pop
