// Tile operations as SIMD, equal bit for bit to the `fast` grade that backends/tthal_emulator/tensix defines in numpy.
#pragma once

#include "tthal/tensix.h"

namespace tthal::tensix {

// DataFormat codes of 32x32 tiles that these functions unpack and pack: Float32 and Float16_b.
constexpr uint8_t FLOAT32 = 0, FLOAT16_B = 5;
constexpr bool simd_knows(uint8_t format) { return format == FLOAT32 || format == FLOAT16_B; }

void simd_copy(uint8_t format, uint32_t address, uint32_t* dst);
void simd_binary(BinaryOperation operation, uint8_t format0, uint32_t address0, uint8_t format1, uint32_t address1,
                 uint32_t* dst, bool accumulate);
void simd_matmul(uint8_t format0, uint32_t address0, uint8_t format1, uint32_t address1, uint32_t* dst, bool transpose);
void simd_pack(uint8_t format, const uint32_t* dst, uint32_t address);

}  // namespace tthal::tensix
