// The vector unit: functions on lanes, applied to tiles in DST.
//
// Lanes are computed in float32, four at a time, in the exact grade sixteen: its chains of dependent instructions are
// long, and four of them side by side fill a processor. What is stored is what DST holds (numerics.md §6.2): a 16-bit DST keeps
// the upper half of the pattern: cut off (Store::CUT) or, in operations that the vendor ends with a rounding, rounded to
// nearest, halves away from zero (Store::ROUND) or to even (Store::EVEN); denormals become signed zeros. Integers lie in DST as two's complement of 32 bits; UInt16
// in the upper half of a 16-bit datum, in both halves of a 32-bit one (the unpacker writes the lower, the packer reads
// the upper).
#pragma once

#include "tthal/border/formats.h"
#include "tthal/language/llk_defs.h"
#include "tthal/border/tensix.h"
#include "tthal/vector/set_up.h"

namespace tthal::sfpu {

#if TTHAL_EXACT
constexpr uint32_t WIDTH = 16;
#else
constexpr uint32_t WIDTH = 4;
#endif
using F = float __attribute__((ext_vector_type(WIDTH)));
using I = int __attribute__((ext_vector_type(WIDTH)));
using U = unsigned __attribute__((ext_vector_type(WIDTH)));
// Lanes in memory, which is aligned for four of them.
typedef U InMemory __attribute__((aligned(16)));
inline U lanes_at(const uint32_t* at) { return *reinterpret_cast<const InMemory*>(at); }
inline void put_lanes(uint32_t* at, U lanes) { *reinterpret_cast<InMemory*>(at) = lanes; }

// What the host's instructions take: four lanes. `function` is applied to them in turn.
using Quad = float __attribute__((ext_vector_type(4)));
template <typename Function, typename First, typename... Rest>
inline First by_quads(Function function, First first, Rest... rest) {
    if constexpr (sizeof(First) == sizeof(Quad)) return function(first, rest...);
    else {
        First result;
        result.lo = by_quads(function, first.lo, rest.lo...);
        result.hi = by_quads(function, first.hi, rest.hi...);
        return result;
    }
}

inline U bits_of(F x) { return __builtin_bit_cast(U, x); }
inline U bits_of(I x) { return __builtin_bit_cast(U, x); }
inline F as_float(U x) { return __builtin_bit_cast(F, x); }
inline I as_int(U x) { return __builtin_bit_cast(I, x); }
inline float as_float(uint32_t x) { return __builtin_bit_cast(float, x); }
inline float float_parameter(uint32_t bits) { return as_float(bits); }

// A mask has all bits of a lane set or none, as comparisons of vectors give it.
inline U select(I mask, U yes, U no) { return (yes & bits_of(mask)) | (no & ~bits_of(mask)); }
inline F select(I mask, F yes, F no) { return as_float(select(mask, bits_of(yes), bits_of(no))); }
inline I select(I mask, I yes, I no) { return as_int(select(mask, bits_of(yes), bits_of(no))); }
// Denormals count as zeros of their sign in arithmetic.
inline F flushed(F x) { return as_float(bits_of(x) & ~(bits_of((bits_of(x) & 0x7F800000) == U(0)) >> 1)); }
inline F truth(I mask) { return select(mask, F(1.0f), F(0.0f)); }

// ---- DST as operands

// OWN: the exact functions round themselves, the float32 ones as ROUND.
enum class Store { CUT, ROUND, EVEN, OWN };

// As integer arithmetic does it.
inline U round_to_bfloat16(U bits) {
    const U rounded = bits + 0x7FFF + (bits >> 16 & 1);
    return select((bits & 0x7FFFFFFF) > U(0x7F800000), bits | 0x00400000, rounded);
}

// As SFP_STOCH_RND does it: NaN becomes infinity, denormals and -0 become +0.
inline U round_half_away_to_bfloat16(U bits) {
    const U sign = bits & 0x80000000, magnitude = bits & 0x7FFFFFFF;
    const U number = select(magnitude > U(0x7F800000), U(0x7F800000), magnitude) + 0x8000;
    return select(magnitude < U(0x00800000), U(0), sign | number);
}

// A 16-bit DST of float16: the fraction is cut to 10 bits, exponents saturate, what is smaller becomes a signed zero.
inline U cut_to_float16(U bits) {
    const U sign = bits & 0x80000000, magnitude = bits & 0x7FFFE000;
    const U saturated = select(magnitude > U(0x47FFE000), U(0x47FFE000), magnitude);
    return sign | select(magnitude < U(0x38800000), U(0), saturated);
}

class Floats {
public:
    explicit Floats(Store store = Store::CUT)
        : wide_(processor().fp32_dest), float16_(tensix::dst_holds_float16()), store_(store) {}

