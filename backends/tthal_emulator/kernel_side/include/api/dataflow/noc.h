// The NoC as an object (device-api.md §4, §7): transfers between endpoints, whose addresses `noc_traits_t` tells.
#pragma once

#include <type_traits>

#include "tthal/dataflow/addresses.h"
#include "tthal/common.h"
#include "tthal/dataflow/noc_modes.h"
#include "tthal/dataflow/noc_options.h"
#include "tthal/dataflow/noc_semaphores.h"

#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

class Noc : public tthal::NocByModes<Noc> {
    using ByModes = tthal::NocByModes<Noc>;

public:
    enum class AddressType { NOC, LOCAL_L1 };
    static constexpr uint32_t INVALID_TXN_ID = 0xFFFFFFFF;

    Noc() : noc_id_(tthal::default_noc()) {}
    explicit Noc(uint8_t noc_id) : noc_id_(noc_id) {}

    uint8_t get_noc_id() const { return noc_id_; }
    bool is_local_bank(uint32_t x, uint32_t y) const { return tthal::is_local_core(x, y, noc_id_); }
    bool is_local_addr(uint64_t address) const { return tthal::is_local_address(address, noc_id_); }

    template <typename T>
    using src_args_t = typename noc_traits_t<T>::src_args_type;
    template <typename T>
    using dst_args_t = typename noc_traits_t<T>::dst_args_type;
    template <typename T>
    using dst_args_mcast_t = typename noc_traits_t<T>::dst_args_mcast_type;

    // The same calls as they were asked for by modes and numbers.
    using ByModes::async_read, ByModes::set_async_read_state, ByModes::async_read_with_state;
    using ByModes::async_write, ByModes::set_async_write_state, ByModes::async_write_with_state;
    using ByModes::async_write_multicast, ByModes::inline_dw_write;
    using ByModes::async_read_barrier, ByModes::async_write_barrier, ByModes::async_writes_flushed;

    // ---- reads; a transaction id that is given stays for what follows, as on hardware

    template <NocOptions options = NocOptions::DEFAULT, uint32_t max_page_size = NOC_MAX_BURST_SIZE + 1,
              bool enable_noc_tracing = true, typename Src, typename Dst>
    void async_read(const Src& src, const Dst& dst, uint32_t size, const src_args_t<Src>& src_args,
                    const dst_args_t<Dst>& dst_args, const NocOptVals& values = {}) const {
        if constexpr (has_flag(options, NocOptions::TXN_ID)) noc_async_read_set_trid(values.trid, noc_id_);
        noc_async_read<max_page_size>(remote_source(src, src_args), local_target(dst, dst_args), size, noc_id_);
    }

    template <NocOptions options = NocOptions::DEFAULT, uint32_t max_page_size = NOC_MAX_BURST_SIZE + 1, typename Src>
    void set_async_read_state(const Src& src, uint32_t size, const src_args_t<Src>& src_args,
                              const NocOptVals& values = {}) const {
        if constexpr (has_flag(options, NocOptions::TXN_ID)) noc_async_read_set_trid(values.trid, noc_id_);
        if constexpr (max_page_size <= NOC_MAX_BURST_SIZE)
            noc_async_read_one_packet_set_state(remote_source(src, src_args), size, 0, noc_id_);
        else noc_async_read_set_state(remote_source(src, src_args), noc_id_);
    }

    template <NocOptions options = NocOptions::DEFAULT, uint32_t max_page_size = NOC_MAX_BURST_SIZE + 1, typename Src,
              typename Dst>
    void async_read_with_state(const Src& src, const Dst& dst, uint32_t size, const src_args_t<Src>& src_args,
                               const dst_args_t<Dst>& dst_args, const NocOptVals& values = {}) const {
        constexpr bool one_packet = max_page_size <= NOC_MAX_BURST_SIZE;
        static_assert(one_packet || !has_flag(options, NocOptions::TXN_ID),
                      "with state, transaction ids need one packet");
        const uint32_t source = static_cast<uint32_t>(remote_source(src, src_args));
        const uint32_t target = local_target(dst, dst_args);
        if constexpr (has_flag(options, NocOptions::TXN_ID))
            noc_async_read_one_packet_with_state_with_trid(0, source, target, values.trid, noc_id_);
        else if constexpr (one_packet) noc_async_read_one_packet_with_state(source, target, 0, noc_id_);
        else noc_async_read_with_state(source, target, size, noc_id_);
    }

