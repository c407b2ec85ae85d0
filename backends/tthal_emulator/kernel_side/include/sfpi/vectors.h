// The vector types: vFloat, vInt, vUInt, sign-magnitude and narrow ones, and vBool.
#pragma once

#include "sfpi/lanes.h"
#if TTHAL_EXACT
#include "sfpi/exact_lanes.h"
#endif

namespace sfpi {

class vFloat;
class vProduct;
class vInt;
class vUInt;

// What comparisons give.
class vBool {
public:
    explicit vBool(impl_::Bits mask) : mask_(mask) {}
    explicit vBool(impl_::Ints mask) : mask_(impl_::bits_of(mask)) {}
    impl_::Bits get() const { return mask_; }

    friend vBool operator&&(vBool a, vBool b) { return vBool(a.mask_ & b.mask_); }
    friend vBool operator||(vBool a, vBool b) { return vBool(a.mask_ | b.mask_); }
    vBool operator!() const { return vBool(~mask_); }

private:
    impl_::Bits mask_;
};

namespace impl_ {

// Lanes of any type. Assignments reach enabled lanes only, initialisations all.
class vVal {
public:
    vVal() = default;
    explicit vVal(Bits bits) : bits_(bits) {}
    Bits get() const { return bits_; }

protected:
    void assign(Bits bits) { bits_ = choose(enabled, bits, bits_); }

    Bits bits_ = Bits(0);
};

template <typename Type>
constexpr bool is_vector = std::is_base_of_v<vVal, Type>;

}  // namespace impl_

// 16-bit float patterns, for initialising lanes. A float is cut to bfloat16.
class sFloat16a {
public:
    explicit sFloat16a(float) = delete;
    template <typename Integer>
        requires std::is_integral_v<Integer>
    constexpr explicit sFloat16a(Integer pattern) : pattern_(static_cast<uint16_t>(pattern)) {}
    constexpr uint32_t get() const { return pattern_; }

private:
    uint16_t pattern_;
};

class sFloat16b {
public:
    constexpr explicit sFloat16b(float value) : pattern_(__builtin_bit_cast(uint32_t, value) >> 16) {}
    constexpr explicit sFloat16b(double value) : sFloat16b(static_cast<float>(value)) {}
    template <typename Integer>
        requires std::is_integral_v<Integer>
    constexpr explicit sFloat16b(Integer pattern) : pattern_(static_cast<uint16_t>(pattern)) {}
    constexpr uint32_t get() const { return pattern_; }

private:
    uint16_t pattern_;
};
using s2vFloat16a = sFloat16a;
using s2vFloat16b = sFloat16b;

#define TTHAL_SFPI_COPIES(type, Base) \
    type() = default; \
    type(const type&) = default; \
    explicit type(impl_::Bits bits) : Base(bits) {} \
    type& operator=(const type& other) { \
        this->assign(other.bits_); \
        return *this; \
    }
#define TTHAL_SFPI_COMPOUND(type, op) \
    type& operator op## = (type other) { return *this = *this op other; }

class vFloat : public impl_::vVal {
public:
    TTHAL_SFPI_COPIES(vFloat, vVal)
    vFloat(impl_::Floats lanes) : vVal(impl_::bits_of(lanes)) {}
    vFloat(float value) : vVal(impl_::Bits(__builtin_bit_cast(uint32_t, value))) {}
    vFloat(sFloat16a value) : vFloat(widened(value.get())) {}
    vFloat(sFloat16b value) : vVal(impl_::Bits(value.get() << 16)) {}

