// The standard headers that kernels rely on without naming them (device-api.md §5, "pch.h").
#pragma once

#include <algorithm>
#include <atomic>
#include <optional>
#include <string_view>
#include <variant>

#include "tthal/language/usual_library.h"

#include "tthal/language/unwanted_macros.h"
