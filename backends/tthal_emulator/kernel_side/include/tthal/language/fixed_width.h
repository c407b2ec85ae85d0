// The C++ types behind the fixed-width names, as the vendor's compiler has them (RISC-V with newlib): 32 bits are `long`,
// an address is `int`. Overloads, specialisations and std::max(x, 5ul) choose by these. wasm32 has them the other way
// round; its C library leaves out what is defined already. size_t stays `unsigned long` here and ptrdiff_t `long`, where
// the vendor's are `int`: the language ties them to sizeof and to the difference of pointers (docs/write-a-program.md).
#pragma once

#ifdef __wasm__
typedef long int32_t;
typedef unsigned long uint32_t;
typedef int intptr_t;
typedef unsigned int uintptr_t;
#define __DEFINED_int32_t
#define __DEFINED_uint32_t
#define __DEFINED_intptr_t
#define __DEFINED_uintptr_t

// The fast types are made from those above; the vendor's are `int`.
#define int_fast16_t __tthal_int_fast16_t
#define int_fast32_t __tthal_int_fast32_t
#define uint_fast16_t __tthal_uint_fast16_t
#define uint_fast32_t __tthal_uint_fast32_t
#define int_fast8_t __tthal_int_fast8_t
#define uint_fast8_t __tthal_uint_fast8_t
#include <stdint.h>
#undef int_fast8_t
#undef uint_fast8_t
#undef int_fast16_t
#undef int_fast32_t
#undef uint_fast16_t
#undef uint_fast32_t
typedef int int_fast8_t, int_fast16_t, int_fast32_t;
typedef unsigned int uint_fast8_t, uint_fast16_t, uint_fast32_t;

// The constants have the types, too: std::min(word, UINT32_MAX) has two of a kind.
#undef INT32_C
#undef UINT32_C
#undef INT32_MAX
#undef INT32_MIN
#undef UINT32_MAX
#undef INT_LEAST32_MAX
#undef INT_LEAST32_MIN
#undef UINT_LEAST32_MAX
#define INT32_C(constant) constant##L
#define UINT32_C(constant) constant##UL
#define INT32_MAX 2147483647L
#define INT32_MIN (-INT32_MAX - 1)
#define UINT32_MAX 4294967295UL
#define INT_LEAST32_MAX INT32_MAX
#define INT_LEAST32_MIN INT32_MIN
#define UINT_LEAST32_MAX UINT32_MAX
#undef INTPTR_MAX
#undef INTPTR_MIN
#undef UINTPTR_MAX
#undef PTRDIFF_MAX
#undef PTRDIFF_MIN
#undef SIZE_MAX
#define INTPTR_MAX 2147483647
#define INTPTR_MIN (-INTPTR_MAX - 1)
#define UINTPTR_MAX 4294967295U
#define PTRDIFF_MAX INTPTR_MAX
#define PTRDIFF_MIN INTPTR_MIN
#define SIZE_MAX UINTPTR_MAX
#undef INT_FAST8_MAX
#undef INT_FAST8_MIN
#undef UINT_FAST8_MAX
#undef INT_FAST16_MAX
#undef INT_FAST16_MIN
#undef UINT_FAST16_MAX
#undef INT_FAST32_MAX
#undef INT_FAST32_MIN
#undef UINT_FAST32_MAX
#define INT_FAST8_MAX 2147483647
#define INT_FAST8_MIN (-INT_FAST8_MAX - 1)
#define UINT_FAST8_MAX 4294967295U
#define INT_FAST16_MAX INT_FAST8_MAX
#define INT_FAST16_MIN INT_FAST8_MIN
#define UINT_FAST16_MAX UINT_FAST8_MAX
#define INT_FAST32_MAX INT_FAST8_MAX
#define INT_FAST32_MIN INT_FAST8_MIN
#define UINT_FAST32_MAX UINT_FAST8_MAX
#endif
