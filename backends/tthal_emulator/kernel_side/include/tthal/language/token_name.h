// Looks up binding tokens by name: `dfb::get_token_if_present<"name">()`.
#pragma once

#include <cstddef>

#include "tthal/language/text.h"

namespace tthal {

template <std::size_t size>
struct TokenName {
    char letters[size];
    consteval TokenName(const char (&literal)[size]) {
        for (std::size_t i = 0; i < size; i++) letters[i] = literal[i];
    }
    constexpr bool operator==(Text other) const { return Text(letters, size - 1) == other; }
};

// Of a name that nothing is bound to; nothing can be made from it.
struct AbsentToken {};

}  // namespace tthal
