// Calling custom code for the vector unit on DST tiles: the entries of the low-level kernel layer that tutorials use.
//
// A function works on one face of 16 by 16 datums, eight vectors; it is called once for every face that the vector mode
// names, with `dst_reg` at the face's first vector.
#pragma once

#include "api/compute/common.h"
#include "sfpi.h"

namespace tthal::sfpu {

template <typename Function>
inline void for_each_face(uint32_t tile, ckernel::VectorMode mode, Function function) {
    constexpr uint32_t FACE = sfpi::impl_::VECTORS_PER_FACE;
    const bool columns = mode == ckernel::VectorMode::C, rows = mode == ckernel::VectorMode::R;
    const uint32_t count = mode == ckernel::VectorMode::RC ? 4 : rows || columns ? 2 : 1;
    uint32_t& position = sfpi::impl_::dst_position;
    const uint32_t before = position, base = tile * sfpi::impl_::VECTORS_PER_TILE;
    for (uint32_t face = 0; face < count; face++) {
        position = base + face * (columns ? 2 : 1) * FACE;
        function();
    }
    position = before;
}

}  // namespace tthal::sfpu

// Older kernels name the approximation mode as a template argument, and the vector mode as an int.
template <typename Function, typename Mode = ckernel::VectorMode, typename... Arguments>
inline void _llk_math_eltwise_unary_sfpu_params_(Function&& function, uint32_t dst, Mode mode = Mode(4),
                                                 Arguments&&... arguments) {
    tthal::sfpu::for_each_face(dst, static_cast<ckernel::VectorMode>(mode), [&] { function(arguments...); });
}
template <bool approximate, typename Function, typename Mode = ckernel::VectorMode, typename... Arguments>
inline void _llk_math_eltwise_unary_sfpu_params_(Function&& function, uint32_t dst, Mode mode = Mode(4),
                                                 Arguments&&... arguments) {
    tthal::sfpu::for_each_face(dst, static_cast<ckernel::VectorMode>(mode), [&] { function(arguments...); });
}

// The function gets the tiles' indices, and finds a tile's vectors 32 times the index behind `dst_reg`.
template <typename Function, typename Mode = ckernel::VectorMode, typename... Arguments>
inline void _llk_math_eltwise_binary_sfpu_params_(Function&& function, uint32_t dst0, uint32_t dst1, uint32_t out,
                                                  Mode mode = Mode(4), Arguments&&... arguments) {
    tthal::sfpu::for_each_face(0, static_cast<ckernel::VectorMode>(mode),
                               [&] { function(dst0, dst1, out, arguments...); });
}
template <bool approximate, typename Function, typename Mode = ckernel::VectorMode, typename... Arguments>
inline void _llk_math_eltwise_binary_sfpu_params_(Function&& function, uint32_t dst0, uint32_t dst1, uint32_t out,
                                                  Mode mode = Mode(4), Arguments&&... arguments) {
    _llk_math_eltwise_binary_sfpu_params_(function, dst0, dst1, out, mode, arguments...);
}
template <typename Function, typename Mode = ckernel::VectorMode, typename... Arguments>
inline void _llk_math_eltwise_ternary_sfpu_params_(Function&& function, uint32_t dst0, uint32_t dst1, uint32_t dst2,
                                                   uint32_t out, Mode mode = Mode(4), Arguments&&... arguments) {
    tthal::sfpu::for_each_face(0, static_cast<ckernel::VectorMode>(mode),
                               [&] { function(dst0, dst1, dst2, out, arguments...); });
}

// ---- the counter that steps through DST, where kernels move it themselves

namespace tthal::sfpu {

// Steps count from where the last one began, whatever dst_reg did in between.
inline uint32_t dst_carriage = 0;

template <uint32_t clear, uint32_t carriage, uint32_t rows, uint32_t b, uint32_t a, uint32_t counters>
ALWI void step_dst() {
    static_assert(clear == 0 && carriage == 4 && b == 0 && a == 0 && counters == 4,
                  "TTI_SETRWC is emulated for steps of the DST counter: (CLR_NONE, CR_D, rows, 0, 0, SET_D)");
    sfpi::impl_::dst_position = dst_carriage += rows / 2;
}

}  // namespace tthal::sfpu

namespace ckernel {

struct p_setrwc {
    static constexpr uint32_t CLR_NONE = 0, CLR_A = 1, CLR_B = 2, CLR_AB = 3, CR_A = 1, CR_B = 2, CR_D = 4;
    static constexpr uint32_t SET_A = 1, SET_B = 2, SET_AB = 3, SET_D = 4, SET_ABD = 7, SET_F = 8, SET_ABD_F = 15;
};

// Around code that steps through DST itself: it begins and ends at tile 0.
namespace math {
ALWI void set_addr_mod_base() { sfpi::impl_::dst_position = tthal::sfpu::dst_carriage = 0; }
ALWI void clear_addr_mod_base() { set_addr_mod_base(); }
}  // namespace math

}  // namespace ckernel

#define TTI_SETRWC(clear, carriage, d, b, a, counters) (tthal::sfpu::step_dst<clear, carriage, d, b, a, counters>())

