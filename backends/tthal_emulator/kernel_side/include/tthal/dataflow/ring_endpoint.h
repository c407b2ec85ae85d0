// The NoC arguments that all ring buffers share: an offset here, and the rectangle of a multicast.
#pragma once

#include "api/dataflow/noc.h"

// Always inlined, so that a site is the kernel's line.
#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

namespace tthal {

struct RingArgs {
    uint32_t offset_bytes{};
};

struct RingMulticastArgs {
    uint32_t noc_x_start{};
    uint32_t noc_y_start{};
    uint32_t noc_x_end{};
    uint32_t noc_y_end{};
    uint32_t offset_bytes{};
};

// `Source` and `Target` tell where reading and writing begin in L1.
template <typename Ring, auto Source, auto Target>
struct RingTraits {
    using src_args_type = RingArgs;
    using dst_args_type = RingArgs;
    using dst_args_mcast_type = RingMulticastArgs;

    template <Noc::AddressType type>
    static uint32_t src_addr(const Ring& ring, const Noc&, const src_args_type& args) {
        static_assert(type == Noc::AddressType::LOCAL_L1, "a buffer of this core is no remote source");
        return Source(ring) + args.offset_bytes;
    }
    template <Noc::AddressType type>
    static uint32_t dst_addr(const Ring& ring, const Noc&, const dst_args_type& args) {
        static_assert(type == Noc::AddressType::LOCAL_L1, "a buffer of this core is no remote destination");
        return Target(ring) + args.offset_bytes;
    }
    template <Noc::AddressType type>
    static uint64_t dst_addr_mcast(const Ring& ring, const Noc& noc, const dst_args_mcast_type& args) {
        static_assert(type == Noc::AddressType::NOC, "a rectangle of cores is no L1 address");
        return get_noc_multicast_addr(args.noc_x_start, args.noc_y_start, args.noc_x_end, args.noc_y_end,
                                      Target(ring) + args.offset_bytes, noc.get_noc_id());
    }
};

}  // namespace tthal

#pragma clang attribute pop
