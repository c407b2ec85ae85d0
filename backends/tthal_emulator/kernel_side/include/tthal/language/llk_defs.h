// The enumerations of the low-level kernels; data-movement kernels use some of them too (device-api.md §4).
#pragma once

#include <cstdint>

#include "tthal/border/formats.h"

namespace ckernel {

enum class SrcOrder : uint8_t { Regular, Reverse };
enum class DstSync : uint8_t { SyncHalf = 0, SyncFull = 1 };
enum class DataLayout : uint8_t { TILE, ROW_MAJOR };
enum class RoundingMode : uint8_t { None, Trunc, Floor };
enum class DstRoundingMode : uint8_t { Default, NearestEven };

// Which faces of a tile an SFPU operation works on: R the upper two, C the left two, None the first.
enum class VectorMode : uint8_t { None = 0, R = 1, C = 2, RC = 4, RC_custom = 6, Invalid = 0xFF };

enum class ReduceDim : uint8_t { REDUCE_ROW, REDUCE_COL, REDUCE_SCALAR };
enum class PoolType : uint8_t { SUM, AVG, MAX, MIN };
enum class EltwiseBinaryType : uint8_t { ELWMUL, ELWDIV, ELWADD, ELWSUB, ELWLESS };
enum class EltwiseBinaryReuseDestType { NONE = 0, DEST_TO_SRCA = 1, DEST_TO_SRCB = 2 };
enum class BroadcastType : uint8_t { NONE = 0, COL = 1, ROW = 2, SCALAR = 3 };

constexpr auto ELWADD = EltwiseBinaryType::ELWADD, ELWSUB = EltwiseBinaryType::ELWSUB,
               ELWMUL = EltwiseBinaryType::ELWMUL;

enum class ReluType : uint8_t { NO_RELU, ZERO_RELU, MIN_THRESHOLD_RELU, MAX_THRESHOLD_RELU };

// The packer's rectifier; the threshold is a bfloat16 pattern (float16 where the packer works on that).
class ReluConfig {
public:
    static constexpr ReluConfig none() { return {ReluType::NO_RELU, 0}; }
    static constexpr ReluConfig zero() { return {ReluType::ZERO_RELU, 0}; }
    static constexpr ReluConfig min_threshold(uint32_t threshold) { return {ReluType::MIN_THRESHOLD_RELU, threshold}; }
    static constexpr ReluConfig max_threshold(uint32_t threshold) { return {ReluType::MAX_THRESHOLD_RELU, threshold}; }
    static constexpr ReluConfig from_packed(uint32_t packed) {
        return {static_cast<ReluType>(packed & 3), packed >> 16 & 0xFFFF};
    }
    constexpr ReluType get_mode() const { return mode; }
    constexpr uint32_t get_threshold() const { return threshold; }

private:
    constexpr ReluConfig(ReluType mode, uint32_t threshold) : mode(mode), threshold(threshold) {}

    ReluType mode;
    uint32_t threshold;
};

}  // namespace ckernel
