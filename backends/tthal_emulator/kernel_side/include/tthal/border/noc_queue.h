// Transfers are written down here and handed to the host in batches: at a barrier or flush, when the queue is full,
// and whenever the processor stops running. Until then they have no effect, which the hardware allows.
#pragma once

#include "tthal/border/monitor.h"

// Always inlined, so that a site is the kernel's line.
#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

namespace tthal {

inline void noc_flush(const HandOver& reason) {
    compiler_barrier();
    tthal_host_noc(reason.packed());
    compiler_barrier();
}

// The host empties the queue by itself when a processor yields, so `noc_queue_count` is read anew each time and raised
// only after the entry is complete.
inline NocTransfer& noc_next() {
    ProcessorBlock& block = processor();
    if (block.noc_queue_count == NOC_QUEUE_CAPACITY)
        noc_flush({.operation = static_cast<uint32_t>(NocOperation::WRITE_FLUSH), .queue_full = 1});
    return block.noc_queue[block.noc_queue_count];
}

#ifdef TTHAL_COMPUTE
// Never defined: the compiler refuses a kernel in which a call of it is left.
__attribute__((error("NoC transfers are for data-movement kernels: the compute processors have no NoC"))) void
noc_transfer_in_a_compute_kernel();
#endif

inline void noc_push(NocOperation operation, uint8_t noc, uint64_t remote, uint32_t local, uint32_t size,
                     uint32_t value = 0, uint8_t flags = 0, uint8_t transaction_id = 0, uint32_t extra = 0) {
#ifdef TTHAL_COMPUTE
    noc_transfer_in_a_compute_kernel();
#endif
    NocTransfer& transfer = noc_next();
    transfer.operation = operation;
    transfer.noc = noc;
    transfer.flags = flags;
    transfer.transaction_id = transaction_id;
    transfer.local = local;
    transfer.remote = remote;
    transfer.size = size;
    transfer.value = value;
    transfer.extra = extra;
    transfer.site = site();
    if (is_announced(static_cast<MonitorEvent>(operation))) {
        const uint64_t head =
            word_pair(record_head(static_cast<uint32_t>(operation), noc, flags, transaction_id), local);
        const uint64_t sizes = word_pair(size, value), place = word_pair(extra, transfer.site);
        if (size == 4) announce_word(head, remote, sizes, place);
        else announce_often(head, remote, sizes, place);
    }
    compiler_barrier();
    processor().noc_queue_count += 1;
}

// A barrier or flush of one NoC, of one transaction id when it is given. A flush may ask for more than the network's word
// that it has the write: that all data have been read.
inline void noc_barrier(NocOperation which, uint8_t noc, uint32_t transaction_id = ANY_TRANSACTION_ID,
                        bool departed = false) {
#ifdef TTHAL_COMPUTE
    noc_transfer_in_a_compute_kernel();
#endif
    if (is_announced(static_cast<MonitorEvent>(which)))
        announce_often(static_cast<MonitorEvent>(which), site(), transaction_id, 0, departed, 0, 0, noc);
    if (processor().noc_queue_count != 0 || processor().noc_outstanding != 0)
        noc_flush({.operation = static_cast<uint32_t>(which),
                   .noc = noc,
                   .transaction_id = transaction_id,
                   .departed = departed});
    compiler_barrier();
}

inline void wait_until_changed(Wait kind, uint32_t a, uint32_t b) {
    compiler_barrier();
    tthal_host_wait(static_cast<uint32_t>(kind), a, b);
    compiler_barrier();
}

inline void let_others_run() { wait_until_changed(Wait::YIELD, 0, 0); }

// How many transfers a barrier or flush would wait for.
inline uint32_t noc_count(NocOperation which, uint8_t noc, uint32_t transaction_id = ANY_TRANSACTION_ID) {
    compiler_barrier();
    if (processor().noc_queue_count == 0 && processor().noc_outstanding == 0) return 0;
    noc_flush({.operation = static_cast<uint32_t>(which), .poll = 1, .noc = noc, .transaction_id = transaction_id});
    return processor().noc_counted;
}

// What a poll of the NoC's counters finds: whether a barrier would be passed. A poll in vain lets time pass.
inline bool noc_poll(NocOperation which, uint32_t noc, uint32_t transaction_id = ANY_TRANSACTION_ID) {
    if (noc_count(which, noc, transaction_id) != 0) let_others_run();
    const bool done = noc_count(which, noc, transaction_id) == 0;
    if (done && is_announced(static_cast<MonitorEvent>(which)))
        announce(static_cast<MonitorEvent>(which), site(), transaction_id, 0, 0, 0, 0, noc);
    return done;
}

}  // namespace tthal

#pragma clang attribute pop
