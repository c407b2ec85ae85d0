// From a page of a tensor to its NoC address (device-api.md §4): interleaved over banks, or in shards.
#pragma once

#include "api/tensor/pages_address_iterator.h"
#include "api/tensor/shard_pages_address_iterator.h"
#include "api/tensor/tensor_accessor_args.h"
#include "api/tensor/tensor_binding_token.h"
#include "tthal/dataflow/addresses.h"
#include "tthal/dataflow/distribution.h"

template <typename DSpecT>
class TensorAccessor {
public:
    using DSpec = DSpecT;
    static constexpr bool is_dram = DSpec::is_dram;

    template <std::size_t CTA_OFFSET, std::size_t CRTA_OFFSET>
    TensorAccessor(const TensorAccessorArgs<CTA_OFFSET, CRTA_OFFSET>& args, std::size_t base,
                   uint32_t page_size = TensorAccessorArgs<CTA_OFFSET, CRTA_OFFSET>::AlignedPageSize)
        : dspec_(args), base_(base), page_size_(page_size) {}
    template <uint32_t CTA_OFFSET, uint32_t ADDRESS>
    TensorAccessor(tensor_accessor::TensorBindingToken<CTA_OFFSET, ADDRESS> token)
        : TensorAccessor(typename decltype(token)::args_t(), token.address()) {}
    TensorAccessor(const DSpec& dspec, std::size_t base, uint32_t page_size)
        : dspec_(dspec), base_(base), page_size_(page_size) {}

    // Of a layout that is known when compiling, a constant, whatever the accessor is.
    constexpr const DSpec& dspec() const {
        if constexpr (DSpec::is_static) return Constant<DSpec>::value;
        else return dspec_;
    }

    uint32_t get_aligned_page_size() const { return page_size_; }
    uint32_t get_bank_base_address() const { return base_; }

    uint64_t get_noc_addr(uint32_t page, uint32_t offset = 0, uint8_t noc = tthal::default_noc()) const {
        if (page >= dspec().tensor_volume()) tthal::misuse(tthal::Misuse::SHARD_PAGE, page, dspec().tensor_volume());
        uint32_t coordinates[tensor_accessor::MAX_RANK];
        for (uint32_t i = 0; i < dspec().rank(); i++)
            coordinates[i] = page / dspec().tensor_strides()[i] % dspec().tensor_shape()[i];
        return get_noc_addr(coordinates, offset, noc);
    }
    template <typename Coordinates>
        requires requires(const Coordinates& coordinates) { coordinates[0]; }
    uint64_t get_noc_addr(const Coordinates& page, uint32_t offset = 0, uint8_t noc = tthal::default_noc()) const {
        const PageMapping mapping = get_bank_and_offset(page);
        return bank_address(mapping.bank_id, noc) + mapping.bank_page_offset * page_size_ + offset;
    }

    uint64_t get_shard_noc_addr(uint32_t shard, uint32_t offset = 0, uint8_t noc = tthal::default_noc()) const {
        const uint32_t first_page = dspec().place_of_shard(shard) * dspec().shard_volume();
        return bank_address(dspec().bank_of_shard(shard), noc) + first_page * page_size_ + offset;
    }
    template <typename Coordinates>
        requires requires(const Coordinates& coordinates) { coordinates[0]; }
    uint64_t get_shard_noc_addr(const Coordinates& at, uint32_t offset = 0, uint8_t noc = tthal::default_noc()) const {
        uint32_t shard = 0;
        for (uint32_t i = 0; i < dspec().rank(); i++) shard += at[i] * dspec().shard_grid_strides()[i];
        return get_shard_noc_addr(shard, offset, noc);
    }

    struct PageMapping {
        std::size_t bank_id;
        std::size_t bank_page_offset;
    };
    template <typename Coordinates>
        requires requires(const Coordinates& coordinates) { coordinates[0]; }
    PageMapping get_bank_and_offset(const Coordinates& page) const {
        uint32_t shard = 0, place = 0;
        for (uint32_t i = 0; i < dspec().rank(); i++) {
            shard += page[i] / dspec().shard_shape()[i] * dspec().shard_grid_strides()[i];
            place += page[i] % dspec().shard_shape()[i] * dspec().shard_strides()[i];
        }
        return {dspec().bank_of_shard(shard), dspec().place_of_shard(shard) * dspec().shard_volume() + place};
    }

