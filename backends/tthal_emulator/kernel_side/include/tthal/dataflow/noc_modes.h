// The NoC object's calls as they were until summer 2026, under namespace experimental: modes as template arguments, the
// virtual channel and the transaction id as numbers. Each is today's call with the options that its modes say.
#pragma once

#include "tthal/dataflow/noc_options.h"
#include "tthal/dataflow/noc_writes.h"

#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

namespace tthal {

struct NocModes {
    enum class TxnIdMode { ENABLED, DISABLED };
    enum class ResponseMode { NON_POSTED, POSTED };
    enum class BarrierMode { TXN_ID, FULL };
    enum class McastMode { INCLUDE_SRC, EXCLUDE_SRC };
    enum class VcSelection { DEFAULT, CUSTOM };
};

constexpr NocOptions options_of(NocModes::TxnIdMode mode) {
    return mode == NocModes::TxnIdMode::ENABLED ? NocOptions::TXN_ID : NocOptions::DEFAULT;
}
constexpr NocOptions options_of(NocModes::ResponseMode mode) {
    return mode == NocModes::ResponseMode::POSTED ? NocOptions::POSTED : NocOptions::DEFAULT;
}
constexpr NocOptions options_of(NocModes::BarrierMode mode) {
    return mode == NocModes::BarrierMode::TXN_ID ? NocOptions::TXN_ID : NocOptions::DEFAULT;
}
constexpr NocOptions options_of(NocModes::McastMode mode) {
    return mode == NocModes::McastMode::INCLUDE_SRC ? NocOptions::MCAST_INCL_SRC : NocOptions::DEFAULT;
}
constexpr NocOptions options_of(NocModes::VcSelection mode) {
    return mode == NocModes::VcSelection::CUSTOM ? NocOptions::CUSTOM_VC : NocOptions::DEFAULT;
}
constexpr NocOptions options_of(InlineWriteDst place) {
    if (place == InlineWriteDst::L1) return NocOptions::INLINE_L1;
    return place == InlineWriteDst::REG ? NocOptions::INLINE_REG : NocOptions::DEFAULT;
}

// `Self` is the class Noc, whose calls these hand on to. A mode that is named picks the call; so does a channel that is
// a number, where today's call takes NocOptVals.
template <typename Self>
class NocByModes : public NocModes {
    template <typename T>
    using src_args_t = typename noc_traits_t<T>::src_args_type;
    template <typename T>
    using dst_args_t = typename noc_traits_t<T>::dst_args_type;
    template <typename T>
    using dst_args_mcast_t = typename noc_traits_t<T>::dst_args_mcast_type;

    static constexpr uint32_t ANY_LENGTH = NOC_MAX_BURST_SIZE + 1;
    static constexpr uint32_t NO_ID = 0xFFFFFFFF;

    const Self& self() const { return static_cast<const Self&>(*this); }

public:
    // ---- reads

    template <TxnIdMode id_mode, uint32_t max_page_size = ANY_LENGTH, bool tracing = true, typename Src, typename Dst>
    void async_read(const Src& src, const Dst& dst, uint32_t size, const src_args_t<Src>& src_args,
                    const dst_args_t<Dst>& dst_args, uint32_t vc = NOC_UNICAST_WRITE_VC, uint32_t id = NO_ID) const {
        self().template async_read<options_of(id_mode), max_page_size, tracing>(src, dst, size, src_args, dst_args,
                                                                                NocOptVals{.vc = vc, .trid = id});
    }
    template <typename Src, typename Dst>
    void async_read(const Src& src, const Dst& dst, uint32_t size, const src_args_t<Src>& src_args,
                    const dst_args_t<Dst>& dst_args, uint32_t vc, uint32_t id = NO_ID) const {
        async_read<TxnIdMode::DISABLED>(src, dst, size, src_args, dst_args, vc, id);
    }

    template <VcSelection vc_mode, uint32_t max_page_size = ANY_LENGTH, typename Src>
    void set_async_read_state(const Src& src, uint32_t size, const src_args_t<Src>& src_args, uint8_t vc = 0) const {
        self().template set_async_read_state<options_of(vc_mode), max_page_size>(src, size, src_args,
                                                                                 NocOptVals{.vc = vc});
    }
    template <typename Src>
    void set_async_read_state(const Src& src, uint32_t size, const src_args_t<Src>& src_args, uint32_t vc) const {
        set_async_read_state<VcSelection::DEFAULT>(src, size, src_args, vc);
    }

    template <VcSelection vc_mode, uint32_t max_page_size = ANY_LENGTH, typename Src, typename Dst>
    void async_read_with_state(const Src& src, const Dst& dst, uint32_t size, const src_args_t<Src>& src_args,
                               const dst_args_t<Dst>& dst_args, uint8_t vc = 0) const {
        self().template async_read_with_state<options_of(vc_mode), max_page_size>(src, dst, size, src_args, dst_args,
                                                                                  NocOptVals{.vc = vc});
    }
    template <typename Src, typename Dst>
    void async_read_with_state(const Src& src, const Dst& dst, uint32_t size, const src_args_t<Src>& src_args,
                               const dst_args_t<Dst>& dst_args, uint32_t vc) const {
        async_read_with_state<VcSelection::DEFAULT>(src, dst, size, src_args, dst_args, vc);
    }

