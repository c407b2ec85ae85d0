// Numbers to integers of 8 bits with a scale and a zero point, and back, in float32.
#pragma once

#include "tthal/vector/sfpu_math.h"

namespace tthal::sfpu {

// What integers are made: 32 bits wide within +-127, from 0 to 255, or one signed byte in a word.
enum class Quantized : uint8_t { INT32, UINT8, INT8 };

struct Quantizer {
    float zero_point = 0.0f;
    Quantized output = Quantized::INT32;
};
inline Quantizer quantizer;

inline I round_half_away(F x) { return __builtin_convertvector(trunc(x + copy_sign(F(0.5f), x)), I); }

inline I quantize(F x, F scale) {
    const F scaled = x * scale + quantizer.zero_point;
    if (quantizer.output == Quantized::UINT8) return round_half_away(clamp(scaled, F(0.0f), F(255.0f)));
    // The hardware's kernels round an unsigned byte and move it down.
    if (quantizer.output == Quantized::INT8)
        return as_int(bits_of(round_half_away(clamp(scaled + 128.0f, F(0.0f), F(255.0f))) - 128) & 0xFF);
    return round_half_away(clamp(scaled, F(-127.0f), F(127.0f)));
}
// The zero point comes negated.
inline F dequantize(F x, F scale) { return (x + quantizer.zero_point) * scale; }

// A signed byte of a word, as the unpacker delivers Int8 in the dress of UInt8.
inline I from_byte(I x) { return as_int(bits_of(x) << 24) >> 24; }

inline F numbers(I x) { return __builtin_convertvector(x, F); }
inline F same_bits(I x) { return as_float(bits_of(x)); }

}  // namespace tthal::sfpu
