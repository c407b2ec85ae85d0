// Compile-time arguments. The generated preamble of a kernel completes `tthal_program`; templates see it when they are
// instantiated, so this header can be part of the precompiled one.
#pragma once

#include <cstdint>

#include "tthal/border/abi.h"
#include "tthal/language/text.h"

struct tthal_program;  // completed by the preamble, see preamble.py

namespace tthal {

template <typename Program>
constexpr uint32_t named_compile_time_arg(Text name) {
    for (const auto& argument : Program::named_compile_time_args)
        if (argument.name == name) return argument.value;
    __builtin_trap();  // not a constant expression: the compiler names the call
}

struct NamedArgument {
    Text name;
    uint32_t value;
};

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
