// v_if, v_elseif, v_else, v_endif and their kin: all branches run, each with the lanes it concerns enabled.
#pragma once

#include "sfpi/vectors.h"

namespace sfpi::impl_ {

class Predicate {
public:
    Predicate() : outer_(enabled), left_(enabled) {}
    Predicate(const Predicate&) = delete;
    Predicate& operator=(const Predicate&) = delete;
    ~Predicate() { enabled = outer_; }

    void narrow(vBool condition) { enabled &= condition.get(); }
    void narrow(bool condition) { enabled &= Bits(condition ? ~0u : 0u); }
    void narrow(vInt lanes) { narrow(lanes != vInt(0)); }
    void narrow(vUInt lanes) { narrow(lanes != vUInt(0u)); }
    void otherwise() {
        left_ &= ~enabled;
        enabled = left_;
    }

private:
    const Bits outer_;
    Bits left_;  // lanes that no branch so far has taken
};

}  // namespace sfpi::impl_

#define v_if(...) \
    { \
        ::sfpi::impl_::Predicate tthal_predicate; \
        tthal_predicate.narrow(__VA_ARGS__);
#define v_elseif(...) \
    tthal_predicate.otherwise(); \
    tthal_predicate.narrow(__VA_ARGS__);
#define v_else tthal_predicate.otherwise();
#define v_endif }
// Narrows the lanes from here to the end of the block.
#define v_and(...) tthal_predicate.narrow(__VA_ARGS__)
#define v_block \
    { \
        ::sfpi::impl_::Predicate tthal_predicate;
#define v_endblock }
