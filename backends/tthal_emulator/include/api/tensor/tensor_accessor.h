// From a page number to a NoC address, for interleaved tensors.
#pragma once

#include "api/tensor/tensor_accessor_args.h"
#include "tthal/addresses.h"

template <bool DRAM>
struct TensorAccessor {
    const uint32_t bank_base_address;
    const uint32_t page_size;

    template <std::size_t CTA_OFFSET, std::size_t CRTA_OFFSET>
    TensorAccessor(const TensorAccessorArgs<CTA_OFFSET, CRTA_OFFSET>& args, uint32_t base)
        : bank_base_address(base), page_size(args.get_aligned_page_size()) {}

    template <std::size_t CTA_OFFSET, std::size_t CRTA_OFFSET>
    TensorAccessor(const TensorAccessorArgs<CTA_OFFSET, CRTA_OFFSET>&, uint32_t base, uint32_t page_size)
        : bank_base_address(base), page_size(page_size) {}

    uint64_t get_noc_addr(uint32_t page, uint32_t offset = 0, uint8_t noc = tthal::default_noc()) const {
        return interleaved_addr_gen::page_address<DRAM>(bank_base_address, get_aligned_page_size(), page, offset, noc);
    }
    uint32_t get_aligned_page_size() const { return interleaved_addr_gen::get_aligned_page_size<DRAM>(page_size); }
    uint32_t get_bank_base_address() const { return bank_base_address; }
};

template <std::size_t CTA_OFFSET, std::size_t CRTA_OFFSET>
TensorAccessor(const TensorAccessorArgs<CTA_OFFSET, CRTA_OFFSET>&, uint32_t)
    -> TensorAccessor<TensorAccessorArgs<CTA_OFFSET, CRTA_OFFSET>::is_dram>;
template <std::size_t CTA_OFFSET, std::size_t CRTA_OFFSET>
TensorAccessor(const TensorAccessorArgs<CTA_OFFSET, CRTA_OFFSET>&, uint32_t, uint32_t)
    -> TensorAccessor<TensorAccessorArgs<CTA_OFFSET, CRTA_OFFSET>::is_dram>;
