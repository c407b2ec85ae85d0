// Macros of compute kernels. One processor stands for the three TRISCs, so what is selective on hardware runs once, in
// the order of the source.
#pragma once

#include "tthal/language/attributes.h"
#include "tthal/compute/compute_threads.h"
#include "tthal/language/llk_defs.h"

#define UNPACK(...) __VA_ARGS__
#define MATH(...) __VA_ARGS__

// An expression, which the double parentheses of PACK((…)) tell from declarations and blocks, runs as PACK's thread.
#define PACK(...) TTHAL_JOIN(TTHAL_PACK_, TTHAL_PARENTHESISED(__VA_ARGS__))(__VA_ARGS__)
#define TTHAL_PACK_0(...) __VA_ARGS__
#define TTHAL_PACK_1(...) ::tthal::tensix::PackThread{}, __VA_ARGS__
#define TTHAL_PARENTHESISED(first, ...) TTHAL_SECOND(TTHAL_IS_CALLED first, 0, 0)
#define TTHAL_IS_CALLED(...) 0, 1
#define TTHAL_SECOND(...) TTHAL_SECOND_OF(__VA_ARGS__)
#define TTHAL_SECOND_OF(first, second, ...) second
#define TTHAL_JOIN(a, b) TTHAL_JOINED(a, b)
#define TTHAL_JOINED(a, b) a##b

#define TRISC_UNPACK
#define TRISC_MATH
#define TRISC_PACK
#define UCK_CHLKC_UNPACK
#define UCK_CHLKC_MATH
#define UCK_CHLKC_PACK