    // ---- writes

    template <NocOptions options = NocOptions::DEFAULT, uint32_t max_page_size = NOC_MAX_BURST_SIZE + 1,
              bool enable_noc_tracing = true, typename Src, typename Dst>
    void async_write(const Src& src, const Dst& dst, uint32_t size, const src_args_t<Src>& src_args,
                     const dst_args_t<Dst>& dst_args, const NocOptVals& values = {}) const {
        const uint32_t source = local_source(src, src_args);
        const uint64_t target = remote_target(dst, dst_args);
        if constexpr (max_page_size <= NOC_MAX_BURST_SIZE) tthal::require_one_packet(size);
        if constexpr (has_flag(options, NocOptions::TXN_ID)) noc_async_write_set_trid(values.trid, noc_id_);
        tthal::push_write(noc_id_, source, target, size, has_flag(options, NocOptions::POSTED));
    }

    template <NocOptions options = NocOptions::DEFAULT, uint32_t max_page_size = NOC_MAX_BURST_SIZE + 1, typename Dst>
    void set_async_write_state(const Dst& dst, uint32_t size, const dst_args_t<Dst>& dst_args,
                               const NocOptVals& = {}) const {
        static_assert(!has_flag(options, NocOptions::TXN_ID), "writes with state take no transaction id");
        if constexpr (max_page_size <= NOC_MAX_BURST_SIZE)
            noc_async_write_one_packet_set_state(remote_target(dst, dst_args), size, noc_id_);
        else noc_async_write_set_state(remote_target(dst, dst_args), noc_id_);
    }

    template <NocOptions options = NocOptions::DEFAULT, uint32_t max_page_size = NOC_MAX_BURST_SIZE + 1, typename Src,
              typename Dst>
    void async_write_with_state(const Src& src, const Dst& dst, uint32_t size, const src_args_t<Src>& src_args,
                                const dst_args_t<Dst>& dst_args, const NocOptVals& = {}) const {
        static_assert(!has_flag(options, NocOptions::TXN_ID), "writes with state take no transaction id");
        constexpr bool posted = has_flag(options, NocOptions::POSTED);
        const uint32_t source = local_source(src, src_args);
        const uint32_t target = static_cast<uint32_t>(remote_target(dst, dst_args));
        if constexpr (max_page_size <= NOC_MAX_BURST_SIZE)
            noc_async_write_one_packet_with_state<posted>(source, target, noc_id_);
        else noc_async_write_with_state<posted>(source, target, size, noc_id_);
    }

    template <NocOptions options = NocOptions::DEFAULT, uint32_t max_page_size = NOC_MAX_BURST_SIZE + 1,
              bool enable_noc_tracing = true, typename Src, typename Dst>
    void async_write_multicast(const Src& src, const Dst& dst, uint32_t size, uint32_t num_dests,
                               const src_args_t<Src>& src_args, const dst_args_mcast_t<Dst>& dst_args,
                               bool linked = false) const {
        static_assert(!has_flag(options, NocOptions::TXN_ID), "multicasts take no transaction id");
        static_assert(!has_flag(options, NocOptions::POSTED), "multicasts cannot be posted");
        const uint32_t source = local_source(src, src_args);
        const uint64_t targets = noc_traits_t<Dst>::template dst_addr_mcast<AddressType::NOC>(dst, *this, dst_args);
        if constexpr (has_flag(options, NocOptions::MCAST_INCL_SRC))
            noc_async_write_multicast_loopback_src(source, targets, size, num_dests, linked, noc_id_);
        else noc_async_write_multicast<max_page_size>(source, targets, size, num_dests, linked, noc_id_);
    }

    template <NocOptions options = NocOptions::DEFAULT, typename Dst>
    void inline_dw_write(const Dst& dst, uint32_t value, const dst_args_t<Dst>& dst_args, uint8_t byte_enable = 0xF,
                         const NocOptVals& = {}) const {
        static_assert(!has_flag(options, NocOptions::TXN_ID), "inline writes take no transaction id");
        static_assert(!(has_flag(options, NocOptions::INLINE_L1) && has_flag(options, NocOptions::INLINE_REG)),
                      "an inline write goes to L1 or to a register, not to both");
        noc_inline_dw_write<InlineWriteDst::DEFAULT, has_flag(options, NocOptions::POSTED)>(
            remote_target(dst, dst_args), value, byte_enable, noc_id_);
    }