    // ---- writes

    template <TxnIdMode id_mode, ResponseMode response = ResponseMode::NON_POSTED, uint32_t max_page_size = ANY_LENGTH,
              bool tracing = true, typename Src, typename Dst>
    void async_write(const Src& src, const Dst& dst, uint32_t size, const src_args_t<Src>& src_args,
                     const dst_args_t<Dst>& dst_args, uint32_t vc = NOC_UNICAST_WRITE_VC, uint32_t id = NO_ID) const {
        self().template async_write<options_of(id_mode) | options_of(response), max_page_size, tracing>(
            src, dst, size, src_args, dst_args, NocOptVals{.vc = vc, .trid = id});
    }
    template <typename Src, typename Dst>
    void async_write(const Src& src, const Dst& dst, uint32_t size, const src_args_t<Src>& src_args,
                     const dst_args_t<Dst>& dst_args, uint32_t vc, uint32_t id = NO_ID) const {
        async_write<TxnIdMode::DISABLED>(src, dst, size, src_args, dst_args, vc, id);
    }

    template <ResponseMode response, uint32_t max_page_size = ANY_LENGTH, typename Dst>
    void set_async_write_state(const Dst& dst, uint32_t size, const dst_args_t<Dst>& dst_args,
                               uint8_t vc = NOC_UNICAST_WRITE_VC) const {
        self().template set_async_write_state<options_of(response), max_page_size>(dst, size, dst_args,
                                                                                   NocOptVals{.vc = vc});
    }
    template <typename Dst>
    void set_async_write_state(const Dst& dst, uint32_t size, const dst_args_t<Dst>& dst_args, uint32_t vc) const {
        set_async_write_state<ResponseMode::NON_POSTED>(dst, size, dst_args, vc);
    }

    template <ResponseMode response, uint32_t max_page_size = ANY_LENGTH, typename Src, typename Dst>
    void async_write_with_state(const Src& src, const Dst& dst, uint32_t size, const src_args_t<Src>& src_args,
                                const dst_args_t<Dst>& dst_args, uint8_t vc = NOC_UNICAST_WRITE_VC) const {
        self().template async_write_with_state<options_of(response), max_page_size>(src, dst, size, src_args, dst_args,
                                                                                    NocOptVals{.vc = vc});
    }
    template <typename Src, typename Dst>
    void async_write_with_state(const Src& src, const Dst& dst, uint32_t size, const src_args_t<Src>& src_args,
                                const dst_args_t<Dst>& dst_args, uint32_t vc) const {
        async_write_with_state<ResponseMode::NON_POSTED>(src, dst, size, src_args, dst_args, vc);
    }

    template <McastMode mcast, TxnIdMode id_mode = TxnIdMode::DISABLED,
              ResponseMode response = ResponseMode::NON_POSTED, uint32_t max_page_size = ANY_LENGTH,
              bool tracing = true, typename Src, typename Dst>
    void async_write_multicast(const Src& src, const Dst& dst, uint32_t size, uint32_t num_dests,
                               const src_args_t<Src>& src_args, const dst_args_mcast_t<Dst>& dst_args,
                               bool linked = false, uint32_t = NO_ID) const {
        constexpr NocOptions options = options_of(mcast) | options_of(id_mode) | options_of(response);
        self().template async_write_multicast<options, max_page_size, tracing>(src, dst, size, num_dests, src_args,
                                                                               dst_args, linked);
    }

    template <TxnIdMode id_mode, InlineWriteDst place = InlineWriteDst::DEFAULT,
              ResponseMode response = ResponseMode::NON_POSTED, typename Dst>
    void inline_dw_write(const Dst& dst, uint32_t value, const dst_args_t<Dst>& dst_args, uint8_t byte_enable = 0xF,
                         uint32_t vc = NOC_UNICAST_WRITE_VC, uint32_t id = NO_ID) const {
        self().template inline_dw_write<options_of(id_mode) | options_of(place) | options_of(response)>(
            dst, value, dst_args, byte_enable, NocOptVals{.vc = vc, .trid = id});
    }
    template <typename Dst>
    void inline_dw_write(const Dst& dst, uint32_t value, const dst_args_t<Dst>& dst_args, uint8_t byte_enable,
                         uint32_t vc, uint32_t id = NO_ID) const {
        inline_dw_write<TxnIdMode::DISABLED>(dst, value, dst_args, byte_enable, vc, id);
    }

    // ---- barriers

    template <BarrierMode which>
    void async_read_barrier(uint32_t id = NO_ID) const {
        self().template async_read_barrier<options_of(which)>(NocOptVals{.trid = id});
    }
    template <BarrierMode which>
    void async_write_barrier(uint32_t id = NO_ID) const {
        self().template async_write_barrier<options_of(which)>(NocOptVals{.trid = id});
    }
    template <ResponseMode response, BarrierMode which = BarrierMode::FULL>
    void async_writes_flushed(uint32_t id = NO_ID) const {
        self().template async_writes_flushed<options_of(response) | options_of(which)>(NocOptVals{.trid = id});
    }
};

}  // namespace tthal

#pragma clang attribute pop
