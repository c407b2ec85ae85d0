// The C++ types behind the fixed-width names, as the vendor's compiler has them (RISC-V with newlib): 32 bits are `long`,
// an address is `int`. Overloads, specialisations and std::max(x, 5ul) choose by these. wasm32 has them the other way
// round; its C library leaves out what is defined already. size_t stays `unsigned long` here, where the vendor's is
// `unsigned int`: the language ties it to sizeof (docs/write-a-program.md).
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

#undef INT32_C
#undef UINT32_C
#define INT32_C(constant) constant##L
#define UINT32_C(constant) constant##UL
#endif
