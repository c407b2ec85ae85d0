// Quantization as the kernels of TT-Metal 0.81.1 do it: one multiply-add, then the instruction that rounds.
#pragma once

#include "tthal/vector/exact/conversions.h"
#include "tthal/vector/quantization.h"

namespace tthal::exact {

using sfpu::from_byte, sfpu::Quantized, sfpu::quantizer, sfpu::same_bits;

inline F numbers(I x) { return to_float(x); }

inline I quantize(F x, F scale) {
    const N zero_point =
        quantizer.output == Quantized::INT8 ? N(quantizer.zero_point) + 128.0f : N(quantizer.zero_point);
    const N scaled = N(x) * N(scale) + zero_point;
    if (quantizer.output == Quantized::INT32) return twos_complement(to_integer8(scaled));
    // Of a negative number the magnitude is rounded; only the kernel of signed bytes takes 0 instead.
    if (quantizer.output == Quantized::UINT8) return as_int(to_uint8(scaled));
    return as_int(to_uint8(sfpu::select(is_negative(scaled), F(0.0f), F(scaled))) ^ 0x80);
}
inline F dequantize(F x, F scale) { return mul(add(x, quantizer.zero_point), scale); }

}  // namespace tthal::exact
