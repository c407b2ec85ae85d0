// How the headers of vector operations are written: one line per operation.
//
// The functions that the expressions name exist twice: in float32 (sfpu_math.h), and as the vendor's kernels compute them
// on the unit's own arithmetic (exact/). The grade chooses the namespace, `unit`.
//
// Template arguments of the vendor's calls choose approximations, DST modes and the like, and changed between
// generations; `auto...` takes any of them. In float32 results never depend on them: functions are computed as well as
// float32 allows (docs/numerics.md), so an approximation mode is more exact than on hardware.
#pragma once

#include "api/compute/common.h"
#include "tthal/vector/sfpu_math.h"

#if TTHAL_EXACT
#include "tthal/vector/exact/operands.h"
#include "tthal/vector/exact/gelu.h"
#include "tthal/vector/exact/hyperbolic.h"
#include "tthal/vector/exact/integers.h"
#include "tthal/vector/exact/operands_of_two.h"
#include "tthal/vector/exact/power.h"
#include "tthal/vector/exact/rectifiers.h"
#include "tthal/vector/exact/simple.h"
#include "tthal/vector/exact/special_functions.h"
#include "tthal/vector/exact/remaining.h"
namespace tthal {
namespace unit = exact;
}
#else
namespace tthal {
namespace unit = sfpu;
}
#endif

#define TTHAL_INIT(name) \
    template <auto... settings> \
    ALWI void name() { \
        tthal::sfpu::initialised(); \
    }
// Of an operation whose format must be said.
#define TTHAL_INIT_OF_FORMAT(name) \
    template <DataFormat data_format, auto... settings> \
    ALWI void name() { \
        tthal::sfpu::initialised(); \
    }

// x -> expression, on float lanes.
#define TTHAL_UNARY(name, rounding, expression) \
    TTHAL_INIT(name##_tile_init) \
    template <auto... settings> \
    ALWI void name##_tile(uint32_t dst, tthal::sfpu::Faces faces = {}) { \
        using namespace tthal::unit; \
        map(Floats(Store::rounding), dst, [](F x) { return expression; }, faces); \
    }

// The same where the first template argument, `mode`, chooses the vendor's algorithm, and may choose the rounding.
#define TTHAL_UNARY_MODE(name, how, standard, expression) \
    TTHAL_INIT(name##_tile_init) \
    template <auto mode = standard, auto... settings> \
    ALWI void name##_tile(uint32_t dst, tthal::sfpu::Faces faces = {}) { \
        using namespace tthal::unit; \
        constexpr tthal::sfpu::Operation operation(#name "_tile", tthal::sfpu::APPROXIMATE<mode>); \
        map(Floats(how), dst, [](F x) { return expression; }, faces, operation); \
    }

// The same with float parameters, given as patterns.
#define TTHAL_UNARY_1(name, rounding, p, expression) \
    TTHAL_INIT(name##_tile_init) \
    template <auto... settings> \
    ALWI void name##_tile(uint32_t dst, uint32_t p##_bits, tthal::sfpu::Faces faces = {}) { \
        using namespace tthal::unit; \
        const F p = float_parameter(p##_bits); \
        map(Floats(Store::rounding), dst, [=](F x) { return expression; }, faces); \
    }
#define TTHAL_UNARY_2(name, rounding, p, q, expression) \
    TTHAL_INIT(name##_tile_init) \
    template <auto... settings> \
    ALWI void name##_tile(uint32_t dst, uint32_t p##_bits, uint32_t q##_bits) { \
        using namespace tthal::unit; \
        const F p = float_parameter(p##_bits), q = float_parameter(q##_bits); \
        map(Floats(Store::rounding), dst, [=](F x) { return expression; }); \
    }
#define TTHAL_UNARY_3(name, rounding, p, q, r, expression) \
    TTHAL_INIT(name##_tile_init) \
    template <auto... settings> \
    ALWI void name##_tile(uint32_t dst, uint32_t p##_bits, uint32_t q##_bits, uint32_t r##_bits) { \
        using namespace tthal::unit; \
        const F p = float_parameter(p##_bits), q = float_parameter(q##_bits), r = float_parameter(r##_bits); \
        map(Floats(Store::rounding), dst, [=](F x) { return expression; }); \
    }

// The variant that works on the tile that PACK owns.
#define TTHAL_UNARY_PACKED(name, how, standard, expression) \
    TTHAL_INIT(name##_tile_init_pack) \
    template <auto mode = standard, auto... settings> \
    ALWI void name##_tile_pack(uint32_t dst) { \
        using namespace tthal::unit; \
        map_packed(Floats(how), dst, [](F x) { return expression; }); \
    }

// x -> expression on integer lanes (Words: 32 bits, Halves: UInt16), without and with an integer parameter n.
#define TTHAL_INTEGER(name, lanes, expression) \
    template <auto... settings> \
    ALWI void name(uint32_t dst) { \
        using namespace tthal::unit; \
        map(lanes(), dst, [](I x) { return I(expression); }); \
    }
#define TTHAL_INTEGER_1(name, lanes, expression) \
    template <auto... settings> \
    ALWI void name(uint32_t dst, uint32_t parameter) { \
        using namespace tthal::unit; \
        const I n = static_cast<int32_t>(parameter); \
        map(lanes(), dst, [=](I x) { return I(expression); }); \
    }

// (a, b) -> expression on float lanes of two tiles into a third.
#define TTHAL_BINARY(name, rounding, expression) \
    TTHAL_INIT(name##_tile_init) \
    template <auto... settings> \
    ALWI void name##_tile(uint32_t dst0, uint32_t dst1, uint32_t out, tthal::sfpu::Faces faces = {}) { \
        using namespace tthal::unit; \
        map(Floats(Store::rounding), dst0, dst1, out, [](F a, F b) { return expression; }, faces); \
    }
// Up to 0.62 the result went to the first tile.
#define TTHAL_BINARY_IN_PLACE(name) \
    template <auto... settings> \
    ALWI void name##_tile(uint32_t dst0, uint32_t dst1) { \
        name##_tile<settings...>(dst0, dst1, dst0); \
    }

// The same on integer lanes of 32 bits, and of a format that is the first template argument.
#define TTHAL_BINARY_INTEGER(name, expression) \
    TTHAL_INIT(name##_tile_init) \
    template <auto... settings> \
    ALWI void name##_tile(uint32_t dst0, uint32_t dst1, uint32_t out) { \
        using namespace tthal::unit; \
        map(Words(), dst0, dst1, out, [](I a, I b) { return I(expression); }); \
    }
#define TTHAL_BINARY_FORMAT(name, expression) \
    template <DataFormat data_format, auto... settings> \
    ALWI void name##_tile(uint32_t dst0, uint32_t dst1, uint32_t out) { \
        using namespace tthal::unit; \
        map(integers<data_format>(), dst0, dst1, out, [](I a, I b) { return I(expression); }); \
    }
// The same by a name of 2025, which said the format.
#define TTHAL_FORMER_FORMAT(former, today, format) \
    ALWI void former##_tile(uint32_t dst0, uint32_t dst1, uint32_t out) { \
        today##_tile<DataFormat::format>(dst0, dst1, out); \
    }
