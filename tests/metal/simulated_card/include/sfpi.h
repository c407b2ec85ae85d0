/* Stand-in for the vendor's vector-unit header: enough for kernels that do not use the vector unit. */
#pragma once
namespace sfpi {
/* How SFPLOADI takes its immediate: as a bfloat16 (instruction set documentation, SFPLOADI, MOD0_FLOATB). */
constexpr unsigned SFPLOADI_MOD0_FLOATB = 0;
}  // namespace sfpi
