// What every compute kernel sees. One processor stands for the three TRISCs, so what is selective on hardware runs once.
#pragma once

#include "tthal/addresses.h"
#include "tthal/circular_buffers.h"
#include "tthal/common.h"
#include "tthal/tensix.h"

#define UNPACK(...) __VA_ARGS__
#define MATH(...) __VA_ARGS__
#define PACK(...) __VA_ARGS__

namespace ckernel {

enum class MathFidelity : uint8_t { LoFi = 0, HiFi2 = 2, HiFi3 = 3, HiFi4 = 4 };

enum class SrcOrder : uint8_t { Regular, Reverse };

enum class EltwiseBinaryType : uint8_t { ELWMUL, ELWDIV, ELWADD, ELWSUB, ELWLESS };
constexpr auto ELWADD = EltwiseBinaryType::ELWADD, ELWSUB = EltwiseBinaryType::ELWSUB, ELWMUL = EltwiseBinaryType::ELWMUL;

}  // namespace ckernel