    impl_::Floats lanes() const { return impl_::floats_of(bits_); }

#if TTHAL_EXACT
    friend vFloat operator+(vFloat a, vFloat b) { return vFloat(impl_::sum(a.bits_, b.bits_)); }
    friend vFloat operator-(vFloat a, vFloat b) { return vFloat(impl_::sum(a.bits_, b.bits_ ^ impl_::SIGN)); }
    inline friend vProduct operator*(vFloat a, vFloat b);
#else
    friend vFloat operator+(vFloat a, vFloat b) { return a.lanes() + b.lanes(); }
    friend vFloat operator-(vFloat a, vFloat b) { return a.lanes() - b.lanes(); }
    friend vFloat operator*(vFloat a, vFloat b) { return a.lanes() * b.lanes(); }
#endif
    vFloat operator+() const { return *this; }
    vFloat operator-() const { return vFloat(bits_ ^ impl_::SIGN); }
    TTHAL_SFPI_COMPOUND(vFloat, +)
    TTHAL_SFPI_COMPOUND(vFloat, -)
#if TTHAL_EXACT
    inline vFloat& operator+=(vProduct other);
    inline vFloat& operator-=(vProduct other);
    inline vFloat& operator*=(vFloat other);
#else
    TTHAL_SFPI_COMPOUND(vFloat, *)
#endif
    vFloat operator++() { return *this += 1.0f; }
    vFloat operator--() { return *this -= 1.0f; }
    vFloat operator++(int) { return before(*this, 1.0f); }
    vFloat operator--(int) { return before(*this, -1.0f); }

#if TTHAL_EXACT
    friend vBool operator==(vFloat a, vFloat b) { return vBool(a.bits_ == b.bits_); }
    friend vBool operator!=(vFloat a, vFloat b) { return vBool(a.bits_ != b.bits_); }
    friend vBool operator<(vFloat a, vFloat b) { return vBool(impl_::is_less(a.bits_, b.bits_)); }
    friend vBool operator<=(vFloat a, vFloat b) { return vBool(~impl_::is_greater(a.bits_, b.bits_)); }
    friend vBool operator>(vFloat a, vFloat b) { return vBool(impl_::is_greater(a.bits_, b.bits_)); }
    friend vBool operator>=(vFloat a, vFloat b) { return vBool(~impl_::is_less(a.bits_, b.bits_)); }
    // Comparisons with 0 read the sign, so that -0 is negative.
    friend vBool operator<(vFloat a, float b) { return b == 0.0f ? a.has_sign() : a < vFloat(b); }
    friend vBool operator>=(vFloat a, float b) { return b == 0.0f ? !a.has_sign() : a >= vFloat(b); }
    friend vBool operator>(vFloat a, float b) { return b == 0.0f ? !a.has_sign() && a != vFloat(b) : a > vFloat(b); }
    friend vBool operator<=(vFloat a, float b) { return b == 0.0f ? a.has_sign() || a == vFloat(b) : a <= vFloat(b); }
#else
    friend vBool operator==(vFloat a, vFloat b) { return vBool(a.lanes() == b.lanes()); }
    friend vBool operator!=(vFloat a, vFloat b) { return vBool(a.lanes() != b.lanes()); }
    friend vBool operator<(vFloat a, vFloat b) { return vBool(a.lanes() < b.lanes()); }
    friend vBool operator<=(vFloat a, vFloat b) { return vBool(a.lanes() <= b.lanes()); }
    friend vBool operator>(vFloat a, vFloat b) { return vBool(a.lanes() > b.lanes()); }
    friend vBool operator>=(vFloat a, vFloat b) { return vBool(a.lanes() >= b.lanes()); }
#endif

private:
    vBool has_sign() const { return vBool(impl_::ints_of(bits_) < impl_::Ints(0)); }
    static vFloat before(vFloat& value, float step) {
        const vFloat old = value;
        value += step;
        return old;
    }
    // The largest exponent of float16 is an ordinary one (numerics.md §6.1).
    static float widened(uint32_t pattern) {
        const uint32_t magnitude = pattern & 0x7C00 ? ((pattern & 0x7FFF) << 13) + (112u << 23) : 0;
        return __builtin_bit_cast(float, (pattern & 0x8000) << 16 | magnitude);
    }
};

#if TTHAL_EXACT
// A product that becomes a term of the same expression is one instruction with the sum; given a name it is rounded.
class vProduct : public vFloat {
public:
    vProduct(vFloat a, vFloat b) : vFloat(impl_::product(a.get(), b.get())), a_(a), b_(b) {}

    friend vFloat operator+(vProduct p, vFloat c) { return p.plus(c.get()); }
    friend vFloat operator+(vFloat c, vProduct p) { return p.plus(c.get()); }
    friend vFloat operator+(vProduct p, vProduct q) { return p.plus(q.get()); }
    friend vFloat operator-(vProduct p, vFloat c) { return p.plus(c.get() ^ impl_::SIGN); }
    friend vFloat operator-(vProduct p, vProduct q) { return p.plus(q.get() ^ impl_::SIGN); }
    // The negation of a product is an instruction of its own on Wormhole and a bit of the sum on Blackhole.
    friend vFloat operator-(vFloat c, vProduct p) {
        if constexpr (!tthal::exact::BLACKHOLE) return c - vFloat(p.get());
        else return vProduct(-p.a_, p.b_).plus(c.get());
    }

private:
    vFloat plus(impl_::Bits c) const { return vFloat(impl_::product_and_sum(a_.get(), b_.get(), c)); }

