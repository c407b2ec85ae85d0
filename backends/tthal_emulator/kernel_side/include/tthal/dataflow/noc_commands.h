// What stays in a NoC's command registers from one call to the next: the stateful calls set it once and use it often.
#pragma once

#include "tthal/border/noc_queue.h"

#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

constexpr uint32_t NOC_UNICAST_WRITE_VC = 1;
constexpr uint32_t NOC_MULTICAST_WRITE_VC = 4;
constexpr uint32_t NOC_DISPATCH_MULTICAST_WRITE_VC = 5;
constexpr uint32_t NOC_MAX_TRANSACTION_ID = 0xF;
constexpr uint32_t NOC_MAX_TRANSACTION_ID_COUNT = 255;  // transfers that may be on their way under one id
constexpr uint8_t DM_DEDICATED_NOC = 0, DM_DYNAMIC_NOC = 1;
constexpr uint8_t NUM_NOCS = 2;

// Numbers of the command buffers: calls take them, and need not know.
constexpr uint32_t read_cmd_buf = 1, write_cmd_buf = 0, write_reg_cmd_buf = 2, write_at_cmd_buf = 3;

namespace tthal {

struct NocCommand {
    uint64_t remote;
    uint32_t size;
    uint32_t value;
    uint8_t flags;
    uint8_t transaction_id;  // stays until another one is set, as in the register of the command buffer
    uint8_t byte_enable;
};

struct NocCommands {
    NocCommand read, write, inline_write;
};

inline NocCommands noc_commands[NUM_NOCS];

inline uint8_t default_noc() { return processor().noc_index; }

inline NocCommands& commands_of(uint8_t noc) { return noc_commands[noc & 1]; }

// Only the lower half of the address may change between calls with the same state.
inline uint64_t with_local_address(uint64_t remote, uint32_t address) {
    return (remote & ~uint64_t{0xFFFFFFFF}) | address;
}

inline void require_one_packet(uint32_t size) {
    if (size > NOC_MAX_BURST_SIZE) misuse(Misuse::NOC_TOO_LARGE, size, NOC_MAX_BURST_SIZE);
}

inline uint8_t checked_transaction_id(uint32_t id) {
    if (id > NOC_MAX_TRANSACTION_ID) misuse(Misuse::TRANSACTION_ID, id);
    return static_cast<uint8_t>(id);
}

inline void push_read(uint8_t noc, uint64_t source, uint32_t destination, uint32_t size, bool counted = true) {
    noc_push(NocOperation::READ, noc, source, destination, size, 0, counted ? 0 : NOC_FLAG_UNCOUNTED,
             commands_of(noc).read.transaction_id);
}

inline void push_write(uint8_t noc, uint32_t source, uint64_t destination, uint32_t size, bool posted,
                       bool counted = true) {
    const uint8_t flags = (posted ? NOC_FLAG_POSTED : 0) | (counted ? 0 : NOC_FLAG_UNCOUNTED);
    noc_push(NocOperation::WRITE, noc, destination, source, size, 0, flags, commands_of(noc).write.transaction_id);
}

// What the vendor's headers call NIU_MST_REQS_OUTSTANDING_ID: everything under way that will be answered.
inline bool transaction_id_is_done(uint32_t noc, uint32_t id) {
    return noc_poll(NocOperation::READ_BARRIER, noc, checked_transaction_id(id));
}

}  // namespace tthal

#pragma clang attribute pop
