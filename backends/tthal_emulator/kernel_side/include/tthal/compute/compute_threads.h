// The three compute threads, of which one processor plays all, in the order of the source: which of them a statement
// belongs to, and what they use to wait for each other.
//
// A wait that the order of the source fulfils does nothing; one that it does not would never end here, and is an error.
#pragma once

#include "tthal/language/attributes.h"
#include "tthal/border/tensix.h"

namespace tthal::tensix {

// What PACK((…)) runs: operations of the vector unit then work on the section of DST that PACK owns.
class PackThread {
public:
    PackThread() : before_(in_pack_thread) { in_pack_thread = true; }
    ~PackThread() { in_pack_thread = before_; }
    PackThread(const PackThread&) = delete;
    PackThread& operator=(const PackThread&) = delete;

private:
    bool before_;
};

// Counters that the threads share. The one between MATH and PACK is the state of DST.
class ThreadSemaphores {
public:
    static constexpr uint32_t COUNT = 8, LARGEST = 15, MATH_PACK = 1;

    void set(uint32_t index, uint32_t value, uint32_t most) {
        counter(index) = value;
        most_[index] = most;
    }
    void post(uint32_t index) {
        if (counter(index) < LARGEST) counter(index)++;
    }
    void get(uint32_t index) {
        if (counter(index) > 0) counter(index)--;
    }
    void wait_while_zero(uint32_t index) {
        if (index == MATH_PACK) return tile_regs_wait();
        if (counter(index) == 0) misuse(Misuse::THREADS, static_cast<uint32_t>(ThreadTrouble::NEVER_POSTED), index);
    }
    void wait_while_full(uint32_t index) {
        if (counter(index) >= most_[index])
            misuse(Misuse::THREADS, static_cast<uint32_t>(ThreadTrouble::NEVER_TAKEN), index);
    }

private:
    uint32_t& counter(uint32_t index) {
        if (index >= COUNT || index == MATH_PACK)
            misuse(Misuse::THREADS, static_cast<uint32_t>(ThreadTrouble::NOT_COUNTED), index);
        return counters_[index];
    }

    uint32_t counters_[COUNT] = {},
             most_[COUNT] = {LARGEST, LARGEST, LARGEST, LARGEST, LARGEST, LARGEST, LARGEST, LARGEST};
};

inline ThreadSemaphores thread_semaphores;

}  // namespace tthal::tensix

namespace ckernel {

// Parts of the coprocessor, as instructions that wait name them: those that are held up, and those that are waited for.
struct p_stall {
    static constexpr uint32_t NONE = 0, THCON = 0x1, UNPACK0 = 0x2, UNPACK1 = 0x4, UNPACK = UNPACK0 | UNPACK1;
    static constexpr uint32_t PACK0 = 0x8, PACK1 = 0x10, PACK2 = 0x20, PACK3 = 0x40, PACK = 0x78, MATH = 0x80;
    static constexpr uint32_t SRCA_CLR = 0x100, SRCB_CLR = 0x200, SRCA_VLD = 0x400, SRCB_VLD = 0x800, XMOV = 0x1000;
    static constexpr uint32_t TRISC_CFG = 0x2000, SFPU1 = 0x4000, WAIT_SFPU = 0x4000;
    static constexpr uint32_t STALL_TDMA = 0x1, STALL_SYNC = 0x2, STALL_PACK = 0x4, STALL_UNPACK = 0x8,
                              STALL_XMOV = 0x10;
    static constexpr uint32_t STALL_THCON = 0x20, STALL_MATH = 0x40, STALL_CFG = 0x80, STALL_SFPU = 0x100,
                              STALL_THREAD = 0x1FF;
    static constexpr uint32_t STALL_ON_ZERO = 0x1, STALL_ON_MAX = 0x2;
};

struct semaphore {
    static constexpr uint32_t FPU_SFPU = 0, MATH_PACK = 1, UNPACK_TO_DEST = 2, UNPACK_OPERAND_SYNC = 3, PACK_DONE = 4;
    static constexpr uint32_t UNPACK_SYNC = 5, UNPACK_MATH_DONE = 6, MATH_DONE = 7;
    static constexpr uint16_t t6_sem(uint8_t index) { return static_cast<uint16_t>(1u << index); }
};

// The template argument is the part of the coprocessor that the call holds up, which is never behind here.
ALWI void t6_semaphore_init(uint32_t index, uint32_t value, uint32_t most) {
    tthal::tensix::thread_semaphores.set(index, value, most);
}
template <uint32_t stall = p_stall::NONE>
ALWI void t6_semaphore_post(uint32_t index) {
    tthal::tensix::thread_semaphores.post(index);
}
template <uint32_t stall = p_stall::NONE>
ALWI void t6_semaphore_get(uint32_t index) {
    tthal::tensix::thread_semaphores.get(index);
}
template <uint32_t stall = p_stall::NONE>
ALWI void t6_semaphore_wait_on_zero(uint32_t index) {
    tthal::tensix::thread_semaphores.wait_while_zero(index);
}
template <uint32_t stall = p_stall::NONE>
ALWI void t6_semaphore_wait_on_max(uint32_t index) {
    tthal::tensix::thread_semaphores.wait_while_full(index);
}

// Waits for all instructions before; the next one never begins earlier here.
ALWI void tensix_sync() { tthal::compiler_barrier(); }

namespace packer {
// The row of a 16-bit DST at which PACK's section begins.
ALWI uint32_t get_packer_dest_offset() { return tthal::tensix::pack_section_row(); }
}  // namespace packer

}  // namespace ckernel

namespace tthal::tensix {

ALWI void wait_for_semaphores(uint32_t mask, uint32_t condition) {
    for (uint32_t index = 0; index < ThreadSemaphores::COUNT; index++) {
        if (!(mask >> index & 1)) continue;
        if (condition & ckernel::p_stall::STALL_ON_ZERO) thread_semaphores.wait_while_zero(index);
        if (condition & ckernel::p_stall::STALL_ON_MAX) thread_semaphores.wait_while_full(index);
    }
}

// PACK points the vector unit at its own section of DST, where operations in PACK((…)) work anyway.
template <uint32_t setting>
ALWI void set_thread_setting(uint32_t value) {
    static_assert(setting == DST_BASE_SETTING, "TT_SETC16 is emulated for DEST_TARGET_REG_CFG_MATH_Offset_ADDR32 only");
    if (value != pack_section_row()) misuse(Misuse::THREADS, static_cast<uint32_t>(ThreadTrouble::DST_BASE), value);
}

}  // namespace tthal::tensix

constexpr uint32_t DEST_TARGET_REG_CFG_MATH_Offset_ADDR32 = tthal::tensix::DST_BASE_SETTING;

// The instructions that only order others. They stand in parentheses so that PACK() sees an expression.
#define TTI_STALLWAIT(stall, wait) ((void)(stall), (void)(wait), tthal::compiler_barrier())
#define TTI_SEMWAIT(stall, semaphores, condition) \
    ((void)(stall), tthal::tensix::wait_for_semaphores(semaphores, condition))
#define TT_SETC16(setting, value) (tthal::tensix::set_thread_setting<setting>(value))
