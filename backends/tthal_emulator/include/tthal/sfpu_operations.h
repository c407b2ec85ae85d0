// The operations of the vector unit by number of operand tiles; sfpu.h declares them, docs/sfpu.md describes them.
#pragma once

#define TTHAL_SFPU_EXPONENTIAL(X) \
    X(exp_tile) X(exp2_tile) X(expm1_tile) X(log_tile) X(log_with_base_tile) X(log1p_tile) X(sigmoid_tile) X(silu_tile) \
    X(tanh_tile) X(tanh_derivative_tile) X(tanhshrink_tile) X(softcap_tile) X(softplus_tile) X(mish_tile) X(elu_tile) \
    X(celu_tile) X(selu_tile) X(xielu_tile) X(power_tile) X(power_iterative_tile) X(rpow_tile) X(sinh_tile) X(cosh_tile)

#define TTHAL_SFPU_SPECIAL(X) \
    X(gelu_tile) X(gelu_tanh_tile) X(gelu_derivative_tile) X(erf_tile) X(erfc_tile) X(erfinv_tile) X(i0_tile) X(i1_tile) \
    X(lgamma_tile) X(lgamma_stirling_tile) X(digamma_tile) X(polygamma_tile)

#define TTHAL_SFPU_CIRCULAR(X) \
    X(sin_tile) X(cos_tile) X(tan_tile) X(asin_tile) X(acos_tile) X(atan_tile) X(asinh_tile) X(acosh_tile) X(atanh_tile)

#define TTHAL_SFPU_ALGEBRAIC(X) \
    X(sqrt_tile) X(rsqrt_tile) X(recip_tile) X(cbrt_tile) X(square_tile) X(add_unary_tile) X(sub_unary_tile) \
    X(mul_unary_tile) X(div_unary_tile) X(rsub_unary_tile) X(rdiv_tile) X(rdiv_trunc_tile) X(rdiv_floor_tile) \
    X(softsign_tile) X(softshrink_tile) X(hardshrink_tile) X(hardsigmoid_tile) X(hardswish_tile) X(hardmish_tile) \
    X(prelu_tile) X(fmod_tile) X(remainder_tile) X(floor_tile) X(ceil_tile) X(trunc_tile) X(frac_tile) X(round_tile) \
    X(stochastic_round_tile)

#define TTHAL_SFPU_SELECTING(X) \
    X(abs_tile) X(negative_tile) X(sign_tile) X(signbit_tile) X(identity_tile) X(relu_tile) X(relu_max_tile) \
    X(relu_min_tile) X(clamp_tile) X(hardtanh_tile) X(unary_max_tile) X(unary_min_tile) X(heaviside_tile) \
    X(threshold_tile) X(gtz_tile) X(gez_tile) X(ltz_tile) X(lez_tile) X(eqz_tile) X(nez_tile) X(unary_gt_tile) \
    X(unary_ge_tile) X(unary_lt_tile) X(unary_le_tile) X(unary_eq_tile) X(unary_ne_tile) X(isinf_tile) X(isposinf_tile) \
    X(isneginf_tile) X(isnan_tile) X(isfinite_tile) X(logical_not_tile) X(fill_tile) X(tiled_prod_tile) \
    X(alt_complex_rotate90_tile)

#define TTHAL_SFPU_INTEGER(X) \
    X(abs_tile_int32) X(negative_tile_int32) X(signbit_tile_int32) X(add_unary_tile_int32) X(sub_unary_tile_int32) \
    X(rsub_unary_int32_tile) X(clamp_tile_int32) X(unary_max_int32_tile) X(unary_min_int32_tile) \
    X(unary_max_uint32_tile) X(unary_min_uint32_tile) X(relu_tile_int32) X(relu_max_tile_int32) X(relu_min_tile_int32) \
    X(relu_max_tile_uint32) X(relu_min_tile_uint32) X(relu_max_tile_uint16) X(relu_min_tile_uint16) X(gtz_tile_int32) \
    X(gez_tile_int32) X(ltz_tile_int32) X(lez_tile_int32) X(eqz_tile_int32) X(nez_tile_int32) X(eqz_tile_uint16) \
    X(nez_tile_uint16) X(unary_gt_tile_int32) X(unary_ge_tile_int32) X(unary_lt_tile_int32) X(unary_le_tile_int32) \
    X(unary_eq_tile_int32) X(unary_ne_tile_int32) X(logical_not_tile_int32) X(logical_not_tile_uint16) \
    X(identity_tile_uint32) X(fill_tile_int) X(fill_tile_uint16) X(remainder_tile_uint32) X(bitwise_and_tile) \
    X(bitwise_or_tile) X(bitwise_xor_tile) X(bitwise_not_tile) X(bitwise_and_tile_uint16) X(bitwise_or_tile_uint16) \
    X(bitwise_xor_tile_uint16) X(left_shift_tile) X(right_shift_tile) X(logical_right_shift_tile) \
    X(left_shift_tile_uint16) X(right_shift_tile_uint16) X(sfpu_sum_int_col) X(sfpu_sum_int_row)

