/* Stand-in for the vendor's vector-unit header: its names, so that headers which mention them can be read. Nothing that
 * computes is defined: a kernel that uses the vector unit by these does not link. Instructions that headers write
 * themselves are real ones. */
#pragma once
#include <cstdint>
#include <type_traits>

#define sfpi_inline inline __attribute__((always_inline))
#define v_if(condition) if (static_cast<bool>(condition)) {
#define v_elseif(condition) \
    } \
    else if (static_cast<bool>(condition)) {
#define v_else \
    } \
    else {
#define v_endif }
#define v_block {
#define v_endblock }
#define v_and(condition) static_cast<void>(condition)

namespace sfpi {

/* Any value of the vector unit: everything becomes one, and every operator takes it. */
struct Vector {
    Vector() = default;
    Vector(const Vector&) = default;
    template <typename T>
    Vector(const T&) {}
    const Vector& operator=(const Vector&) const;
    template <typename T>
    const Vector& operator=(const T&) const;
    explicit operator bool() const;
    template <typename T>
    explicit operator T() const;
    Vector operator-() const;
    Vector operator~() const;
    Vector operator!() const;
    const Vector& operator++() const;
    const Vector& operator--() const;
    Vector operator++(int) const;
    Vector operator--(int) const;
    template <typename T>
    Vector operator[](const T&) const;
    template <auto... settings, typename... T>
    Vector mode(T...) const;
    Vector get() const;
    Vector in_use() const;
};

#define TTHAL_OPERATOR(op) \
    template <typename A, typename B> \
        requires(std::is_base_of_v<Vector, A> || std::is_base_of_v<Vector, B>) \
    Vector operator op(const A&, const B&);
TTHAL_OPERATOR(+)
TTHAL_OPERATOR(-)
TTHAL_OPERATOR(*)
TTHAL_OPERATOR(&)
TTHAL_OPERATOR(|)
TTHAL_OPERATOR(^)
TTHAL_OPERATOR(<<)
TTHAL_OPERATOR(>>)
TTHAL_OPERATOR(<)
TTHAL_OPERATOR(>)
TTHAL_OPERATOR(<=)
TTHAL_OPERATOR(>=)
TTHAL_OPERATOR(==)
TTHAL_OPERATOR(!=)
TTHAL_OPERATOR(&&)
TTHAL_OPERATOR(||)
TTHAL_OPERATOR(+=)
TTHAL_OPERATOR(-=)
TTHAL_OPERATOR(*=)
TTHAL_OPERATOR(&=)
TTHAL_OPERATOR(|=)
TTHAL_OPERATOR(^=)
TTHAL_OPERATOR(<<=)
TTHAL_OPERATOR(>>=)
#undef TTHAL_OPERATOR

#define TTHAL_TYPE(name) \
    struct name : Vector { \
        using Vector::Vector; \
        using Vector::operator=; \
        name() = default; \
        name(const name&) = default; \
        name(const Vector&) {} \
        template <typename... T> \
        name(T...) {} \
        const name& operator=(const name&) const; \
    };
TTHAL_TYPE(vFloat)
TTHAL_TYPE(vInt)
TTHAL_TYPE(vUInt)
TTHAL_TYPE(vBool)
TTHAL_TYPE(vMag)
TTHAL_TYPE(vSMag)
TTHAL_TYPE(vSMag8)
TTHAL_TYPE(vSMag16)
TTHAL_TYPE(vInt8)
TTHAL_TYPE(vInt16)
TTHAL_TYPE(vUInt8)
TTHAL_TYPE(vUInt16)
TTHAL_TYPE(vFloat16a)
TTHAL_TYPE(vFloat16b)
TTHAL_TYPE(sFloat16a)
TTHAL_TYPE(sFloat16b)
TTHAL_TYPE(s2vFloat16a)
TTHAL_TYPE(s2vFloat16b)
TTHAL_TYPE(vLut8si)
TTHAL_TYPE(vLut16ii)
TTHAL_TYPE(vLut16ss)
#undef TTHAL_TYPE

extern const Vector dst_reg, l_reg, vConst0, vConst1, vConstNeg1, vConst0p8373, vConstTileId, vConstFloatPrgm0,
    vConstFloatPrgm1, vConstFloatPrgm2, vConstIntPrgm0, vConstIntPrgm1, vConstIntPrgm2;

#define TTHAL_FUNCTION(name) \
    template <auto... settings, typename... T> \
    Vector name(const T&...); \
    template <typename Result, typename... T> \
        requires(sizeof...(T) > 0) \
    Result name(const T&...);
TTHAL_FUNCTION(abs)
TTHAL_FUNCTION(addexp)
TTHAL_FUNCTION(approx_recip)
TTHAL_FUNCTION(as)
TTHAL_FUNCTION(clamp)
TTHAL_FUNCTION(convert)
TTHAL_FUNCTION(copyexp)
TTHAL_FUNCTION(copyman)
TTHAL_FUNCTION(copysgn)
TTHAL_FUNCTION(exexp)
TTHAL_FUNCTION(exman)
TTHAL_FUNCTION(exman8)
TTHAL_FUNCTION(exman9)
TTHAL_FUNCTION(int32_to_float)
TTHAL_FUNCTION(is_finite)
TTHAL_FUNCTION(is_inf)
TTHAL_FUNCTION(is_nan)
TTHAL_FUNCTION(lut)
TTHAL_FUNCTION(lut2)
TTHAL_FUNCTION(lz)
TTHAL_FUNCTION(max)
TTHAL_FUNCTION(min)
TTHAL_FUNCTION(nearby)
TTHAL_FUNCTION(reinterpret)
TTHAL_FUNCTION(setexp)
TTHAL_FUNCTION(setman)
TTHAL_FUNCTION(setsgn)
TTHAL_FUNCTION(setsgn2)
TTHAL_FUNCTION(shft)
#undef TTHAL_FUNCTION

struct lreg_pressure {
    template <typename... T>
    lreg_pressure(const T&...);
};

enum class RoundMode { Nearest, NearestAway, NearestEven, NearestStochastic };
enum class ExponentMode { Biased };
enum class MantissaMode { ImplicitOne };
enum class ShiftMode { Logical, Arithmetic };
enum class DataLayout { Default, F32, FSrcB, I32, M32, U16, U32 };
enum class LutSign { Update, Retain };
enum class LRegs { LReg0, LReg1, LReg2, LReg3, LReg4, LReg5, LReg6, LReg7 };

/* Operands of the instructions that headers write themselves (instruction set documentation, SFP*.md, and include/sfpi of
 * tenstorrent/sfpi). */
constexpr unsigned SFPABS_MOD1_INT = 0, SFPABS_MOD1_FLOAT = 1;
constexpr unsigned SFPARECIP_MOD1_RECIP = 0;
constexpr unsigned SFPCAST_MOD1_INT32_TO_FP32_RNE = 0, SFPCAST_MOD1_SM32_TO_FP32_RNE = 0;
constexpr unsigned SFPEXEXP_MOD1_SET_CC_SGN_EXP = 2, SFPEXEXP_MOD1_SET_CC_COMP_EXP = 8;
constexpr unsigned SFPEXMAN_MOD1_PAD9 = 1;
constexpr unsigned SFPIADD_MOD1_ARG_LREG_DST = 0, SFPIADD_MOD1_ARG_IMM = 1, SFPIADD_MOD1_ARG_2SCOMP_LREG_DST = 2;
constexpr unsigned SFPIADD_MOD1_CC_LT0 = 0, SFPIADD_MOD1_CC_NONE = 4, SFPIADD_MOD1_CC_GTE0 = 8;
constexpr unsigned SFPLOAD_MOD0_FMT_SRCB = 0, SFPLOAD_MOD0_FMT_FP16B = 2;
constexpr unsigned SFPLOADI_MOD0_FLOATB = 0, SFPLOADI_MOD0_FLOATA = 1, SFPLOADI_MOD0_USHORT = 2,
                   SFPLOADI_MOD0_SHORT = 4, SFPLOADI_MOD0_UPPER = 8, SFPLOADI_MOD0_LOWER = 10;
constexpr unsigned SFPLZ_MOD1_CC_NONE = 0, SFPLZ_MOD1_CC_NE0 = 2;
constexpr unsigned SFPMAD_MOD1_OFFSET_NONE = 0;
constexpr unsigned SFPMUL24_MOD1_LOWER = 0, SFPMUL24_MOD1_UPPER = 1;
constexpr unsigned SFPSETCC_MOD1_LREG_LT0 = 0, SFPSETCC_MOD1_LREG_NE0 = 2, SFPSETCC_MOD1_LREG_GTE0 = 4,
                   SFPSETCC_MOD1_LREG_EQ0 = 6;
constexpr unsigned SFPSHFT2_MOD1_SUBVEC_SHFLROR1 = 3, SFPSHFT2_MOD1_SUBVEC_SHFLSHR1 = 4, SFPSHFT2_MOD1_SHFT_IMM = 5,
                   SFPSHFT2_MOD1_SHFT_LREG = 6;
constexpr unsigned SFPSTOCHRND_RND_EVEN = 0, SFPSTOCHRND_MOD1_FP32_TO_FP16B = 1, SFPSTOCHRND_MOD1_FP32_TO_UINT8 = 2,
                   SFPSTOCHRND_MOD1_FP32_TO_INT8 = 3, SFPSTOCHRND_MOD1_FP32_TO_UINT16 = 6,
                   SFPSTOCHRND_MOD1_FP32_TO_INT16 = 7;
constexpr unsigned SFPSTORE_MOD0_FMT_SRCB = 0, SFPSTORE_MOD0_FMT_FP16B = 2;
constexpr unsigned SFPSWAP_MOD1_SWAP = 0, SFPSWAP_MOD1_VEC_MIN_MAX = 1;

}  // namespace sfpi

template <typename... T>
sfpi::Vector __builtin_rvtt_sfpmad(const T&...);