    vFloat a_, b_;
};
inline vProduct operator*(vFloat a, vFloat b) { return {a, b}; }
inline vFloat& vFloat::operator+=(vProduct other) { return *this = *this + other; }
inline vFloat& vFloat::operator-=(vProduct other) { return *this = *this - other; }
inline vFloat& vFloat::operator*=(vFloat other) { return *this = *this * other; }
#endif

namespace impl_ {

// What two's complement and unsigned lanes share. `Lanes` is how they compare and shift to the right.
template <typename Self, typename Lanes>
class Integer : public vVal {
public:
    using vVal::vVal;
    Lanes lanes() const { return __builtin_bit_cast(Lanes, bits_); }

    friend Self operator+(Self a, Self b) { return Self(a.get() + b.get()); }
    friend Self operator-(Self a, Self b) { return Self(a.get() - b.get()); }
    friend Self operator&(Self a, Self b) { return Self(a.get() & b.get()); }
    friend Self operator|(Self a, Self b) { return Self(a.get() | b.get()); }
    friend Self operator^(Self a, Self b) { return Self(a.get() ^ b.get()); }
    friend Self operator<<(Self a, Self places) { return Self(shifted(a.get(), places.get())); }
    friend Self operator>>(Self a, Self places) { return Self(bits_from(a.lanes() >> ints_of(places.get() & 31))); }
    Self operator+() const { return Self(bits_); }
    Self operator-() const { return Self(0 - bits_); }
    Self operator~() const { return Self(~bits_); }
    vBool operator!() const { return vBool(bits_ == Bits(0)); }
    explicit operator vBool() const { return vBool(bits_ != Bits(0)); }

    friend vBool operator==(Self a, Self b) { return vBool(a.get() == b.get()); }
    friend vBool operator!=(Self a, Self b) { return vBool(a.get() != b.get()); }
    friend vBool operator<(Self a, Self b) { return vBool(a.lanes() < b.lanes()); }
    friend vBool operator<=(Self a, Self b) { return vBool(a.lanes() <= b.lanes()); }
    friend vBool operator>(Self a, Self b) { return vBool(a.lanes() > b.lanes()); }
    friend vBool operator>=(Self a, Self b) { return vBool(a.lanes() >= b.lanes()); }

private:
    static Bits bits_from(Ints x) { return bits_of(x); }
    static Bits bits_from(Bits x) { return x; }
    static Bits shifted(Bits x, Bits places) { return x << (places & 31); }
};

}  // namespace impl_

#define TTHAL_SFPI_INTEGER(type) \
    TTHAL_SFPI_COPIES(type, Integer) \
    type(impl_::Ints lanes) : Integer(impl_::bits_of(lanes)) {} \
    template <typename Scalar> \
        requires std::is_integral_v<Scalar> \
    type(Scalar value) : Integer(impl_::Bits(static_cast<uint32_t>(value))) {} \
    TTHAL_SFPI_COMPOUND(type, +) \
    TTHAL_SFPI_COMPOUND(type, -) \
    TTHAL_SFPI_COMPOUND(type, &) \
    TTHAL_SFPI_COMPOUND(type, |) \
    TTHAL_SFPI_COMPOUND(type, ^) \
    TTHAL_SFPI_COMPOUND(type, <<) \
    TTHAL_SFPI_COMPOUND(type, >>) \
    type operator++() { return *this += 1; } \
    type operator--() { return *this -= 1; } \
    type operator++(int) { return before(1); } \
    type operator--(int) { return before(-1); } \
\
private: \
    type before(int step) { \
        const type old = *this; \
        *this += step; \
        return old; \
    } \
\
public:

class vInt : public impl_::Integer<vInt, impl_::Ints> {
public:
    TTHAL_SFPI_INTEGER(vInt)
    inline vInt(const vUInt& other);
};

class vUInt : public impl_::Integer<vUInt, impl_::Bits> {
public:
    TTHAL_SFPI_INTEGER(vUInt)
    vUInt(const vInt& other) : Integer(other.get()) {}
};

inline vInt::vInt(const vUInt& other) : Integer(other.get()) {}

// Of a signed and an unsigned operand: the same bits either way, as the type of the right one.
#define TTHAL_SFPI_MIXED(op, result) \
    template <typename A, typename B> \
        requires(std::is_same_v<A, vInt> && std::is_same_v<B, vUInt>) || \
                (std::is_same_v<A, vUInt> && std::is_same_v<B, vInt>) \
    inline result operator op(A a, B b) { \
        return B(a) op b; \
    }
TTHAL_SFPI_MIXED(+, B)
TTHAL_SFPI_MIXED(-, B)
TTHAL_SFPI_MIXED(&, B)
TTHAL_SFPI_MIXED(|, B)
TTHAL_SFPI_MIXED(^, B)
TTHAL_SFPI_MIXED(==, vBool)
TTHAL_SFPI_MIXED(!=, vBool)
#undef TTHAL_SFPI_MIXED

// Sign and magnitude of 31 bits; made and used by conversions.
class vSMag : public impl_::vVal {
public:
    TTHAL_SFPI_COPIES(vSMag, vVal)
    explicit vSMag(uint32_t pattern) : vVal(impl_::Bits(pattern)) {}

