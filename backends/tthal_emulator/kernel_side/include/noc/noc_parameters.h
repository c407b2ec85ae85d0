// Sizes and alignments of NoC transfers (host-api.md §3), and the fields of a command register that kernels set.
#pragma once

#include "tthal/dataflow/addresses.h"

constexpr uint32_t NOC_L1_READ_ALIGNMENT_BYTES = 16, NOC_L1_WRITE_ALIGNMENT_BYTES = 16;
constexpr uint32_t NOC_DRAM_READ_ALIGNMENT_BYTES = DRAM_ALIGNMENT, NOC_DRAM_WRITE_ALIGNMENT_BYTES = 16;

// The control register of a command buffer: what is asked for and on which virtual channel.
constexpr uint32_t NOC_CTRL = 7;
constexpr uint32_t NOC_CMD_CPY = 0u << 0, NOC_CMD_RD = 0u << 1, NOC_CMD_WR = 1u << 1;
constexpr uint32_t NOC_CMD_RESP_MARKED = 1u << 4, NOC_CMD_VC_STATIC = 1u << 7;
constexpr uint32_t NCRISC_RD_CMD_BUF = read_cmd_buf, NCRISC_WR_CMD_BUF = write_cmd_buf;
constexpr uint32_t NCRISC_WR_REG_CMD_BUF = write_reg_cmd_buf, NCRISC_AT_CMD_BUF = write_at_cmd_buf;
constexpr uint32_t NOC_CMD_STATIC_VC(uint32_t channel) { return channel << 14; }

// Kernels choose a virtual channel through it, which decides about speed and not about data: any is as good as another.
// Every other register is the NoC driver's own.
inline void NOC_CMD_BUF_WRITE_REG(uint32_t, uint32_t, uint32_t reg, uint32_t control) {
    constexpr uint32_t plain = NOC_CMD_RESP_MARKED | NOC_CMD_VC_STATIC | NOC_CMD_STATIC_VC(0xF);
    if (reg != NOC_CTRL || (control & ~plain) != 0) tthal::misuse(tthal::Misuse::NOC_REGISTER, reg, control);
}
