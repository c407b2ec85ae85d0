// DST and the local registers as sfpi code names them.
#pragma once

#include "sfpi/vectors.h"
#include "tthal/border/tensix.h"

namespace sfpi {

// How datums are loaded and stored. By default floats go by what DST holds, integers as 32 bits.
enum class DataLayout : uint8_t { Default, F32, F16a, F16b, FSrcB, I32, U32, SM32, U16, I16, U8, I8 };

namespace impl_ {

// The vector that dst_reg[0] means; `dst_reg++` and the face loop of the LLK entry move it.
inline uint32_t dst_position = 0;

constexpr uint32_t VECTORS_PER_TILE = 32, VECTORS_PER_FACE = 8;

// Where a vector begins: it is 4 rows by 8 columns, the even columns of a face's first 4 rows, then the odd ones, then the
// next 4 rows.
inline uint32_t* datums(uint32_t vector) {
    constexpr uint32_t COLUMNS = tthal::tensix::TILE_COLUMNS;
    const uint32_t place = vector % VECTORS_PER_TILE, face = place / VECTORS_PER_FACE;
    const uint32_t row = face / 2 * 16 + place % VECTORS_PER_FACE / 2 * 4, column = face % 2 * 16 + place % 2;
    return tthal::tensix::math_tile(vector / VECTORS_PER_TILE) + row * COLUMNS + column;
}

// Sixteen columns of a face's row, and the eight of one parity.
using Row = unsigned __attribute__((ext_vector_type(16), aligned(4)));
using Octet = unsigned __attribute__((ext_vector_type(8)));

sfpi_inline Octet octet(Bits lanes, uint32_t row) {
    Octet part;
    __builtin_memcpy(&part, reinterpret_cast<const uint32_t*>(&lanes) + 8 * row, sizeof part);
    return part;
}

inline Bits load(uint32_t vector) {
    const uint32_t* from = datums(vector);
    const bool odd = vector % 2;
    alignas(Bits) uint32_t lanes[LANES];
    for (uint32_t row = 0; row < 4; row++) {
        const Row whole = *reinterpret_cast<const Row*>(from - odd + row * tthal::tensix::TILE_COLUMNS);
        const Octet part = odd ? whole.odd : whole.even;
        __builtin_memcpy(lanes + 8 * row, &part, sizeof part);
    }
    Bits result;
    __builtin_memcpy(&result, lanes, sizeof result);
    return result;
}

inline void store(uint32_t vector, Bits lanes) {
    uint32_t* to = datums(vector);
    const bool odd = vector % 2;
    for (uint32_t row = 0; row < 4; row++) {
        Row& whole = *reinterpret_cast<Row*>(to - odd + row * tthal::tensix::TILE_COLUMNS);
        Row changed = whole;
        const Octet mask = octet(enabled, row), part = octet(lanes, row) & mask;
        if (odd) changed.odd = part | (changed.odd & ~mask);
        else changed.even = part | (changed.even & ~mask);
        whole = changed;
    }
}

// What DST keeps of a float32 (numerics.md §6.2): a 16-bit DST cuts bits off, denormals become signed zeros.
inline Bits kept(Bits bits) {
    if (!tthal::processor().fp32_dest) {
        if (tthal::tensix::dst_holds_float16()) {
            const Bits magnitude = bits & 0x7FFFE000;
            const Bits limited = choose(bits_of(magnitude > Bits(0x47FFE000)), Bits(0x47FFE000), magnitude);
            return (bits & SIGN) | (limited & bits_of(magnitude >= Bits(0x38800000)));
        }
        bits &= 0xFFFF0000;
    }
    return bits & (SIGN | bits_of((bits & EXPONENT) != Bits(0)));
}

sfpi_inline Bits sign_magnitude_of(Bits bits) {
    const Bits negative = bits_of(ints_of(bits) < Ints(0));
    return choose(negative, SIGN | ((0 - bits) & MAGNITUDE), bits);
}
sfpi_inline Bits twos_complement_of(Bits bits) {
    const Bits negative = bits_of(ints_of(bits) < Ints(0));
    return choose(negative, 0 - (bits & MAGNITUDE), bits);
}

}  // namespace impl_

// One vector of DST.
class vDReg {
public:
    explicit vDReg(uint32_t vector, DataLayout layout = DataLayout::Default) : vector_(vector), layout_(layout) {}
    vDReg(const vDReg&) = default;

    operator vFloat() const { return vFloat(impl_::load(vector_)); }
    operator vInt() const { return vInt(integers()); }
    operator vUInt() const { return vUInt(integers()); }
    operator vSMag() const { return vSMag(impl_::load(vector_)); }

    // The datums of another layout than the default one; the hardware's address mode changes nothing here.
    template <DataLayout layout>
    vDReg mode(int = 0) const {
        return vDReg(vector_, layout);
    }
    vDReg mode(int) const { return *this; }