    friend vBool operator==(vSMag a, vSMag b) { return vBool(a.ranked() == b.ranked()); }
    friend vBool operator!=(vSMag a, vSMag b) { return vBool(a.ranked() != b.ranked()); }
    friend vBool operator<(vSMag a, vSMag b) { return vBool(a.ranked() < b.ranked()); }
    friend vBool operator>(vSMag a, vSMag b) { return vBool(a.ranked() > b.ranked()); }

    // As two's complement; both zeros become 0.
    impl_::Ints ranked() const {
        const impl_::Ints magnitude = impl_::ints_of(bits_ & impl_::MAGNITUDE);
        return impl_::ints_of(impl_::choose(impl_::bits_of(impl_::ints_of(bits_) < impl_::Ints(0)),
                                            impl_::bits_of(-magnitude), impl_::bits_of(magnitude)));
    }
};

// Narrow numbers in 32-bit lanes: a conversion rounds to them, and they are what they widen to.
#define TTHAL_SFPI_NARROW(type, wide) \
    class type : public wide { \
    public: \
        type() = default; \
        explicit type(impl_::Bits bits) : wide(bits) {} \
    };
TTHAL_SFPI_NARROW(vFloat16a, vFloat)
TTHAL_SFPI_NARROW(vFloat16b, vFloat)
TTHAL_SFPI_NARROW(vUInt16, vUInt)
TTHAL_SFPI_NARROW(vUInt8, vUInt)
TTHAL_SFPI_NARROW(vMag, vUInt)
TTHAL_SFPI_NARROW(vSMag16, vSMag)
TTHAL_SFPI_NARROW(vSMag8, vSMag)

#undef TTHAL_SFPI_NARROW
#undef TTHAL_SFPI_INTEGER
#undef TTHAL_SFPI_COMPOUND
#undef TTHAL_SFPI_COPIES

// Lanes 0, 2, .. 62, as the hardware numbers them.
inline const vInt vConstTileId(impl_::Bits{0,  2,  4,  6,  8,  10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30,
                                           32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62});

inline const vFloat vConst0(0.0f), vConst1(1.0f), vConstNeg1(-1.0f), vConst0p8373(0.8373f);

// The three registers that initialisations program: each is one register under a float and an integer name.
namespace impl_ {

inline Bits programmed[3];

template <typename Type, uint32_t index>
class Programmable {
public:
    Programmable& operator=(Type value) {
        programmed[index] = value.get();
        return *this;
    }
    operator Type() const { return Type(programmed[index]); }
};

}  // namespace impl_

#define TTHAL_SFPI_PROGRAMMABLE(index) \
    inline impl_::Programmable<vFloat, index> vConstFloatPrgm##index; \
    inline impl_::Programmable<vInt, index> vConstIntPrgm##index;
TTHAL_SFPI_PROGRAMMABLE(0)
TTHAL_SFPI_PROGRAMMABLE(1)
TTHAL_SFPI_PROGRAMMABLE(2)
#undef TTHAL_SFPI_PROGRAMMABLE

}  // namespace sfpi
