// Looks up binding tokens by name: `dfb::get_token_if_present<"name">()`.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

namespace tthal {

template <std::size_t size>
struct TokenName {
    char letters[size];
    consteval TokenName(const char (&literal)[size]) { std::copy_n(literal, size, letters); }
    constexpr bool operator==(std::string_view other) const { return std::string_view(letters, size - 1) == other; }
};

// Of a name that nothing is bound to; nothing can be made from it.
struct AbsentToken {};

}  // namespace tthal
