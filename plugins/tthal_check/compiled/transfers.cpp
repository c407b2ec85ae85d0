// Transfers that are on their way: what waits for them, what they still read from, and what is left when a kernel ends.
#include "check.h"

namespace check {

void check_read_target(State& state, Core& core, const Record& record);
void check_write_source(State& state, Core& core, const Record& record);

namespace {

enum DstCall : uint8_t { ACQUIRE, COMMIT, WAIT, RELEASE };

bool is_read(const Transfer& transfer) { return transfer.event == QUEUED_READ; }
bool is_atomic(const Transfer& transfer) {
    return transfer.event == QUEUED_ATOMIC || transfer.event == QUEUED_ATOMIC_MULTICAST;
}
bool is_posted(const Transfer& transfer) { return transfer.flags & POSTED; }
bool has_source(const Transfer& transfer) { return transfer.event == QUEUED_WRITE || transfer.event == QUEUED_MULTICAST; }
bool is_write(const Transfer& transfer) { return !is_read(transfer) && !is_atomic(transfer); }

bool overlap(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size) {
    return a < static_cast<uint64_t>(b) + b_size && b < static_cast<uint64_t>(a) + a_size;
}

void keep(Processor& processor, const Record& record) {
    if (processor.count == TRANSFERS) {
        for (uint32_t i = 1; i < TRANSFERS; i++) processor.transfers[i - 1] = processor.transfers[i];
        processor.count--;
    }
    processor.transfers[processor.count++] = {record.event, record.noc, record.flags, record.id, 0, record.local,
                                              record.size, record.site};
}

bool covers(const Record& barrier, const Transfer& transfer) {
    if (barrier.extra != transfer.noc) return false;
    if (barrier.id == ALL_IDS) return !(transfer.flags & UNCOUNTED);
    return barrier.id == transfer.id;
}

void barrier(Processor& processor, const Record& record) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < processor.count; i++) {
        Transfer transfer = processor.transfers[i];
        if (covers(record, transfer)) {
            // One of a transaction id waits for all that will be answered.
            if (record.id != ALL_IDS && record.event <= WRITE_BARRIER && !is_posted(transfer)) continue;
            switch (record.event) {
                case READ_BARRIER: if (is_read(transfer)) continue; break;
                case WRITE_BARRIER: if (is_write(transfer) && !is_posted(transfer)) continue; break;
                case ATOMIC_BARRIER: if (is_atomic(transfer)) continue; break;
                case WRITE_FLUSH: if (is_write(transfer)) transfer.flushed = 1; break;
                case POSTED_FLUSH: if (is_write(transfer) && is_posted(transfer)) continue; break;
            }
        }
        processor.transfers[kept++] = transfer;
    }
    processor.count = kept;
}

}  // namespace

const Transfer* pending_read(const Processor& processor, uint32_t address, uint32_t size) {
    for (uint32_t i = 0; i < processor.count; i++) {
        const Transfer& transfer = processor.transfers[i];
        if (is_read(transfer) && overlap(transfer.local, transfer.size, address, size)) return &transfer;
    }
    return nullptr;
}

// Something is written to where a write that has not left its source still reads.
void check_sources(State& state, Core& core, const Record& record, Kind kind, uint32_t address, uint32_t size) {
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        const Processor& processor = core.processors[slot];
        for (uint32_t i = 0; i < processor.count; i++) {
            const Transfer& transfer = processor.transfers[i];
            if (!has_source(transfer) || transfer.flushed || !overlap(transfer.local, transfer.size, address, size)) continue;
            return report(state, kind, record, record.kernel - slot_of(record) + slot, transfer.site, 0, 0, address);
        }
    }
}

void check_transfer(State& state, Core& core, const Record& record) {
    Processor& processor = core.processors[slot_of(record)];
    if (record.event == SEMAPHORE_SET) {
        check_sources(state, core, record, Kind::SEMAPHORE_REUSED, record.local, 4);
    } else if (record.event == DST_SECTION) {
        if (record.id == ACQUIRE) {
            processor.dst_acquired++;
            processor.dst_site = record.site;
        } else if (record.id == RELEASE) {
            processor.dst_released++;
        }
    } else if (record.event >= READ_BARRIER) {
        barrier(processor, record);
    } else {
        if (record.event == QUEUED_READ) {
            check_sources(state, core, record, Kind::SOURCE_REUSED, record.local, record.size);
            check_read_target(state, core, record);
        } else if (record.event == QUEUED_WRITE || record.event == QUEUED_MULTICAST) {
            check_write_source(state, core, record);
        }
        keep(processor, record);
    }
}

// 0: a read, 1: a write that may not even have left, 2: what nobody acknowledged.
static uint32_t left_as(const Transfer& transfer) {
    return is_read(transfer) ? 0 : is_atomic(transfer) || transfer.flushed ? 2 : 1;
}

void check_end(State& state, Core& core, const Record& record) {
    Processor& processor = core.processors[slot_of(record)];
    const Kind kinds[] = {Kind::READS_AT_END, Kind::WRITES_AT_END, Kind::UNACKNOWLEDGED_AT_END};
    for (uint32_t first = 0; first < processor.count; first++) {
        const uint32_t which = left_as(processor.transfers[first]), site = processor.transfers[first].site;
        uint32_t before = 0, count = 0;
        for (uint32_t i = 0; i < processor.count; i++) {
            if (left_as(processor.transfers[i]) != which || processor.transfers[i].site != site) continue;
            if (i < first) before++;
            count++;
        }
        if (before != 0) continue;  // told with the first of this line
        Record named = record;
        named.site = site;
        report(state, kinds[which], named, NONE, 0, count);
    }
    if (processor.dst_acquired != processor.dst_released) {
        Record named = record;
        named.site = processor.dst_site;
        report(state, Kind::DST_AT_END, named);
    }
    processor.count = 0;
}

}  // namespace check
