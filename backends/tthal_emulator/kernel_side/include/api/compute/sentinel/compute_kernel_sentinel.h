// What tells the vendor's checks of set-ups which operands come next, and their tests what was set up anew. They are off
// unless a build asks for them, and off here: the emulator compares formats at every use (needs_start, configure).
#pragma once

#include "api/compute/common_globals.h"

#define RECONFIG_NOTHING_CHANGED 0x00
#define RECONFIG_CHANGED_SRCA 0x01
#define RECONFIG_CHANGED_SRCB 0x02
#define RECONFIG_CHANGED_PACK 0x04
#define TEST_RECONFIG_CALLS(expected_calls) false
#define SET_CALLED_RECONFIG(call_bit)

enum class Operand : uint8_t { SRCA = 0x1, SRCB = 0x2, PACK = 0x4 };

template <Operand operand = Operand::SRCA>
ALWI void state_configure(uint32_t cb, uint32_t call_line) {}
template <Operand operand_a = Operand::SRCA, Operand operand_b = Operand::SRCB>
ALWI void state_configure(uint32_t cb_a, uint32_t cb_b, uint32_t call_line) {}
ALWI void state_configure(uint32_t cb_a, uint32_t cb_b, uint32_t cb_out, uint32_t call_line) {}
