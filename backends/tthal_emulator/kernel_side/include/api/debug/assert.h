// ASSERT: a condition that must hold; here it is checked always. May stand in what is evaluated when compiling.
#pragma once

#include "tthal/border/abi.h"

#define ASSERT(condition, ...) \
    ((condition) ? static_cast<void>(0) : ::tthal::misuse(::tthal::Misuse::ASSERTION, __LINE__))
#define LLK_ASSERT(condition, ...) ASSERT(condition)
#define ASSERT_ENABLED 1
