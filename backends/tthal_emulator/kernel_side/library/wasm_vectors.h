// Those instructions for vectors that the library uses, under the names that clang's <wasm_simd128.h> has for all of
// them. To parse that header takes longer than to parse a source of the library with all else that it includes.
#pragma once

#include <stdint.h>

typedef int32_t v128_t __attribute__((vector_size(16)));

namespace tthal::wasm {

typedef int8_t Bytes __attribute__((vector_size(16)));
typedef int16_t Halves __attribute__((vector_size(16)));
typedef uint16_t UnsignedHalves __attribute__((vector_size(16)));
typedef int32_t Words __attribute__((vector_size(16)));
typedef uint32_t UnsignedWords __attribute__((vector_size(16)));
typedef float Floats __attribute__((vector_size(16)));
typedef int64_t Longs __attribute__((vector_size(16)));
typedef v128_t Anywhere __attribute__((aligned(1), may_alias));
typedef int64_t LongAnywhere __attribute__((aligned(1), may_alias));

}  // namespace tthal::wasm

// As with the instructions, debug information knows only where they stand.
#define TTHAL_INSTRUCTION static inline __attribute__((always_inline, nodebug))
#define TTHAL_BINARY(name, type, expression) \
    TTHAL_INSTRUCTION v128_t name(v128_t left, v128_t right) { \
        const tthal::wasm::type a = (tthal::wasm::type)left, b = (tthal::wasm::type)right; \
        return (v128_t)(expression); \
    }
#define TTHAL_SHIFT(name, type, expression) \
    TTHAL_INSTRUCTION v128_t name(v128_t value, uint32_t bits) { \
        const tthal::wasm::type a = (tthal::wasm::type)value; \
        const uint32_t b = bits % (8 * sizeof a[0]); \
        return (v128_t)(expression); \
    }

TTHAL_INSTRUCTION v128_t wasm_v128_load(const void* from) { return *static_cast<const tthal::wasm::Anywhere*>(from); }
TTHAL_INSTRUCTION void wasm_v128_store(void* to, v128_t value) { *static_cast<tthal::wasm::Anywhere*>(to) = value; }
TTHAL_INSTRUCTION void wasm_v128_store64_lane(void* to, v128_t value, int lane) {
    *static_cast<tthal::wasm::LongAnywhere*>(to) = ((tthal::wasm::Longs)value)[lane];
}

TTHAL_INSTRUCTION v128_t wasm_i8x16_splat(int8_t value) { return (v128_t)(tthal::wasm::Bytes{} + value); }
TTHAL_INSTRUCTION v128_t wasm_u16x8_splat(uint16_t value) { return (v128_t)(tthal::wasm::UnsignedHalves{} + value); }
TTHAL_INSTRUCTION v128_t wasm_u32x4_splat(uint32_t value) { return (v128_t)(tthal::wasm::UnsignedWords{} + value); }
TTHAL_INSTRUCTION v128_t wasm_f32x4_splat(float value) {
    return (v128_t)tthal::wasm::Floats{value, value, value, value};
}
TTHAL_INSTRUCTION v128_t wasm_u32x4_make(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
    return (v128_t)tthal::wasm::UnsignedWords{a, b, c, d};
}
TTHAL_INSTRUCTION uint32_t wasm_u32x4_extract_lane(v128_t value, int lane) {
    return ((tthal::wasm::UnsignedWords)value)[lane];
}

