// Numbers to integers of 8 bits with a scale and a zero point, and back. The second tile holds the scale, the init calls
// take the zero point as a float32 pattern.
//
// To nearest, halves away from zero. By default the integers are 32 bits wide and saturate at +-127; uint8 saturates at
// 255; int8 is one signed byte in a word, from -128 to 127.
#pragma once

#include "tthal/vector/quantization.h"
#include "tthal/vector/sfpu_api.h"
#if TTHAL_EXACT
#include "tthal/vector/exact/quantization.h"
#endif

namespace ckernel {

#define TTHAL_QUANTIZER(name, form) \
    template <auto... settings> \
    ALWI void name(uint32_t zero_point) { \
        tthal::sfpu::quantizer = {tthal::sfpu::float_parameter(zero_point), tthal::sfpu::Quantized::form}; \
    }
TTHAL_QUANTIZER(quant_tile_init, INT32)
TTHAL_QUANTIZER(quant_uint8_tile_init, UINT8)
TTHAL_QUANTIZER(quant_int8_tile_init, INT8)
TTHAL_QUANTIZER(requant_tile_init, INT32)
TTHAL_QUANTIZER(requant_uint8_tile_init, UINT8)
TTHAL_QUANTIZER(requant_int8_tile_init, INT8)
TTHAL_QUANTIZER(requant_int8_in_tile_init, INT32)
TTHAL_QUANTIZER(requant_int8_in_uint8_out_tile_init, UINT8)
TTHAL_QUANTIZER(requant_int8_in_int8_out_tile_init, INT8)
TTHAL_QUANTIZER(dequant_tile_init, INT32)
TTHAL_QUANTIZER(dequant_int8_tile_init, INT32)
#undef TTHAL_QUANTIZER

// `number` reads the first tile: its words as floats, integers, or bytes.
#define TTHAL_QUANTIZATION(name, number, expression) \
    template <auto... settings> \
    ALWI void name(uint32_t dst0, uint32_t scale_dst, uint32_t out) { \
        using namespace tthal::unit; \
        map(Words(), dst0, scale_dst, out, [](I a, I b) { \
            const F x = number, scale = same_bits(b); \
            return expression; \
        }); \
    }
TTHAL_QUANTIZATION(quant_tile, same_bits(a), quantize(x, scale))
TTHAL_QUANTIZATION(quant_int8_tile, same_bits(a), quantize(x, scale))
TTHAL_QUANTIZATION(requant_tile, numbers(a), quantize(x, scale))
TTHAL_QUANTIZATION(requant_int8_tile, numbers(a), quantize(x, scale))
TTHAL_QUANTIZATION(requant_int8_in_tile, numbers(from_byte(a)), quantize(x, scale))
TTHAL_QUANTIZATION(requant_int8_in_int8_out_tile, numbers(from_byte(a)), quantize(x, scale))
TTHAL_QUANTIZATION(dequant_tile, numbers(a), as_int(bits_of(dequantize(x, scale))))
TTHAL_QUANTIZATION(dequant_int8_tile, numbers(from_byte(a)), as_int(bits_of(dequantize(x, scale))))
#undef TTHAL_QUANTIZATION

}  // namespace ckernel
