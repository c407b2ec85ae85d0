// The vector unit as kernels drive it: operations on the DST tiles of the section that MATH (or PACK) owns.
// Implemented in runtime/on_demand/sfpu_*.cpp; docs/sfpu.md says what they compute and how exactly.
#pragma once

#include "tthal/llk_defs.h"
#include "tthal/sfpu_operations.h"
#include "tthal/tensix.h"

namespace tthal::sfpu {

using ckernel::VectorMode;

// What an operation covers: the faces that a vector mode names, `passes` vectors of 32 datums in each of them (eight are
// a face), and whose section the tile is in.
class Part {
public:
    constexpr Part(VectorMode mode = VectorMode::RC, uint32_t passes = 8)
        : code(static_cast<uint32_t>(mode) | passes << 8) {}
    // PACK runs the operation on its own section, behind MATH's back.
    constexpr Part in_pack() const {
        Part part = *this;
        part.code |= PACK_SECTION;
        return part;
    }
    constexpr VectorMode mode() const { return static_cast<VectorMode>(code & 0xFF); }
    constexpr uint32_t passes() const { return code >> 8 & 0xFF; }
    constexpr bool is_in_pack() const { return code & PACK_SECTION; }

private:
    static constexpr uint32_t PACK_SECTION = 1 << 16;
    uint32_t code;
};

constexpr Part PACK_PART = Part().in_pack();

// Parameter words are float32 patterns or integers, as the operation's header says.
#define TTHAL_DECLARE(name) void name(uint32_t dst, Part part = {}, uint32_t a = 0, uint32_t b = 0, uint32_t c = 0);
TTHAL_SFPU_UNARY(TTHAL_DECLARE)
#undef TTHAL_DECLARE

#define TTHAL_DECLARE(name) \
    void name(uint32_t in0, uint32_t in1, uint32_t out, Part part = {}, uint32_t a = 0, uint32_t b = 0);
TTHAL_SFPU_BINARY(TTHAL_DECLARE)
#undef TTHAL_DECLARE

#define TTHAL_DECLARE(name) \
    void name(uint32_t in0, uint32_t in1, uint32_t in2, uint32_t out, Part part = {}, uint32_t a = 0);
TTHAL_SFPU_TERNARY(TTHAL_DECLARE)
#undef TTHAL_DECLARE

}  // namespace tthal::sfpu
