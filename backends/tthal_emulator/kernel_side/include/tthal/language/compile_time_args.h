// Compile-time arguments. The generated preamble of a kernel completes `tthal_program`; templates see it when they are
// instantiated, so this header can be part of the precompiled one.
#pragma once

#include <cstdint>

#include "tthal/border/abi.h"
#include "tthal/language/text.h"

struct tthal_program;  // completed by the preamble, see preamble.py

namespace tthal {

struct NamedArgument {
    Text name;
    uint32_t value;
};

constexpr uint32_t NO_SUCH_NAME = ~0u;

template <typename Program>
constexpr uint32_t place_of_named_argument(Text name) {
    uint32_t place = 0;
    for (const auto& argument : Program::named_compile_time_args) {
        if (argument.name == name) return place;
        place++;
    }
    if (place == 0) __builtin_trap();  // of a kernel that has none the vendor's compiler knows no such function
    return NO_SUCH_NAME;
}

// A literal is looked up while compiling wherever the call stands; other text as constexpr functions go.
template <typename Program, std::size_t size>
consteval uint32_t named_argument(const char (&name)[size]) {
    return place_of_named_argument<Program>(name);
}
template <typename Program, typename Name>
    requires(!__is_array(Name))
constexpr uint32_t named_argument(const Name& name) {
    return place_of_named_argument<Program>(name);
}

// What is left of a name that is not there: code that can be reached is a warning, and a value that is used an error.
__attribute__((warning("named compile-time argument"), noinline)) inline void asked_for_a_missing_argument() {
    asm volatile("");
}
__attribute__((error("named compile-time argument"), const)) uint32_t missing_named_argument();

// Kernels that differ in arguments only share code, which loads them: no constant expression then, so that the compiler
// refuses the code of a kernel that needs one.
template <typename Program>
constexpr uint32_t compile_time_arg(uint32_t index) {
    if (index < MAX_LOADED_ARGUMENTS && (Program::loaded_args >> index & 1))
        return processor().compile_time_args[index];
    return Program::compile_time_args[index];
}

}  // namespace tthal

template <uint32_t index, typename Program = tthal_program>
constexpr uint32_t get_ct_arg() {
    static_assert(index < Program::num_compile_time_args, "compile-time argument index is out of range");
    return tthal::compile_time_arg<Program>(index);
}

#define get_compile_time_arg_val(index) get_ct_arg<index>()

// Macros, so that the compiler's words are about the kernel's line.
#define get_named_compile_time_arg_val(name) \
    (tthal::named_argument<tthal_program>(name) != tthal::NO_SUCH_NAME \
         ? tthal_program::named_compile_time_args[tthal::named_argument<tthal_program>(name)].value \
         : (tthal::asked_for_a_missing_argument(), tthal::missing_named_argument()))
#define get_named_ct_arg(name) get_named_compile_time_arg_val(name)
