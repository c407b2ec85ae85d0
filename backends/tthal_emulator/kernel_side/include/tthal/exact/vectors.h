// The widest vectors of the processor that this is compiled for. Every width gives the same bits: where a fused
// multiply-add is used, the product is exact.
#pragma once

#include <stdint.h>

namespace tthal {

#if defined(__AVX512F__)
constexpr uint32_t WIDTH = 16;
#elif defined(__AVX2__)
constexpr uint32_t WIDTH = 8;
#else
constexpr uint32_t WIDTH = 4;
#endif
#if defined(__FMA__) || defined(__aarch64__)
constexpr bool FUSED = true;
#else
constexpr bool FUSED = false;
#endif
#if defined(__SSE4_1__) || defined(__aarch64__) || defined(__wasm_simd128__)
constexpr bool ROUNDS = true;  // has instructions that round to whole numbers
#else
constexpr bool ROUNDS = false;
#endif

typedef float F __attribute__((vector_size(WIDTH * 4), aligned(4), may_alias));
typedef int32_t I __attribute__((vector_size(WIDTH * 4), aligned(4), may_alias));
typedef uint32_t U __attribute__((vector_size(WIDTH * 4), aligned(4), may_alias));
typedef uint8_t Narrow __attribute__((vector_size(WIDTH), aligned(1), may_alias));

inline F fill(float value) {
    F all;
    for (uint32_t i = 0; i < WIDTH; i++) all[i] = value;
    return all;
}
// Any 32-bit integer: which C++ type has a fixed-width name depends on the target.
template <typename Integer>
inline I fill(Integer bits) {
    return I{} + static_cast<int32_t>(bits);
}
inline F as_float(I bits) { return reinterpret_cast<F>(bits); }
inline I as_int(F value) { return reinterpret_cast<I>(value); }

template <typename V, typename T>
V load(const T* from) {
    return *reinterpret_cast<const V*>(from);
}
template <typename V, typename T>
void store(T* to, V value) {
    *reinterpret_cast<V*>(to) = value;
}

inline F multiply_add(F a, F b, F c) {
    if constexpr (FUSED) return __builtin_elementwise_fma(a, b, c);
    else return a * b + c;
}
inline F truncate(F value) {
    if constexpr (ROUNDS) return __builtin_elementwise_trunc(value);
    else return __builtin_convertvector(__builtin_convertvector(value, I), F);
}
inline F floor(F value) {
    if constexpr (ROUNDS) return __builtin_elementwise_floor(value);
    const F cut = truncate(value);
    return cut + __builtin_convertvector(reinterpret_cast<I>(cut > value), F);
}
inline I truncate_to_int(F value) { return __builtin_convertvector(value, I); }
inline I floor_to_int(F value) { return __builtin_convertvector(floor(value), I); }

}  // namespace tthal
