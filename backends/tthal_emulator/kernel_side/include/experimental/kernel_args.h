// Arguments by name: `get_arg(args::NAME)`, whose names the preamble declares (tthal_emulator/preamble.py).
#pragma once

#include "tthal/common.h"
#include "tthal/language/token_name.h"

#define TT_KERNEL static inline __attribute__((always_inline))

namespace experimental {

template <typename T>
struct RtaArg {
    uint32_t byte_offset;
};

template <typename T>
struct CrtaArg {
    uint32_t byte_offset;
};

template <typename T>
struct CtaVal {
    T value;
};

template <typename T>
inline T get_arg(RtaArg<T> argument) {
    return get_arg_val<T>(argument.byte_offset / 4);
}

template <typename T>
inline T get_arg(CrtaArg<T> argument) {
    return get_common_arg_val<T>(argument.byte_offset / 4);
}

template <typename T>
constexpr T get_arg(CtaVal<T> argument) {
    return argument.value;
}

}  // namespace experimental
