// The standard headers that kernels rely on without naming them (device-api.md §5, "pch.h").
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <climits>
#include <cmath>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

// The vendor's library has no such macros, and kernels use the names.
#undef M_E
#undef M_LOG2E
#undef M_LOG10E
#undef M_LN2
#undef M_LN10
#undef M_PI
#undef M_PI_2
#undef M_PI_4
#undef M_1_PI
#undef M_2_PI
#undef M_2_SQRTPI
#undef M_SQRT2
#undef M_SQRT1_2
#undef PAGE_SIZE
#undef PAGESIZE
#undef WORD_BIT
#undef LONG_BIT
#undef HUGE
#undef NZERO
#undef BUFSIZ
#undef NAME_MAX
#undef PATH_MAX
#undef IOV_MAX
