// Macros of compute kernels. One processor stands for the three TRISCs, so what is selective on hardware runs once, in
// the order of the source.
#pragma once

#include "tthal/attributes.h"
#include "tthal/llk_defs.h"

#define UNPACK(...) __VA_ARGS__
#define MATH(...) __VA_ARGS__
#define PACK(...) __VA_ARGS__

#define TRISC_UNPACK
#define TRISC_MATH
#define TRISC_PACK
#define UCK_CHLKC_UNPACK
#define UCK_CHLKC_MATH
#define UCK_CHLKC_PACK
