// Compile-time arguments. The generated preamble of a kernel completes `tthal_program`; templates see it when they are
// instantiated, so this header can be part of the precompiled one.
#pragma once

#include <cstdint>
#include <string_view>

struct tthal_program;  // completed by the preamble, see loader.py

namespace tthal {

template <typename Program>
constexpr uint32_t named_compile_time_arg(std::string_view name) {
    for (const auto& argument : Program::named_compile_time_args)
        if (argument.name == name) return argument.value;
    __builtin_trap();  // not a constant expression: the compiler names the call
}

struct NamedArgument {
    std::string_view name;
    uint32_t value;
};

}  // namespace tthal

template <uint32_t index, typename Program = tthal_program>
constexpr uint32_t get_ct_arg() {
    static_assert(index < Program::num_compile_time_args, "compile-time argument index is out of range");
    return Program::compile_time_args[index];
}

#define get_compile_time_arg_val(index) get_ct_arg<index>()
