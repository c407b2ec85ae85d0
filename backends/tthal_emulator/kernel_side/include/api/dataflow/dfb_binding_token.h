// Names of dataflow buffers as kernels are given them: `dfb::NAME`, see tthal_emulator/preamble.py.
#pragma once

#include <cstdint>

namespace dfb {
enum class AccessPattern : uint8_t { STRIDED, BLOCKED, ALL, UNKNOWN };
}  // namespace dfb

template <dfb::AccessPattern Producer = dfb::AccessPattern::UNKNOWN,
          dfb::AccessPattern Consumer = dfb::AccessPattern::UNKNOWN>
struct DFBBindingToken {
    uint16_t id;

    explicit constexpr DFBBindingToken(uint16_t number) noexcept : id(number) {}
    constexpr operator uint32_t() const noexcept { return id; }
};
