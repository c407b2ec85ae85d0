// Mailboxes: queues of words between BRISC and the compute threads of a core; NCRISC has none (tt-isa-documentation,
// WormholeB0/TensixTile/BabyRISCV/Mailboxes.md). A sender that is full waits, a receiver that finds nothing waits.
//
// The three compute threads are one processor here, which runs UNPACK(…), MATH(…) and PACK(…) in the order of the
// source. kernel_text.py tells a call inside one of them its thread; elsewhere no thread could be meant.
#pragma once

#include "tthal/border/noc_queue.h"
#include "tthal/language/compile_time_args.h"

// Always inlined, so that a site is the kernel's line.
#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

namespace ckernel {

enum ThreadId {
    BriscThreadId = static_cast<int>(tthal::MailboxThread::BRISC),
    UnpackThreadId = static_cast<int>(tthal::MailboxThread::UNPACK),
    MathThreadId = static_cast<int>(tthal::MailboxThread::MATH),
    PackThreadId = static_cast<int>(tthal::MailboxThread::PACK),
};

}  // namespace ckernel

namespace tthal {

inline bool mailbox_holds_a_word(uint32_t sender, uint32_t receiver) {
    compiler_barrier();
    const Mailboxes& boxes = core_registers().mailboxes;
    return boxes.written[sender][receiver] != boxes.taken[sender][receiver];
}

inline uint32_t mailbox_words_under_way(uint32_t sender) {
    compiler_barrier();
    const Mailboxes& boxes = core_registers().mailboxes;
    uint32_t words = 0;
    for (uint32_t i = 0; i < MAILBOX_THREADS; i++) words += boxes.written[sender][i] - boxes.taken[sender][i];
    return words;
}

// A word in a mailbox tells its reader what its sender did before, as a semaphore does.
inline void note_mailbox([[maybe_unused]] MonitorEvent event, [[maybe_unused]] const volatile uint32_t& mailbox,
                         [[maybe_unused]] uint32_t words) {
#ifdef TTHAL_ACCESSES
    constexpr uint32_t MORE_IS_ENOUGH = 1;
    if (is_announced(event)) announce(event, 0, MORE_IS_ENOUGH, reinterpret_cast<uintptr_t>(&mailbox), words);
#endif
}

inline void mailbox_put(uint32_t sender, uint32_t receiver, uint32_t word, bool within_processor) {
    Mailboxes& boxes = core_registers().mailboxes;
    if (within_processor) {
        // The reader comes later in the same program: it cannot make room meanwhile.
        if (boxes.written[sender][receiver] - boxes.taken[sender][receiver] == MAILBOX_CAPACITY)
            misuse(Misuse::MAILBOX_FULL, sender, receiver);
    } else {
        while (mailbox_words_under_way(sender) >= MAILBOX_DEPTH) wait_until_changed(Wait::MAILBOX_ROOM, sender, 0);
    }
    boxes.words[sender][receiver][boxes.written[sender][receiver] % MAILBOX_CAPACITY] = word;
    note_mailbox(MonitorEvent::SEMAPHORE_SET, boxes.written[sender][receiver], boxes.written[sender][receiver] + 1);
    compiler_barrier();
    boxes.written[sender][receiver]++;
    compiler_barrier();
}

inline uint32_t mailbox_take(uint32_t sender, uint32_t receiver, bool within_processor) {
    Mailboxes& boxes = core_registers().mailboxes;
    if (within_processor && !mailbox_holds_a_word(sender, receiver)) misuse(Misuse::MAILBOX_EMPTY, sender, receiver);
    while (!mailbox_holds_a_word(sender, receiver)) wait_until_changed(Wait::MAILBOX_WORD, sender, receiver);
    const uint32_t word = boxes.words[sender][receiver][boxes.taken[sender][receiver] % MAILBOX_CAPACITY];
    compiler_barrier();
    boxes.taken[sender][receiver]++;
    note_mailbox(MonitorEvent::SEMAPHORE_REACHED, boxes.written[sender][receiver], boxes.taken[sender][receiver]);
    compiler_barrier();
    return word;
}

// The thread of a call that kernel_text.py found in none of the three macros.
constexpr int THIS_PROCESSOR = -1;

template <int thread, typename Program = tthal_program>
constexpr uint32_t mail_thread() {
    constexpr bool is_known = thread != THIS_PROCESSOR;
    static_assert(is_known || Program::processor_index != 1,
                  "a mailbox on NCRISC is not emulated: NCRISC has none; run the kernel on RISCV_0");
    static_assert(is_known || Program::processor_index <= 1,
                  "a mailbox outside of UNPACK(), MATH() and PACK() is not emulated: nothing tells which of the three "
                  "compute threads is meant; put the call itself inside one of these");
    return is_known ? thread : ckernel::BriscThreadId;
}

inline uint32_t checked_thread(uint32_t thread) {
    if (thread >= MAILBOX_THREADS) misuse(Misuse::MAILBOX_THREAD, thread);
    return thread;
}

inline bool same_processor(uint32_t one, uint32_t other) {
    return one != ckernel::BriscThreadId && other != ckernel::BriscThreadId;
}

}  // namespace tthal

namespace ckernel {

template <int thread = tthal::THIS_PROCESSOR>
inline void mailbox_write(uint8_t receiver, uint32_t word) {
    constexpr uint32_t sender = tthal::mail_thread<thread>();
    tthal::mailbox_put(sender, tthal::checked_thread(receiver), word, tthal::same_processor(sender, receiver));
}

template <int thread = tthal::THIS_PROCESSOR>
[[nodiscard]] inline uint32_t mailbox_read(uint8_t sender) {
    constexpr uint32_t receiver = tthal::mail_thread<thread>();
    return tthal::mailbox_take(tthal::checked_thread(sender), receiver, tthal::same_processor(sender, receiver));
}

// Kernels poll it, so it lets the others run.
template <int thread = tthal::THIS_PROCESSOR>
inline bool mailbox_not_empty(uint8_t sender) {
    constexpr uint32_t receiver = tthal::mail_thread<thread>();
    if (tthal::mailbox_holds_a_word(tthal::checked_thread(sender), receiver)) return true;
    tthal::let_others_run();
    return tthal::mailbox_holds_a_word(tthal::checked_thread(sender), receiver);
}

}  // namespace ckernel

#pragma clang attribute pop