TTHAL_BINARY(wasm_v128_and, Words, a & b)
TTHAL_BINARY(wasm_v128_andnot, Words, a & ~b)
TTHAL_BINARY(wasm_v128_or, Words, a | b)
TTHAL_BINARY(wasm_v128_xor, Words, a ^ b)
TTHAL_BINARY(wasm_i32x4_add, Words, a + b)
TTHAL_BINARY(wasm_i32x4_sub, Words, a - b)
TTHAL_BINARY(wasm_i32x4_eq, Words, a == b)
TTHAL_BINARY(wasm_i32x4_ne, Words, a != b)
TTHAL_BINARY(wasm_i16x8_eq, Halves, a == b)
TTHAL_BINARY(wasm_u16x8_min, UnsignedHalves, __builtin_elementwise_min(a, b))
TTHAL_BINARY(wasm_u32x4_gt, UnsignedWords, a > b)
TTHAL_BINARY(wasm_u32x4_min, UnsignedWords, __builtin_elementwise_min(a, b))
TTHAL_BINARY(wasm_u32x4_max, UnsignedWords, __builtin_elementwise_max(a, b))
TTHAL_BINARY(wasm_f32x4_add, Floats, a + b)
TTHAL_BINARY(wasm_f32x4_sub, Floats, a - b)
TTHAL_BINARY(wasm_f32x4_mul, Floats, a* b)
TTHAL_BINARY(wasm_f32x4_ne, Floats, a != b)
TTHAL_BINARY(wasm_u8x16_narrow_i16x8, Halves, __builtin_wasm_narrow_u_i8x16_i16x8(a, b))
TTHAL_BINARY(wasm_i16x8_narrow_i32x4, Words, __builtin_wasm_narrow_s_i16x8_i32x4(a, b))
TTHAL_BINARY(wasm_u16x8_narrow_i32x4, Words, __builtin_wasm_narrow_u_i16x8_i32x4(a, b))
TTHAL_SHIFT(wasm_i32x4_shl, Words, a << b)
TTHAL_SHIFT(wasm_i32x4_shr, Words, a >> b)
TTHAL_SHIFT(wasm_u32x4_shr, UnsignedWords, a >> b)
TTHAL_SHIFT(wasm_u16x8_shr, UnsignedHalves, a >> b)

TTHAL_INSTRUCTION bool wasm_v128_any_true(v128_t value) {
    return __builtin_wasm_any_true_v128((tthal::wasm::Bytes)value);
}
TTHAL_INSTRUCTION v128_t wasm_v128_bitselect(v128_t a, v128_t b, v128_t mask) { return (a & mask) | (b & ~mask); }
TTHAL_INSTRUCTION v128_t wasm_f32x4_floor(v128_t value) {
    return (v128_t)__builtin_elementwise_floor((tthal::wasm::Floats)value);
}
TTHAL_INSTRUCTION v128_t wasm_f32x4_convert_i32x4(v128_t value) {
    return (v128_t)__builtin_convertvector(value, tthal::wasm::Floats);
}
TTHAL_INSTRUCTION v128_t wasm_i32x4_trunc_sat_f32x4(v128_t value) {
    return (v128_t)__builtin_wasm_trunc_saturate_s_i32x4_f32x4((tthal::wasm::Floats)value);
}

#undef TTHAL_BINARY
#undef TTHAL_SHIFT
#undef TTHAL_INSTRUCTION

// Lanes of both, those of the second counted on; they must be constants. Not a shuffle of the language: of several that
// follow each other the compiler would make others.
#define TTHAL_BYTES_2(lane) 2 * (lane), 2 * (lane) + 1
#define TTHAL_BYTES_4(lane) TTHAL_BYTES_2(2 * (lane)), TTHAL_BYTES_2(2 * (lane) + 1)
#define wasm_i8x16_shuffle(a, b, ...) \
    ((v128_t)__builtin_wasm_shuffle_i8x16((tthal::wasm::Bytes)(a), (tthal::wasm::Bytes)(b), __VA_ARGS__))
#define wasm_i16x8_shuffle(a, b, c, d, e, f, g, h, i, j) \
    wasm_i8x16_shuffle(a, b, TTHAL_BYTES_2(c), TTHAL_BYTES_2(d), TTHAL_BYTES_2(e), TTHAL_BYTES_2(f), TTHAL_BYTES_2(g), \
                       TTHAL_BYTES_2(h), TTHAL_BYTES_2(i), TTHAL_BYTES_2(j))
#define wasm_i32x4_shuffle(a, b, c, d, e, f) \
    wasm_i8x16_shuffle(a, b, TTHAL_BYTES_4(c), TTHAL_BYTES_4(d), TTHAL_BYTES_4(e), TTHAL_BYTES_4(f))
