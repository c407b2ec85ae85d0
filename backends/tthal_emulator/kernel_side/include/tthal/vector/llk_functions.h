// Functions of the low-level kernel layer for custom vector code: namespace ckernel::sfpu, on sfpi's vectors.
//
// They are computed as the compute API's operations are, by the grade; the template argument is_fp32_dest_acc_en says
// whether a result is rounded to bfloat16, as it does there.
#pragma once

#include "tthal/vector/llk_sfpu.h"
#include "tthal/vector/sfpu_api.h"

namespace tthal::sfpu {

// A function of lanes on the 32 of a vector.
template <typename Function>
inline sfpi::vFloat on_lanes(sfpi::vFloat x, Function function) {
    constexpr uint32_t PARTS = sfpi::impl_::LANES / WIDTH;
    sfpi::impl_::Bits bits = x.get();
    U parts[PARTS];
    __builtin_memcpy(parts, &bits, sizeof parts);
    for (U& part : parts) part = bits_of(F(function(as_float(part))));
    __builtin_memcpy(&bits, parts, sizeof parts);
    return sfpi::vFloat(bits);
}

// The same of two vectors.
template <typename Function>
inline sfpi::vFloat on_lanes(sfpi::vFloat x, sfpi::vFloat y, Function function) {
    constexpr uint32_t PARTS = sfpi::impl_::LANES / WIDTH;
    sfpi::impl_::Bits a = x.get(), b = y.get();
    U parts[PARTS], others[PARTS];
    __builtin_memcpy(parts, &a, sizeof parts);
    __builtin_memcpy(others, &b, sizeof others);
    for (uint32_t i = 0; i < PARTS; i++) parts[i] = bits_of(F(function(as_float(parts[i]), as_float(others[i]))));
    __builtin_memcpy(&a, parts, sizeof parts);
    return sfpi::vFloat(a);
}

template <bool is_fp32_dest_acc_en>
inline sfpi::vFloat as_stored(sfpi::vFloat x) {
    if constexpr (is_fp32_dest_acc_en) return x;
    else return sfpi::convert<sfpi::vFloat16b>(x, sfpi::RoundMode::Nearest);
}

// A function of vectors on `count` vectors from dst_reg on, `step` apart.
template <typename Function>
inline void on_vectors(uint32_t count, uint32_t step, Function function) {
    for (uint32_t vector = 0; vector < count; vector++) {
        sfpi::dst_reg[0] = function(static_cast<sfpi::vFloat>(sfpi::dst_reg[0]));
        sfpi::dst_reg += static_cast<int32_t>(step);
    }
}

}  // namespace tthal::sfpu

namespace ckernel {

enum class BinaryOp : uint8_t { ADD = 0, SUB = 1, MUL = 2, DIV = 3, RSUB = 4, POW = 5 };
enum { ADD_UNARY, SUB_UNARY, MUL_UNARY, DIV_UNARY, RSUB_UNARY };

}  // namespace ckernel