namespace ckernel {

enum class SfpuType : uint8_t { unused, exponential, gelu, reciprocal, silu, sigmoid };

// Initialisations run what they are given; the vector unit itself has nothing to prepare.
template <SfpuType operation = SfpuType::unused, auto... settings>
inline void llk_math_eltwise_unary_sfpu_init() {}
template <SfpuType operation = SfpuType::unused, bool approximate = false, typename Function, typename... Arguments>
inline void llk_math_eltwise_unary_sfpu_init(Function function, Arguments... arguments) {
    function(arguments...);
}
template <SfpuType operation = SfpuType::unused, bool approximate = false>
inline void llk_math_eltwise_binary_sfpu_init() {}
template <SfpuType operation = SfpuType::unused, bool approximate = false, typename Function, typename... Arguments>
inline void llk_math_eltwise_binary_sfpu_init(Function function, Arguments... arguments) {
    function(arguments...);
}

}  // namespace ckernel

namespace ckernel::sfpu {
// The unit's settings stay as they are.
inline void _init_sfpu_config_reg() {}
}  // namespace ckernel::sfpu

// Functions of namespace ckernel::sfpu by name; template arguments come in parentheses. The calls stand in parentheses so
// that PACK() sees an expression.
#define TTHAL_SFPU_PLAIN(...) __VA_ARGS__
#define SFPU_UNARY_CALL(DST_SYNC, DST_ACCUM, FN, TEMPLATES, DST, MODE, ...) \
    (_llk_math_eltwise_unary_sfpu_params_(::ckernel::sfpu::FN<TTHAL_SFPU_PLAIN TEMPLATES>, DST, MODE, ##__VA_ARGS__))
#define SFPU_UNARY_CALL_NO_TEMPLATE_ARGS(DST_SYNC, DST_ACCUM, FN, DST, MODE, ...) \
    (_llk_math_eltwise_unary_sfpu_params_(::ckernel::sfpu::FN, DST, MODE, ##__VA_ARGS__))
#define SFPU_BINARY_CALL(DST_SYNC, DST_ACCUM, FN, TEMPLATES, DST0, DST1, OUT, MODE, ...) \
    (_llk_math_eltwise_binary_sfpu_params_(::ckernel::sfpu::FN<TTHAL_SFPU_PLAIN TEMPLATES>, DST0, DST1, OUT, \
                                           MODE, ##__VA_ARGS__))
#define SFPU_BINARY_CALL_NO_TEMPLATE_ARGS(DST_SYNC, DST_ACCUM, FN, DST0, DST1, OUT, MODE, ...) \
    (_llk_math_eltwise_binary_sfpu_params_(::ckernel::sfpu::FN, DST0, DST1, OUT, MODE, ##__VA_ARGS__))
#define SFPU_TERNARY_CALL(DST_SYNC, DST_ACCUM, FN, TEMPLATES, DST0, DST1, DST2, OUT, MODE, ...) \
    (_llk_math_eltwise_ternary_sfpu_params_(::ckernel::sfpu::FN<TTHAL_SFPU_PLAIN TEMPLATES>, DST0, DST1, DST2, OUT, \
                                            MODE, ##__VA_ARGS__))
#define SFPU_UNARY_INIT(OP) ::ckernel::llk_math_eltwise_unary_sfpu_init()
#define SFPU_UNARY_INIT_FN(OP, FN, TEMPLATES) \
    ::ckernel::llk_math_eltwise_unary_sfpu_init(FN<TTHAL_SFPU_PLAIN TEMPLATES>)
#define SFPU_UNARY_INIT_FN_ARGS(OP, FN, TEMPLATES, ...) \
    ::ckernel::llk_math_eltwise_unary_sfpu_init(FN<TTHAL_SFPU_PLAIN TEMPLATES>, ##__VA_ARGS__)
#define SFPU_BINARY_INIT(OP) ::ckernel::llk_math_eltwise_binary_sfpu_init()
#define SFPU_BINARY_INIT_FN(OP, FN, TEMPLATES) \
    ::ckernel::llk_math_eltwise_binary_sfpu_init(FN<TTHAL_SFPU_PLAIN TEMPLATES>)
#define SFPU_BINARY_INIT_FN_NO_ARGS(OP, FN) ::ckernel::llk_math_eltwise_binary_sfpu_init(FN)

// Kernels up to 0.66 name these without their namespace; functions are found by their arguments.
using sfpi::dst_reg, sfpi::l_reg, sfpi::LRegs, sfpi::vFloat, sfpi::vInt, sfpi::vUInt, sfpi::s2vFloat16a,
    sfpi::s2vFloat16b;
using sfpi::RoundMode;
using sfpi::vConst0, sfpi::vConst1, sfpi::vConstNeg1, sfpi::vConst0p8373, sfpi::vConstTileId;
using sfpi::vConstFloatPrgm0, sfpi::vConstFloatPrgm1, sfpi::vConstFloatPrgm2;
using sfpi::vConstIntPrgm0, sfpi::vConstIntPrgm1, sfpi::vConstIntPrgm2;
