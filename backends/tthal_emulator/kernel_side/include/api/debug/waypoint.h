// WAYPOINT("ABCD"): where a kernel has got to, in up to four letters; shown when it cannot go on.
#pragma once

#include "tthal/border/abi.h"

namespace tthal {

template <std::size_t size>
constexpr uint32_t waypoint_word(const char (&letters)[size]) {
    static_assert(size <= 5, "a waypoint has up to four letters");
    uint32_t word = 0;
    for (std::size_t i = 0; i + 1 < size; i++) word |= static_cast<uint32_t>(static_cast<uint8_t>(letters[i])) << 8 * i;
    return word;
}

}  // namespace tthal

#define WAYPOINT(letters) static_cast<void>(::tthal::processor().waypoint = ::tthal::waypoint_word(letters))

// Where the vendor's watcher would hold a kernel until a key is pressed; without the watcher it is nothing.
#define PAUSE() static_cast<void>(0)