    F load(const uint32_t* at) const { return as_float(lanes_at(at)); }
    void store(uint32_t* at, F value) const {
        U bits = bits_of(value);
        if (!wide_) {
            if (float16_) bits = cut_to_float16(bits);
            else if (store_ == Store::ROUND || store_ == Store::OWN)
                bits = round_half_away_to_bfloat16(bits) & 0xFFFF0000;
            else bits = (store_ == Store::EVEN ? round_to_bfloat16(bits) : bits) & 0xFFFF0000;
        }
        put_lanes(at, bits_of(flushed(as_float(bits))));
    }

protected:
    bool wide_, float16_;

private:
    Store store_;
};

class Words {
public:
    I load(const uint32_t* at) const { return as_int(lanes_at(at)); }
    void store(uint32_t* at, I value) const { put_lanes(at, bits_of(value)); }
};

class Halves {
public:
    Halves() : wide_(processor().fp32_dest) {}
    I load(const uint32_t* at) const {
        const U bits = lanes_at(at);
        return as_int(wide_ ? bits & 0xFFFF : bits >> 16);
    }
    void store(uint32_t* at, I value) const {
        const U half = bits_of(value) & 0xFFFF;
        put_lanes(at, wide_ ? half | half << 16 : half << 16);
    }

private:
    bool wide_;
};

template <DataFormat format>
auto integers() {
    static_assert(format == DataFormat::Int32 || format == DataFormat::UInt32 || format == DataFormat::UInt16 ||
                      format == DataFormat::Int8 || format == DataFormat::UInt8,
                  "an integer format: Int32, UInt32, UInt16, Int8 or UInt8");
    if constexpr (format == DataFormat::UInt16) return Halves();
    else return Words();
}

template <DataFormat format>
constexpr bool is_float =
    format == DataFormat::Float32 || format == DataFormat::Float16_b || format == DataFormat::Float16 ||
    format == DataFormat::Bfp8_b || format == DataFormat::Bfp4_b || format == DataFormat::Tf32;

// Float lanes or integer lanes, by the format of the data.
template <DataFormat format>
auto lanes_of(Store store = Store::CUT) {
    if constexpr (is_float<format>) return Floats(store);
    else return integers<format>();
}

// ---- which lanes

// Older kernels pass the mode as an int.
struct Faces {
    ckernel::VectorMode mode = ckernel::VectorMode::RC;
    constexpr Faces(ckernel::VectorMode mode = ckernel::VectorMode::RC) : mode(mode) {}
    constexpr Faces(int mode) : mode(static_cast<ckernel::VectorMode>(mode)) {}