    // ---- zeros: L1 from the core's own zeros, DRAM from a buffer of zeros that the kernel has

    template <typename Dst>
    void async_write_zeros(const Dst& dst, uint32_t size, const dst_args_t<Dst>& args = {}) const {
        static_assert(noc_zero_l1_endpoint_v<Dst>,
                      "async_write_zeros needs memory of this core; for DRAM, give a scratch");
        const uint32_t target = local_target(dst, args);
        const uint64_t zeros = get_noc_addr(MEM_ZEROS_BASE, noc_id_);
        for (uint32_t done = 0; done < size; done += MEM_ZEROS_SIZE)
            noc_async_read(zeros, target + done, size - done < MEM_ZEROS_SIZE ? size - done : MEM_ZEROS_SIZE, noc_id_);
    }

    template <typename Dst, typename Scratch>
    void async_write_zeros(const Dst& dst, uint32_t size, const dst_args_t<Dst>& args, const Scratch& scratch) const {
        static_assert(noc_zero_l1_endpoint_v<Scratch>, "the scratch must be memory of this core");
        const uint32_t source = local_source(scratch, src_args_t<Scratch>{});
        const uint64_t target = remote_target(dst, args);
        for (uint32_t done = 0; done < size; done += NOC_MAX_BURST_SIZE) {
            const uint32_t left = size - done;
            noc_async_write(source, target + done, left < NOC_MAX_BURST_SIZE ? left : NOC_MAX_BURST_SIZE, noc_id_);
        }
    }

    void write_zeros_l1_barrier() const { noc_async_read_barrier(noc_id_); }
    void write_zeros_dram_barrier() const { noc_async_write_barrier(noc_id_); }

    // ---- barriers

    bool is_read_trid_flushed(uint32_t trid) const {
        return ncrisc_noc_read_with_transaction_id_flushed(noc_id_, trid);
    }

    template <NocOptions options = NocOptions::DEFAULT>
    void async_read_barrier(const NocOptVals& values = {}) const {
        if constexpr (has_flag(options, NocOptions::TXN_ID)) noc_async_read_barrier_with_trid(values.trid, noc_id_);
        else noc_async_read_barrier(noc_id_);
    }

    template <NocOptions options = NocOptions::DEFAULT>
    void async_write_barrier(const NocOptVals& values = {}) const {
        if constexpr (has_flag(options, NocOptions::TXN_ID)) noc_async_write_barrier_with_trid(values.trid, noc_id_);
        else noc_async_write_barrier(noc_id_);
    }

    template <NocOptions options = NocOptions::DEFAULT>
    void async_writes_flushed(const NocOptVals& values = {}) const {
        static_assert(!(has_flag(options, NocOptions::POSTED) && has_flag(options, NocOptions::TXN_ID)),
                      "flushing posted writes takes no transaction id");
        if constexpr (has_flag(options, NocOptions::POSTED)) noc_async_posted_writes_flushed(noc_id_);
        else if constexpr (has_flag(options, NocOptions::TXN_ID))
            noc_async_write_flushed_with_trid(values.trid, noc_id_);
        else noc_async_writes_flushed(noc_id_);
    }

    void async_atomic_barrier() const { noc_async_atomic_barrier(noc_id_); }
    void async_full_barrier() const { noc_async_full_barrier(noc_id_); }

private:
    template <typename T>
    uint64_t remote_source(const T& endpoint, const src_args_t<T>& args) const {
        return noc_traits_t<T>::template src_addr<AddressType::NOC>(endpoint, *this, args);
    }
    template <typename T>
    uint32_t local_source(const T& endpoint, const src_args_t<T>& args) const {
        return noc_traits_t<T>::template src_addr<AddressType::LOCAL_L1>(endpoint, *this, args);
    }
    template <typename T>
    uint64_t remote_target(const T& endpoint, const dst_args_t<T>& args) const {
        return noc_traits_t<T>::template dst_addr<AddressType::NOC>(endpoint, *this, args);
    }
    template <typename T>
    uint32_t local_target(const T& endpoint, const dst_args_t<T>& args) const {
        return noc_traits_t<T>::template dst_addr<AddressType::LOCAL_L1>(endpoint, *this, args);
    }

    uint8_t noc_id_;
};

#pragma clang attribute pop
