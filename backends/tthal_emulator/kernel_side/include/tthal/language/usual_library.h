// Those standard headers that most kernels do with: a third of the time that all of them take. Which names they have is
// listed in program/source/standard_names.py.
#pragma once

#include <array>
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
#include <tuple>
#include <type_traits>
#include <utility>

// Parts of <algorithm>, whose algorithms for ranges take longer than all that is here.
#if __has_include(<__algorithm/minmax.h>)
#include <__algorithm/clamp.h>
#include <__algorithm/max.h>
#include <__algorithm/min.h>
#include <__algorithm/minmax.h>
#else
#include <algorithm>
#endif

#include "tthal/language/unwanted_macros.h"