    constexpr bool has(uint32_t face) const {
        if (mode == ckernel::VectorMode::RC || mode == ckernel::VectorMode::RC_custom) return true;
        if (mode == ckernel::VectorMode::R) return face < 2;
        if (mode == ckernel::VectorMode::C) return face % 2 == 0;
        return face == 0;
    }
    constexpr uint32_t count() const { return has(0) + has(1) + has(2) + has(3); }
};

// A template argument that says which faces an operation works on; older kernels give it as a number.
template <typename First, typename... Rest>
constexpr Faces faces_of(First first, Rest...) {
    if constexpr (std::is_same_v<First, bool>) return {};
    else return Faces(first);
}
constexpr Faces faces_of() { return {}; }

constexpr uint32_t FACE_ROWS = 16;

constexpr uint32_t corner_of(uint32_t face) {
    return (face >> 1) * FACE_ROWS * tensix::TILE_COLUMNS + (face & 1) * FACE_ROWS;
}

// Calls `work` with the place of every group of lanes of the chosen faces.
template <typename Work>
inline void for_each_place(Faces faces, Work work) {
    for (uint32_t face = 0; face < 4; face++) {
        if (!faces.has(face)) continue;
        const uint32_t corner = corner_of(face);
        // One loop, of few rounds per row: what a round needs is set up before it.
        for (uint32_t at = 0; at < FACE_ROWS * FACE_ROWS; at += WIDTH)
            work(corner + at / FACE_ROWS * tensix::TILE_COLUMNS + at % FACE_ROWS);
    }
}

inline I odd_lanes() {
    I result;
    for (uint32_t lane = 0; lane < WIDTH; lane++) result[lane] = lane % 2 != 0 ? -1 : 0;
    return result;
}

// The first `vectors` of each chosen face, as dst_reg counts them: two for every four rows, the even columns first; more
// than eight go on in the faces and tiles behind.
template <typename Lanes, typename Function>
ALWI void map_vectors(Lanes lanes, uint32_t* (*tile_of)(uint32_t), uint32_t dst, Function function, Faces faces,
                      uint32_t vectors, Operation operation = {}) {
    begin(operation, dst, vectors * faces.count());
    constexpr uint32_t PER_FACE = 8;
    const auto map_rows = [&](uint32_t* row, uint32_t count, I kept) {
        for (; count > 0; count--, row += tensix::TILE_COLUMNS)
            for (uint32_t column = 0; column < FACE_ROWS; column += WIDTH) {
                const auto before = lanes.load(row + column);
                lanes.store(row + column, select(kept, before, function(before)));
            }
    };
    for (uint32_t face = 0; face < 4; face++) {
        if (!faces.has(face)) continue;
        for (uint32_t first = 0, place = face; first < vectors; first += PER_FACE, place++) {
            const uint32_t count = vectors - first < PER_FACE ? vectors - first : PER_FACE;
            uint32_t* corner = tile_of(dst + place / 4) + corner_of(place % 4);
            map_rows(corner, count / 2 * 4, I(0));
            if (count % 2 != 0) map_rows(corner + count / 2 * 4 * tensix::TILE_COLUMNS, 4, odd_lanes());
        }
    }
}

template <typename Lanes, typename Function>
ALWI void map(Lanes lanes, uint32_t dst, Function function, Faces faces = {}, Operation operation = {}) {
    begin(operation, dst, VECTORS_OF_TILE / 4 * faces.count());
    uint32_t* tile = tensix::math_tile(dst);
    for_each_place(faces, [&](uint32_t at) { lanes.store(tile + at, function(lanes.load(tile + at))); });
}

template <typename Lanes, typename Function>
ALWI void map(Lanes lanes, uint32_t dst0, uint32_t dst1, uint32_t out, Function function, Faces faces = {},
              Operation operation = {}) {
    begin(operation, out, VECTORS_OF_TILE / 4 * faces.count());
    const uint32_t *a = tensix::math_tile(dst0), *b = tensix::math_tile(dst1);
    uint32_t* target = tensix::math_tile(out);
    for_each_place(faces,
                   [&](uint32_t at) { lanes.store(target + at, function(lanes.load(a + at), lanes.load(b + at))); });
}

template <typename Lanes, typename Function>
ALWI void map(Lanes lanes, uint32_t dst0, uint32_t dst1, uint32_t dst2, uint32_t out, Function function,
              Operation operation = {}) {
    begin(operation, out);
    const uint32_t *a = tensix::math_tile(dst0), *b = tensix::math_tile(dst1), *c = tensix::math_tile(dst2);
    uint32_t* target = tensix::math_tile(out);
    for_each_place({}, [&](uint32_t at) {
        lanes.store(target + at, function(lanes.load(a + at), lanes.load(b + at), lanes.load(c + at)));
    });
}

// The same on a tile that PACK owns: the _pack variants of some operations.
template <typename Lanes, typename Function>
inline void map_packed(Lanes lanes, uint32_t dst, Function function, Faces faces = {}) {
    uint32_t* tile = tensix::pack_thread_tile(dst);
    for_each_place(faces, [&](uint32_t at) { lanes.store(tile + at, function(lanes.load(tile + at))); });
}

}  // namespace tthal::sfpu