    // ---- what lies on this core

    bool is_local_bank(uint32_t x, uint32_t y, uint8_t noc = tthal::default_noc()) const {
        return tthal::is_local_core(x, y, noc);
    }
    bool is_local_addr(uint64_t address, uint8_t noc = tthal::default_noc()) const {
        return tthal::is_local_address(address, noc);
    }
    bool is_local_page(uint32_t page, uint8_t noc = tthal::default_noc()) const {
        return tthal::is_local_address(get_noc_addr(page, 0, noc), noc);
    }
    bool is_local_shard(uint32_t shard, uint8_t noc = tthal::default_noc()) const {
        return tthal::is_local_address(get_shard_noc_addr(shard, 0, noc), noc);
    }

    // ---- walks; an end of 0 is the tensor's or the shard's

    auto pages(uint32_t start = 0, uint32_t end = 0, uint8_t noc = tthal::default_noc()) const {
        return tensor_accessor::Pages<TensorAccessor>(*this, start, end ? end : dspec().tensor_volume(), 1, noc);
    }
    auto shard_pages(uint32_t shard, uint32_t start = 0, uint32_t end = 0, uint8_t noc = tthal::default_noc()) const {
        const uint32_t last = end ? end : dspec().shard_volume();
        return tensor_accessor::ShardPages<TensorAccessor>(*this, shard, start, last, noc);
    }

private:
    uint64_t bank_address(uint32_t bank, uint8_t noc) const {
        const uint32_t x = dspec().bank_coordinate(bank) >> 8, y = dspec().bank_coordinate(bank) & 0xFF;
        if constexpr (is_dram) return get_noc_addr_from_bank_id<true>(x, base_, noc);
        else return ::get_noc_addr(x, y, base_, noc);
    }

    template <typename T>
    struct Constant {
        static constexpr T value{typename T::args_type()};
    };

    DSpec dspec_;
    uint32_t base_;
    uint32_t page_size_;
};

template <typename DSpecT>
    requires DSpecT::is_interleaved
class TensorAccessor<DSpecT> {
public:
    using DSpec = DSpecT;
    static constexpr bool is_dram = DSpec::is_dram;

    template <std::size_t CTA_OFFSET, std::size_t CRTA_OFFSET>
    TensorAccessor(const TensorAccessorArgs<CTA_OFFSET, CRTA_OFFSET>& args, uint32_t base)
        : bank_base_address(base), page_size(args.get_aligned_page_size()) {}
    template <std::size_t CTA_OFFSET, std::size_t CRTA_OFFSET>
    TensorAccessor(const TensorAccessorArgs<CTA_OFFSET, CRTA_OFFSET>&, uint32_t base, uint32_t size_of_page)
        : bank_base_address(base), page_size(size_of_page) {}
    template <uint32_t CTA_OFFSET, uint32_t ADDRESS>
    TensorAccessor(tensor_accessor::TensorBindingToken<CTA_OFFSET, ADDRESS> token)
        : TensorAccessor(typename decltype(token)::args_t(), token.address()) {}
    TensorAccessor(const DSpec&, std::size_t base, uint32_t size_of_page)
        : bank_base_address(base), page_size(size_of_page) {}

    constexpr DSpec dspec() const { return DSpec(); }
    uint32_t get_aligned_page_size() const { return page_size; }
    uint32_t get_bank_base_address() const { return bank_base_address; }

    uint64_t get_noc_addr(uint32_t page, uint32_t offset = 0, uint8_t noc = tthal::default_noc()) const {
        const uint32_t stride = interleaved_addr_gen::get_aligned_page_size<is_dram>(page_size);
        return interleaved_addr_gen::page_address<is_dram>(bank_base_address, stride, page, offset, noc);
    }
    auto pages(uint32_t start, uint32_t end, uint8_t noc = tthal::default_noc()) const {
        return tensor_accessor::Pages<TensorAccessor>(*this, start, end, 1, noc);
    }

