// What a call of the NoC object can be asked for beside its endpoints, and what tells an endpoint's address.
#pragma once

#include "tthal/dataflow/noc_commands.h"

struct UnicastEndpoint;
struct MulticastEndpoint;

template <typename T>
struct noc_traits_t {
    static_assert(sizeof(T) == 0, "this type is no endpoint of NoC transfers: specialise noc_traits_t for it");
};

// Whether Noc::async_write_zeros takes it as a destination.
template <typename T>
inline constexpr bool noc_zero_l1_endpoint_v = false;

enum class NocOptions : uint32_t {
    DEFAULT = 0,
    TXN_ID = 1u << 0,
    POSTED = 1u << 1,
    CUSTOM_VC = 1u << 2,
    MCAST_INCL_SRC = 1u << 3,
    INLINE_L1 = 1u << 4,
    INLINE_REG = 1u << 5,
};

constexpr NocOptions operator|(NocOptions a, NocOptions b) noexcept {
    return static_cast<NocOptions>(static_cast<uint32_t>(a) | static_cast<uint32_t>(b));
}

constexpr bool has_flag(NocOptions options, NocOptions flag) noexcept {
    return static_cast<uint32_t>(options) & static_cast<uint32_t>(flag);
}

struct NocOptVals {
    uint32_t vc = NOC_UNICAST_WRITE_VC;
    uint32_t trid = 0;
};
