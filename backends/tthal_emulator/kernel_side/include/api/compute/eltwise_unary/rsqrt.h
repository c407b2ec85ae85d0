// 1 / sqrt(x).
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

enum class RsqrtMode { Default, Fast };
namespace detail {
constexpr bool is_fast(RsqrtMode mode) { return mode == RsqrtMode::Fast; }
// Until 2026 a bool asked for an older algorithm; both give what 0.81.1 computes.
constexpr bool is_fast(bool) { return false; }
}  // namespace detail
TTHAL_UNARY_MODE(rsqrt, Store::ROUND, RsqrtMode::Default, reciprocal_sqrt<detail::is_fast(mode)>(x))

}  // namespace ckernel