#define TTHAL_SFPU_TYPECAST(X) \
    X(cast_identity) X(cast_fp32_to_fp16b) X(cast_float_to_int32) X(cast_float_to_uint32) X(cast_float_to_uint16) \
    X(cast_float_to_uint8) X(cast_int32_to_float) X(cast_uint32_to_float) X(cast_uint16_to_float) \
    X(cast_int32_to_uint16) X(cast_uint32_to_uint16) X(cast_uint32_to_uint8) X(cast_uint16_to_uint8) \
    X(cast_uint16_to_int32) X(cast_int8_to_int32) X(cast_int8_to_uint16) X(cast_int8_to_float)

#define TTHAL_SFPU_RANDOM(X) X(rand_tile) X(dropout_tile)

#define TTHAL_SFPU_UNARY(X) \
    TTHAL_SFPU_EXPONENTIAL(X) TTHAL_SFPU_SPECIAL(X) TTHAL_SFPU_CIRCULAR(X) TTHAL_SFPU_ALGEBRAIC(X) TTHAL_SFPU_SELECTING(X) \
    TTHAL_SFPU_INTEGER(X) TTHAL_SFPU_TYPECAST(X) TTHAL_SFPU_RANDOM(X)

#define TTHAL_SFPU_BINARY(X) \
    X(add_binary_tile) X(sub_binary_tile) X(mul_binary_tile) X(div_binary_tile) X(rsub_binary_tile) \
    X(add_binary_rounded_tile) X(sub_binary_rounded_tile) X(rsub_binary_rounded_tile) X(power_binary_tile) \
    X(xlogy_binary_tile) X(atan2_binary_tile) X(logaddexp_binary_tile) X(logaddexp2_binary_tile) X(fmod_binary_tile) \
    X(remainder_binary_tile) X(nextafter_binary_tile) X(nextafter_bf16_binary_tile) X(isclose_binary_tile) \
    X(isclose_equal_nan_binary_tile) X(logsigmoid_tile) X(situ_glu_tile) X(clamped_silu_glu_tile) X(eq_binary_tile) \
    X(ne_binary_tile) X(lt_binary_tile) X(gt_binary_tile) X(le_binary_tile) X(ge_binary_tile) X(binary_max_tile) \
    X(binary_min_tile) X(mask_tile) X(mask_tile_int) X(mask_posinf_tile) \
    X(add_int_tile) X(sub_int_tile) X(rsub_int_tile) X(mul_int_tile) X(add_uint16_tile) X(sub_uint16_tile) \
    X(rsub_uint16_tile) X(mul_uint16_tile) X(div_int32_tile) X(div_int32_floor_tile) X(div_int32_trunc_tile) \
    X(fmod_int32_tile) X(remainder_int32_tile) X(remainder_uint32_tile) X(gcd_tile) X(lcm_tile) \
    X(binary_max_int32_tile) X(binary_min_int32_tile) X(binary_max_uint32_tile) X(binary_min_uint32_tile) \
    X(eq_int_tile) X(ne_int_tile) X(lt_int_tile) X(gt_int_tile) X(le_int_tile) X(ge_int_tile) X(lt_uint32_tile) \
    X(gt_uint32_tile) X(le_uint32_tile) X(ge_uint32_tile) X(eq_uint16_tile) X(ne_uint16_tile) X(lt_uint16_tile) \
    X(gt_uint16_tile) X(le_uint16_tile) X(ge_uint16_tile) X(bitwise_and_binary_tile) X(bitwise_or_binary_tile) \
    X(bitwise_xor_binary_tile) X(bitwise_and_binary_uint16_tile) X(bitwise_or_binary_uint16_tile) \
    X(bitwise_xor_binary_uint16_tile) X(binary_left_shift_tile) X(binary_right_shift_tile) \
    X(binary_logical_right_shift_tile) X(binary_left_shift_uint16_tile) X(binary_right_shift_uint16_tile) \
    X(quant_tile) X(requant_tile) X(dequant_tile) \
    X(bcast_col_add) X(bcast_col_sub) X(bcast_col_mul) X(bcast_row_add) X(bcast_row_sub) X(bcast_row_mul)

#define TTHAL_SFPU_TERNARY(X) \
    X(where_tile) X(where_tile_int32) X(lerp_tile) X(addcmul_tile) X(addcdiv_tile) X(mac_tile) X(snake_beta_tile) \
    X(lgamma_adjusted_tile)