namespace ckernel::sfpu {

struct Converter {
    static constexpr float as_float(uint32_t bits) { return __builtin_bit_cast(float, bits); }
};

// c0 + x (c1 + x (c2 + ..)); coefficients are floats or vectors.
struct PolynomialEvaluator {
    template <typename X>
    static constexpr auto eval(X) {
        return X{0};
    }
    template <typename X, typename Coefficient>
    static constexpr auto eval(X, Coefficient c) {
        return c;
    }
    template <typename X, typename Coefficient, typename... Others>
    static constexpr auto eval(X x, Coefficient c, Others... others) {
        return c + x * eval(x, others...);
    }
};

// What the hardware's versions keep in registers and tables is not needed.
template <auto... settings>
inline void sfpu_reciprocal_init() {}
template <auto... settings>
inline void recip_init() {}
template <auto... settings>
inline void sigmoid_init() {}
template <auto... settings>
inline void silu_init() {}
template <auto... settings>
inline void gelu_init() {}

// ---- functions of a vector

template <int max_iter = 2>
inline sfpi::vFloat sfpu_reciprocal_iter(sfpi::vFloat x) {
    using namespace tthal::unit;
    return tthal::sfpu::on_lanes(x, [](F v) { return inverse<max_iter>(v); });
}

template <bool is_fp32_dest_acc_en>
inline sfpi::vFloat _sfpu_exp_21f_bf16_(sfpi::vFloat x) {
    using namespace tthal::unit;
    return tthal::sfpu::as_stored<is_fp32_dest_acc_en>(tthal::sfpu::on_lanes(x, [](F v) { return exp_short(v); }));
}
template <bool is_fp32_dest_acc_en>
inline sfpi::vFloat _sfpu_exp_accurate_(sfpi::vFloat x) {
    using namespace tthal::unit;
    const auto function = [](F v) { return exp_for<is_fp32_dest_acc_en>(v); };
    return tthal::sfpu::as_stored<is_fp32_dest_acc_en>(tthal::sfpu::on_lanes(x, function));
}
// The scale is a bfloat16 pattern.
template <bool scale_en, bool is_fp32_dest_acc_en>
inline sfpi::vFloat _ckernel_sfpu_exp_accurate_(sfpi::vFloat x, uint32_t scale) {
    return _sfpu_exp_accurate_<is_fp32_dest_acc_en>(scale_en ? x * Converter::as_float(scale << 16) : x);
}

template <bool is_fp32_dest_acc_en>
inline sfpi::vFloat _sfpu_sigmoid_(sfpi::vFloat x) {
    using namespace tthal::unit;
    return tthal::sfpu::as_stored<is_fp32_dest_acc_en>(
        tthal::sfpu::on_lanes(x, [](F v) { return sigmoid_for<is_fp32_dest_acc_en>(v); }));
}

// The integer part of x * 2^23, for x from 0 to 255: as a float, 2^(x - 127) with a fraction that is not bent.
inline sfpi::vInt _float_to_int32_for_exp_21f_(sfpi::vFloat x) {
    using namespace sfpi::impl_;
    return sfpi::vInt(each<Bits>(x.lanes(), [](float v) -> uint32_t {
        return v > 0.0f ? static_cast<uint32_t>((v < 255.0f ? v : 255.0f) * 0x1p23f) : 0u;
    }));
}

// The integer part; what 32 bits do not hold becomes the nearest that they do. `positive` takes no notice of the sign.
inline sfpi::vInt _float_to_int32_(sfpi::vFloat x) {
    using namespace sfpi::impl_;
    return sfpi::vInt(each<Bits>(x.lanes(), [](float v) -> uint32_t {
        return static_cast<uint32_t>(v >= 0x1p31f ? 0x7FFFFFFF : v > -0x1p31f ? static_cast<int32_t>(v) : -0x7FFFFFFF - 1);
    }));
}
inline sfpi::vInt _float_to_int32_positive_(sfpi::vFloat x) { return _float_to_int32_(sfpi::abs(x)); }

// Names of 2025.
template <auto... settings>
inline void _init_reciprocal_() {}
template <int max_iter = 2>
inline sfpi::vFloat _sfpu_reciprocal_(sfpi::vFloat x) {
    return sfpu_reciprocal_iter<max_iter>(x);
}
template <bool is_fp32_dest_acc_en>
inline sfpi::vFloat _sfpu_exp_21f_(sfpi::vFloat x) {
    return _sfpu_exp_21f_bf16_<is_fp32_dest_acc_en>(x);
}

// ---- functions of a face; `iterations` vectors from dst_reg on

template <bool is_fp32_dest_acc_en, int iterations = 8>
inline void calculate_silu() {
    using namespace tthal::unit;
    tthal::sfpu::on_vectors(iterations, 1, [](sfpi::vFloat x) {
        return tthal::sfpu::as_stored<is_fp32_dest_acc_en>(tthal::sfpu::on_lanes(x, [](F v) { return silu(v); }));
    });
}
template <bool approximate, bool is_fp32_dest_acc_en, int iterations = 8>
inline void calculate_gelu() {
    using namespace tthal::unit;
    tthal::sfpu::on_vectors(iterations, 1, [](sfpi::vFloat x) {
        return tthal::sfpu::as_stored<is_fp32_dest_acc_en>(
            tthal::sfpu::on_lanes(x, [](F v) { return gelu<approximate>(v); }));
    });
}

template <bool approximate, int operation, int iterations = 8, bool is_fp32_dest_acc_en = false>
inline void calculate_binop_with_scalar(uint32_t scalar_bits) {
    static_assert(operation >= ADD_UNARY && operation <= RSUB_UNARY, "calculate_binop_with_scalar: no such operation");
    const float scalar = Converter::as_float(scalar_bits);
    tthal::sfpu::on_vectors(iterations, 1, [=](sfpi::vFloat x) -> sfpi::vFloat {
        if constexpr (operation == ADD_UNARY) return x + scalar;
        else if constexpr (operation == SUB_UNARY) return x - scalar;
        else if constexpr (operation == RSUB_UNARY) return scalar - x;
        else return x * scalar;  // for a division the scalar is the reciprocal
    });
}

// As the binary operations of the compute API: sums are cut to a 16-bit DST, products and quotients rounded to even.
template <bool approximate, BinaryOp operation, int iterations = 8, bool is_fp32_dest_acc_en = false>
inline void calculate_sfpu_binary(uint32_t dst0, uint32_t dst1, uint32_t out) {
    using namespace tthal::sfpu;
    constexpr uint32_t TILE = sfpi::impl_::VECTORS_PER_TILE;
    for (uint32_t vector = 0; vector < iterations; vector++) {
        const sfpi::vFloat a = sfpi::dst_reg[dst0 * TILE], b = sfpi::dst_reg[dst1 * TILE];
        if constexpr (operation == BinaryOp::ADD) sfpi::dst_reg[out * TILE] = a + b;
        else if constexpr (operation == BinaryOp::SUB) sfpi::dst_reg[out * TILE] = a - b;
        else if constexpr (operation == BinaryOp::RSUB) sfpi::dst_reg[out * TILE] = b - a;
        else if constexpr (operation == BinaryOp::MUL || operation == BinaryOp::DIV) {
            sfpi::vFloat result = a * b;
            if constexpr (operation == BinaryOp::DIV)
                result = on_lanes(a, b, [](F x, F y) { return tthal::unit::quotient(x, y); });
            if constexpr (!is_fp32_dest_acc_en) {
                result = on_lanes(result, [](F x) { return as_float(round_to_bfloat16(bits_of(x))); });
                // In a 16-bit DST nothing times anything is nothing, as in the matrix unit.
                if constexpr (operation == BinaryOp::MUL) {
                    v_if (a == 0.0f || b == 0.0f) {
                        result = 0.0f;
                    }
                    v_endif;
                }
            }
            sfpi::dst_reg[out * TILE] = result;
        } else static_assert(operation != operation, "calculate_sfpu_binary: ADD, SUB, RSUB, MUL and DIV are emulated");
        sfpi::dst_reg++;
    }
}

}  // namespace ckernel::sfpu
