// How the headers of vector operations are written: one line per operation.
//
// Template arguments of the vendor's calls choose approximations, DST modes and the like, and changed between
// generations; `auto...` takes any of them. Results here never depend on them: functions are computed as well as float32
// allows (docs/numerics.md), so an approximation mode is more exact than on hardware.
#pragma once

#include "api/compute/common.h"
#include "tthal/vector/sfpu_math.h"

namespace tthal::sfpu {

// A template argument that says which faces an operation works on; older kernels give it as a number.
template <typename First, typename... Rest>
constexpr Faces faces_of(First first, Rest...) {
    if constexpr (std::is_same_v<First, bool>) return {};
    else return Faces(first);
}
constexpr Faces faces_of() { return {}; }

inline float float_parameter(uint32_t bits) { return as_float(bits); }

}  // namespace tthal::sfpu

#define TTHAL_INIT(name)           \
    template <auto... settings>    \
    ALWI void name() { tthal::sfpu::initialised(); }

// x -> expression, on float lanes.
#define TTHAL_UNARY(name, rounding, expression)                                                             \
    TTHAL_INIT(name##_tile_init)                                                                            \
    template <auto... settings>                                                                             \
    ALWI void name##_tile(uint32_t dst, tthal::sfpu::Faces faces = {}) {                                    \
        using namespace tthal::sfpu;                                                                        \
        map(Floats(Store::rounding), dst, [](F x) { return F(expression); }, faces);                        \
    }

// The same with float parameters, given as patterns.
#define TTHAL_UNARY_1(name, rounding, p, expression)                                                        \
    TTHAL_INIT(name##_tile_init)                                                                            \
    template <auto... settings>                                                                             \
    ALWI void name##_tile(uint32_t dst, uint32_t p##_bits, tthal::sfpu::Faces faces = {}) {                 \
        using namespace tthal::sfpu;                                                                        \
        const F p = float_parameter(p##_bits);                                                              \
        map(Floats(Store::rounding), dst, [=](F x) { return F(expression); }, faces);                       \
    }
#define TTHAL_UNARY_2(name, rounding, p, q, expression)                                                     \
    TTHAL_INIT(name##_tile_init)                                                                            \
    template <auto... settings>                                                                             \
    ALWI void name##_tile(uint32_t dst, uint32_t p##_bits, uint32_t q##_bits) {                             \
        using namespace tthal::sfpu;                                                                        \
        const F p = float_parameter(p##_bits), q = float_parameter(q##_bits);                               \
        map(Floats(Store::rounding), dst, [=](F x) { return F(expression); });                              \
    }
#define TTHAL_UNARY_3(name, rounding, p, q, r, expression)                                                  \
    TTHAL_INIT(name##_tile_init)                                                                            \
    template <auto... settings>                                                                             \
    ALWI void name##_tile(uint32_t dst, uint32_t p##_bits, uint32_t q##_bits, uint32_t r##_bits) {          \
        using namespace tthal::sfpu;                                                                        \
        const F p = float_parameter(p##_bits), q = float_parameter(q##_bits), r = float_parameter(r##_bits);\
        map(Floats(Store::rounding), dst, [=](F x) { return F(expression); });                              \
    }

// The variant that works on the tile that PACK owns.
#define TTHAL_UNARY_PACKED(name, expression)                                                                \
    TTHAL_INIT(name##_tile_init_pack)                                                                       \
    template <auto... settings>                                                                             \
    ALWI void name##_tile_pack(uint32_t dst) {                                                              \
        using namespace tthal::sfpu;                                                                        \
        map_packed(dst, [](F x) { return F(expression); });                                                 \
    }

// x -> expression on integer lanes (Words: 32 bits, Halves: UInt16), without and with an integer parameter n.
#define TTHAL_INTEGER(name, lanes, expression)                                                              \
    template <auto... settings>                                                                             \
    ALWI void name(uint32_t dst) {                                                                          \
        using namespace tthal::sfpu;                                                                        \
        map(lanes(), dst, [](I x) { return I(expression); });                                               \
    }
#define TTHAL_INTEGER_1(name, lanes, expression)                                                            \
    template <auto... settings>                                                                             \
    ALWI void name(uint32_t dst, uint32_t parameter) {                                                      \
        using namespace tthal::sfpu;                                                                        \
        const I n = static_cast<int32_t>(parameter);                                                        \
        map(lanes(), dst, [=](I x) { return I(expression); });                                              \
    }

// (a, b) -> expression on float lanes of two tiles into a third.
#define TTHAL_BINARY(name, rounding, expression)                                                            \
    TTHAL_INIT(name##_tile_init)                                                                            \
    template <auto... settings>                                                                             \
    ALWI void name##_tile(uint32_t dst0, uint32_t dst1, uint32_t out, tthal::sfpu::Faces faces = {}) {      \
        using namespace tthal::sfpu;                                                                        \
        map(Floats(Store::rounding), dst0, dst1, out, [](F a, F b) { return F(expression); }, faces);       \
    }
// Up to 0.62 the result went to the first tile.
#define TTHAL_BINARY_IN_PLACE(name)                                                                         \
    template <auto... settings>                                                                             \
    ALWI void name##_tile(uint32_t dst0, uint32_t dst1) { name##_tile<settings...>(dst0, dst1, dst0); }

// The same on integer lanes of 32 bits, and of a format that is the first template argument.
#define TTHAL_BINARY_INTEGER(name, expression)                                                              \
    TTHAL_INIT(name##_tile_init)                                                                            \
    template <auto... settings>                                                                             \
    ALWI void name##_tile(uint32_t dst0, uint32_t dst1, uint32_t out) {                                     \
        using namespace tthal::sfpu;                                                                        \
        map(Words(), dst0, dst1, out, [](I a, I b) { return I(expression); });                              \
    }
#define TTHAL_BINARY_FORMAT(name, expression)                                                               \
    template <DataFormat data_format, auto... settings>                                                     \
    ALWI void name##_tile(uint32_t dst0, uint32_t dst1, uint32_t out) {                                     \
        using namespace tthal::sfpu;                                                                        \
        map(integers<data_format>(), dst0, dst1, out, [](I a, I b) { return I(expression); });              \
    }