    const vDReg& operator=(const vFloat& value) const { return write(impl_::kept(value.get())); }
    const vDReg& operator=(const vInt& value) const { return write(stored(value.get())); }
    const vDReg& operator=(const vUInt& value) const { return write(stored(value.get())); }
    const vDReg& operator=(const vSMag& value) const { return write(value.get()); }
    const vDReg& operator=(float value) const { return *this = vFloat(value); }
    const vDReg& operator=(double value) const { return *this = vFloat(static_cast<float>(value)); }
    const vDReg& operator=(int32_t value) const { return *this = vInt(value); }
    const vDReg& operator=(uint32_t value) const { return *this = vUInt(value); }
    const vDReg& operator=(const vDReg& other) const { return *this = static_cast<vFloat>(other); }

    vFloat operator-() const { return -static_cast<vFloat>(*this); }
#define TTHAL_SFPI_OPERATOR(op, Result) \
    friend Result operator op(const vDReg& a, const vFloat& b) { return static_cast<vFloat>(a) op b; } \
    friend Result operator op(const vFloat& a, const vDReg& b) { return a op static_cast<vFloat>(b); } \
    friend Result operator op(const vDReg& a, const vDReg& b) { \
        return static_cast<vFloat>(a) op static_cast<vFloat>(b); \
    }
    TTHAL_SFPI_OPERATOR(+, vFloat)
    TTHAL_SFPI_OPERATOR(-, vFloat)
    TTHAL_SFPI_OPERATOR(*, vFloat)
    TTHAL_SFPI_OPERATOR(==, vBool)
    TTHAL_SFPI_OPERATOR(!=, vBool)
    TTHAL_SFPI_OPERATOR(<, vBool)
    TTHAL_SFPI_OPERATOR(<=, vBool)
    TTHAL_SFPI_OPERATOR(>, vBool)
    TTHAL_SFPI_OPERATOR(>=, vBool)
#undef TTHAL_SFPI_OPERATOR

private:
    bool is_half() const { return layout_ == DataLayout::U16 || layout_ == DataLayout::I16; }
    // UInt16 is a 16-bit DST's datum; a 32-bit one has it in the lower half, and the packer reads the upper one.
    impl_::Bits integers() const {
        const impl_::Bits bits = impl_::load(vector_);
        if (is_half()) return tthal::processor().fp32_dest ? bits & 0xFFFF : bits >> 16;
        return layout_ == DataLayout::SM32 ? impl_::twos_complement_of(bits) : bits;
    }
    impl_::Bits stored(impl_::Bits bits) const {
        if (is_half()) return (bits & 0xFFFF) * (tthal::processor().fp32_dest ? 0x10001u : 0x10000u);
        return layout_ == DataLayout::SM32 ? impl_::sign_magnitude_of(bits) : bits;
    }
    // Observers hear of every vector that the unit's own program stores.
    const vDReg& write(impl_::Bits bits) const {
        if (tthal::is_announced(tthal::MonitorEvent::VECTOR_OPERATION))
            tthal::announce(tthal::MonitorEvent::VECTOR_OPERATION, tthal::site(), vector_ / impl_::VECTORS_PER_TILE, 0,
                            tthal::name_hash("sfpi"), 1);
        impl_::store(vector_, bits);
        return *this;
    }

    uint32_t vector_;
    DataLayout layout_;
};

namespace impl_ {

class DstRegFile {
public:
    vDReg operator[](int32_t offset) const { return vDReg(dst_position + static_cast<uint32_t>(offset)); }
    void operator++(int) const { dst_position++; }
    void operator++() const { dst_position++; }
    void operator+=(int32_t vectors) const { dst_position += static_cast<uint32_t>(vectors); }
};

}  // namespace impl_

inline constexpr impl_::DstRegFile dst_reg;

// ---- local registers: variables do as well, but kernels may name them

enum class LRegs : uint8_t { LReg0, LReg1, LReg2, LReg3, LReg4, LReg5, LReg6, LReg7 };

class vLReg {
public:
    explicit vLReg(uint32_t index) : index_(index) {}
    template <typename Type>
        requires impl_::is_vector<Type>
    operator Type() const {
        return Type(file()[index_]);
    }
    template <typename Type>
        requires impl_::is_vector<Type>
    const vLReg& operator=(const Type& value) const {
        file()[index_] = impl_::choose(impl_::enabled, value.get(), file()[index_]);
        return *this;
    }
    void in_use() const {}

private:
    static impl_::Bits* file() {
        static impl_::Bits registers[8];
        return registers;
    }

    uint32_t index_;
};

namespace impl_ {

class LRegFile {
public:
    vLReg operator[](LRegs index) const { return vLReg(static_cast<uint32_t>(index)); }
};

}  // namespace impl_

inline constexpr impl_::LRegFile l_reg;

}  // namespace sfpi
