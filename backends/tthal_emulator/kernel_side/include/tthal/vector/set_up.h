// Constants of the vector unit that an initialisation loads for its own function: an observer hears of operations that find
// those of another. Names come from the functions that call, so that no operation need say its own.
#pragma once

#include "tthal/border/tensix.h"
#include "tthal/language/attributes.h"

namespace tthal::sfpu {

// Numbers of tthal/observer.py, VECTOR_FUNCTIONS.
struct VectorFunction {
    const char* name;
    uint8_t number;
};
constexpr uint8_t NO_CONSTANTS = 0, ANY_CONSTANTS = 0xFF;
constexpr VectorFunction VECTOR_FUNCTIONS[] = {
    {"exp_tile", 1}, {"exp_packthread_tile", 1}, {"recip_tile", 2}, {"sqrt_tile", 3}, {"rsqrt_tile", 4},
    {"log_tile", 5}, {"log_with_base_tile", 5},  {"tanh_tile", 6},  {"gelu_tile", 7},
};
// What initialisations leave alone.
constexpr const char* PLAIN[] = {
    "relu_tile",
    "relu_max_tile",
    "relu_min_tile",
    "leaky_relu_tile",
    "abs_tile",
    "abs_int32_tile",
    "negative_tile",
    "negative_tile_int32",
    "sign_tile",
    "square_tile",
    "fill_tile",
    "identity_tile",
    "eqz_tile",
    "nez_tile",
    "gtz_tile",
    "gez_tile",
    "ltz_tile",
    "lez_tile",
    "add_binary_tile",
    "sub_binary_tile",
    "mul_binary_tile",
    "rsub_binary_tile",
    "binop_with_scalar_tile",
    "add_unary_tile",
    "sub_unary_tile",
    "mul_unary_tile",
    "binary_max_tile",
    "binary_min_tile",
    "max_tile",
    "copy_dest_values",
    "typecast_tile",
};

consteval bool begins(const char* text, const char* start, const char* end) {
    for (; *start != 0; text++, start++)
        if (*text != *start) return false;
    for (; *end != 0; text++, end++)
        if (*text != *end) return false;
    return *text == 0;
}

// The function that an operation, or with `ending` its initialisation, is of.
consteval uint8_t vector_function(const char* caller, const char* ending, uint8_t other) {
    for (const VectorFunction& function : VECTOR_FUNCTIONS)
        if (begins(caller, function.name, ending)) return function.number;
    for (const char* name : PLAIN)
        if (begins(caller, name, ending)) return NO_CONSTANTS;
    return other;
}

// Whether a function's template argument asks for its approximate mode.
template <auto mode>
constexpr bool APPROXIMATE = false;
template <>
inline constexpr bool APPROXIMATE<true> = true;

// Default arguments: made where the function that has them is called.
struct Operation {
    uint8_t function;
    bool is_approximate;
    uint32_t name;
    consteval Operation(const char* caller = __builtin_FUNCTION(), bool is_approximate = false)
        : function(vector_function(caller, "", NO_CONSTANTS)),
          is_approximate(is_approximate),
          name(name_hash(caller)) {}
};
struct Initialisation {
    uint8_t function;
    uint32_t name;
    consteval Initialisation(const char* caller = __builtin_FUNCTION())
        : function(vector_function(caller, "_init", ANY_CONSTANTS)), name(name_hash(caller)) {}
};

inline uint8_t vector_constants = NO_CONSTANTS;  // whose are loaded

ALWI void initialised(Initialisation of = {}) {
    using tthal::tensix::SetUp, tthal::tensix::set_up_for;
    if (of.function != NO_CONSTANTS) vector_constants = of.function;
    if (is_announced(MonitorEvent::SET_UP)) announce(MonitorEvent::SET_UP, site(), 0, of.name, set_up_for(SetUp::VECTOR, of.function));
}

ALWI void needs_constants(Operation of) {
    using tthal::tensix::SetUp, tthal::tensix::set_up_for;
    if (of.function == NO_CONSTANTS || of.function == vector_constants || vector_constants == ANY_CONSTANTS) return;
    if (!is_observed()) return;
    announce(MonitorEvent::SET_UP_MISSING, site(), 0, set_up_for(SetUp::VECTOR, vector_constants),
             set_up_for(SetUp::VECTOR, of.function));
}

// Every operation begins so; `vectors`: how many of 32 datums it works on.
constexpr uint32_t VECTORS_OF_TILE = 32;
ALWI void begin(Operation operation, uint32_t dst, uint32_t vectors = VECTORS_OF_TILE) {
    needs_constants(operation);
    if (is_announced(MonitorEvent::VECTOR_OPERATION))
        announce(MonitorEvent::VECTOR_OPERATION, site(), dst, 0, operation.name, vectors, 0, operation.is_approximate);
}

}  // namespace tthal::sfpu
