// Names of scratchpads as kernels are given them: `scratch::NAME`, see tthal_emulator/preamble.py.
#pragma once

#include <cstdint>

struct ScratchpadBindingToken {
    uint32_t address_arg;  // index of the common runtime argument that holds the L1 address
    uint32_t size_in_bytes;

    explicit constexpr ScratchpadBindingToken(uint32_t argument, uint32_t size) noexcept
        : address_arg(argument), size_in_bytes(size) {}
};