    // Under the names that address generators have them.
    uint32_t bank_base_address;
    uint32_t page_size;
};

template <std::size_t CTA_OFFSET, std::size_t CRTA_OFFSET>
TensorAccessor(const TensorAccessorArgs<CTA_OFFSET, CRTA_OFFSET>&, std::size_t)
    -> TensorAccessor<tensor_accessor::DistributionSpec<TensorAccessorArgs<CTA_OFFSET, CRTA_OFFSET>>>;
template <std::size_t CTA_OFFSET, std::size_t CRTA_OFFSET>
TensorAccessor(const TensorAccessorArgs<CTA_OFFSET, CRTA_OFFSET>&, std::size_t, uint32_t)
    -> TensorAccessor<tensor_accessor::DistributionSpec<TensorAccessorArgs<CTA_OFFSET, CRTA_OFFSET>>>;
template <uint32_t CTA_OFFSET, uint32_t ADDRESS>
TensorAccessor(tensor_accessor::TensorBindingToken<CTA_OFFSET, ADDRESS>) -> TensorAccessor<
    tensor_accessor::DistributionSpec<typename tensor_accessor::TensorBindingToken<CTA_OFFSET, ADDRESS>::args_t>>;
template <typename Args>
TensorAccessor(const tensor_accessor::DistributionSpec<Args>&, std::size_t, uint32_t)
    -> TensorAccessor<tensor_accessor::DistributionSpec<Args>>;

// ---- several tensors

// The addresses are consecutive runtime arguments.
template <typename... Args>
auto make_tensor_accessor_tuple(const std::tuple<Args...>& args, uint32_t first_address_arg) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return std::make_tuple(TensorAccessor(std::get<I>(args), get_arg_val<uint32_t>(first_address_arg + I))...);
    }(std::index_sequence_for<Args...>());
}

template <typename... Tokens>
auto make_tensor_accessors(const std::tuple<Tokens...>& tokens) {
    return std::apply([](const auto&... token) { return std::make_tuple(TensorAccessor(token)...); }, tokens);
}

// Any accessor under one type, so that several can stand in an array. It refers to the accessor it was made from.
class AbstractTensorAccessorWrapper {
public:
    AbstractTensorAccessorWrapper() = default;
    template <typename Accessor>
    AbstractTensorAccessorWrapper(const Accessor& accessor)
        : accessor_(&accessor), address_([](const void* it, uint32_t page, uint32_t offset, uint8_t noc) {
              return static_cast<const Accessor*>(it)->get_noc_addr(page, offset, noc);
          }) {}

    uint64_t get_noc_addr(uint32_t page, uint32_t offset = 0, uint8_t noc = tthal::default_noc()) const {
        return address_(accessor_, page, offset, noc);
    }

private:
    const void* accessor_ = nullptr;
    uint64_t (*address_)(const void*, uint32_t, uint32_t, uint8_t) = nullptr;
};

template <typename... Accessors>
auto make_abstract_tensor_accessor_wrappers(const std::tuple<Accessors...>& accessors) {
    return std::apply(
        [](const auto&... each) {
            return std::array<AbstractTensorAccessorWrapper, sizeof...(Accessors)>{
                AbstractTensorAccessorWrapper(each)...};
        },
        accessors);
}

// A tensor of which transfers name pages, or whole shards.
template <typename Accessor>
struct PageView {
    const Accessor& accessor;

    explicit PageView(const Accessor& it) : accessor(it) {}
    uint64_t get_noc_addr(uint32_t page, uint32_t offset, uint8_t noc) const {
        return accessor.get_noc_addr(page, offset, noc);
    }
};

template <typename Accessor>
struct ShardView {
    const Accessor& accessor;

    explicit ShardView(const Accessor& it) : accessor(it) {}
    bool is_local_shard(uint32_t shard, uint8_t noc) const { return accessor.is_local_shard(shard, noc); }
    uint64_t get_noc_addr(uint32_t shard, uint32_t offset, uint8_t noc) const {
        return accessor.get_shard_noc_addr(shard, offset, noc);
    }
};
