/* Stand-in for the vendor's record-and-replay functions, from how the wheel's headers use them. One instruction word,
 * REPLAY (opcode 4): start at bit 14, length at bit 4, "execute while loading" at bit 1, "load" at bit 0. */
#pragma once
#include <cstdint>

extern volatile std::uint32_t __instrn_buffer[];

namespace lltt {

enum ExecBool : bool { NoExec = false, Exec = true };

constexpr std::uint32_t replay_word(std::uint32_t start, std::uint32_t length, bool execute, bool load) {
    return (0x04u << 24) + (start << 14) + (length << 4) + (std::uint32_t(execute) << 1) + std::uint32_t(load);
}

constexpr std::uint32_t replay_insn(std::uint32_t start, std::uint32_t length) {
    return replay_word(start, length, false, false);
}

template <ExecBool execute = NoExec>
inline void record(std::uint32_t start, std::uint32_t length) {
    __instrn_buffer[0] = replay_word(start, length, execute, true);
}

inline void replay(std::uint32_t start, std::uint32_t length) { __instrn_buffer[0] = replay_insn(start, length); }

}  // namespace lltt
