// Transfers that are on their way: what waits for them, what they still read from, and what is left when a kernel ends.
#include "check.h"

namespace check {

void check_target(State& state, Core& core, CircularBuffer* buffer, const Record& record);
void check_write_source(State& state, Core& core, const CircularBuffer* buffer, const Record& record);

namespace {

bool is_read(const Transfer& transfer) { return transfer.event == QUEUED_READ; }
bool is_atomic(EventKind event) { return event == QUEUED_ATOMIC_INCREMENT || event == QUEUED_ATOMIC_MULTICAST; }
bool is_atomic(const Transfer& transfer) { return is_atomic(transfer.event); }
bool is_posted(const Transfer& transfer) { return transfer.flags & POSTED; }
bool has_source(const Transfer& transfer) {
    return transfer.event == QUEUED_WRITE || transfer.event == QUEUED_WRITE_MULTICAST;
}
bool is_write(const Transfer& transfer) { return !is_read(transfer) && !is_atomic(transfer); }

bool overlap(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size) {
    return a < static_cast<uint64_t>(b) + b_size && b < static_cast<uint64_t>(a) + a_size;
}

// Most transfers are between a page of an own circular buffer and a buffer in DRAM that were both found before: that
// circular buffer, or nullptr where check_owner has to look. Races are told with what else check_owner notes.
CircularBuffer* owned_by_hints(State& state, Core& core, const Processor& processor, const Record& record) {
    const bool is_rare = processor.suspect_count != 0 || state.replaced_count != 0 || state.races != nullptr;
    if (is_rare || record.event > QUEUED_WRITE || record.noc > 1 || record.size == 0) return nullptr;
    CircularBuffer* const own = hinted_buffer(core, processor, record, record.local, record.size);
    const int32_t node = state.nodes[record.noc * (NODE_MASK + 1) + (record.remote >> ADDRESS_BITS & NODE_MASK)];
    if (own == nullptr || node > -2) return nullptr;
    const uint64_t address = record.remote & ADDRESS_MASK;
    const uint32_t channel = static_cast<uint32_t>(-2 - node);
    const Extent* const extent = dram_hint(state, slot_of(record), channel, address);
    const bool is_good = extent != nullptr && extent->live && address + record.size <= extent->end;
    return is_good ? own : nullptr;
}

// Whether its data may still be in the sender's L1.
bool is_at_source(const Transfer& transfer) { return has_source(transfer) && transfer.source < LEFT; }

bool is_word(const Record& record) { return record.event >= QUEUED_WRITE_INLINE || record.size <= WORD_SIZE; }

// Whether somebody's answer to a word behind the write says that the data have left.
bool may_be_answered(const State& state, const Record& record) {
    if (record.event == QUEUED_WRITE) return other_core(state, record) >= 0;
    return record.event == QUEUED_WRITE_MULTICAST && (!state.multicasts_overtake || record.size <= WORD_SIZE);
}

void settle(State& state, uint32_t number) {
    Core& core = state.cores[number];
    if (core.sources == 0) return;
    for (Processor& processor : core.processors)
        for (uint32_t i = 0; i < processor.count; i++) {
            Transfer& transfer = processor.transfers[i];
            if (!is_at_source(transfer) || !(transfer.flags & TO_CORE)) continue;
            transfer.source = ANSWERED;
            core.sources--;
        }
}

// Words from another core: whether they answer what was sent is not known here, so that they do; races know better.
void note_answer(State& state, const Record& record) {
    if (!is_word(record) || record.event == QUEUED_READ) return;
    const uint32_t own = core_of(record);
    const int32_t other = is_multicast(record) ? -1 : other_core(state, record);
    for (uint32_t core = 0; core < state.core_count && is_multicast(record); core++)
        if (core != own) settle(state, core);
    if (other >= 0 && static_cast<uint32_t>(other) != own && static_cast<uint32_t>(other) < state.core_count)
        settle(state, static_cast<uint32_t>(other));
}

void hold(Processor& processor, const Transfer& transfer) {
    if (transfer.source == ARRIVING) processor.arrivals.hold(transfer.local, transfer.size);
    if (is_at_source(transfer)) processor.sources.hold(transfer.local, transfer.size);
}

// Most processors have few transfers under way, so that all of them together take little memory.
bool make_room(State& state, Processor& processor) {
    const uint32_t had = processor.room;
    const uint32_t room = had == 0 ? FEW : had == FEW ? SOME : had == SOME ? MANY : 2 * had;
    if (room > state.transfers_room - state.transfers_taken) return false;
    Transfer* const made = state.transfers + state.transfers_taken;
    state.transfers_taken += room;
    for (uint32_t i = 0; i < processor.count; i++) made[i] = processor.transfers[i];
    processor.transfers = made;
    processor.room = room;
    return true;
}

// What two transfers have in common that may be kept as one.
uint64_t kind_of(const Transfer& transfer) {
    const uint32_t how = static_cast<uint32_t>(transfer.event) << 24 ^ transfer.noc << 19 ^ transfer.source << 16 ^
                         transfer.flags << 8 ^ transfer.id;
    return static_cast<uint64_t>(transfer.site) << 32 | how;
}

bool is_before(const Transfer& a, const Transfer& b) {
    const uint64_t kind = kind_of(a), other = kind_of(b);
    return kind != other ? kind < other : a.local < b.local;
}

// Lets a transfer sink in a heap that is right but for it.
void sink(Transfer* heap, uint32_t count, uint32_t place) {
    const Transfer sinking = heap[place];
    for (uint32_t child; (child = 2 * place + 1) < count; place = child) {
        if (child + 1 < count && is_before(heap[child], heap[child + 1])) child++;
        if (!is_before(sinking, heap[child])) break;
        heap[place] = heap[child];
    }
    heap[place] = sinking;
}

void sort(Transfer* transfers, uint32_t count) {
    for (uint32_t i = count / 2; i-- > 0;) sink(transfers, count, i);
    for (uint32_t left = count; left-- > 1;) {
        const Transfer last = transfers[0];
        transfers[0] = transfers[left];
        transfers[left] = last;
        sink(transfers, left, 0);
    }
}

constexpr uint32_t MOST = 1 << 24;  // that Transfer::times does not hold

// A loop asks for pages one behind the other, or sends one page to many: together they are as good as one transfer.
void merge(Core& core, Processor& processor) {
    sort(processor.transfers, processor.count);
    uint32_t last = 0;
    for (uint32_t i = 1; i < processor.count; i++) {
        Transfer& into = processor.transfers[last];
        const Transfer& next = processor.transfers[i];
        if (kind_of(into) != kind_of(next) || next.local - into.local > into.size || into.times + next.times >= MOST) {
            processor.transfers[++last] = next;
            continue;
        }
        const uint32_t size = next.local - into.local + next.size;
        if (size > into.size) into.size = size;
        into.times += next.times;
        core.sources -= is_at_source(next);
    }
    processor.count = last + 1;
}

void forget_half(Core& core, Processor& processor) {
    const uint32_t half = processor.count / 2;
    for (uint32_t i = 0; i < half; i++) core.sources -= is_at_source(processor.transfers[i]);
    for (uint32_t i = half; i < processor.count; i++) processor.transfers[i - half] = processor.transfers[i];
    processor.count -= half;
}

// Room for one more: by merging, else in a larger place. When all processors together have taken all there is, some are
// forgotten.
bool make_way(State& state, Core& core, Processor& processor) {
    if (processor.room >= MANY) merge(core, processor);
    const bool has_way = processor.room != 0 && processor.count <= processor.room / 2;
    if (!has_way && !make_room(state, processor)) forget_half(core, processor);
    return processor.room != 0;
}

// Of posted increments there is no answer, and no data that must leave first: no barrier waits for them, nor does the end.
bool is_over_at_once(const Record& record) { return is_atomic(record.event) && record.flags & POSTED; }

void keep(State& state, Core& core, Processor& processor, const Record& record, uint8_t flags, Source source) {
    if (processor.count == processor.room && !make_way(state, core, processor)) return;
    Transfer& kept = processor.transfers[processor.count++];
    kept = {record.event, record.noc, flags, record.id, record.local, record.size, record.site, 1, source};
    core.sources += is_at_source(kept);
    hold(processor, kept);
}

bool covers(const Record& barrier, const Transfer& transfer) {
    if (barrier.extra != transfer.noc) return false;
    if (barrier.id == ALL_TRANSACTIONS) return !(transfer.flags & UNCOUNTED);
    return barrier.id == transfer.id;
}

// Whether a transfer is over when a barrier ends that covers it.
bool ends(const Record& barrier, const Transfer& transfer) {
    // One of a transaction id waits for all that will be answered.
    if (barrier.id != ALL_TRANSACTIONS && barrier.event <= WRITE_BARRIER && !is_posted(transfer)) return true;
    switch (barrier.event) {
        case READ_BARRIER: return is_read(transfer);
        case WRITE_BARRIER: return is_write(transfer) && !is_posted(transfer);
        case ATOMIC_BARRIER: return is_atomic(transfer);
        case POSTED_FLUSH: return is_write(transfer) && is_posted(transfer);
        default: return false;
    }
}

// Whether a flush is about a write: of posted ones there is another, unless it is one of a transaction id.
bool flushes(const Record& flush, const Transfer& transfer) {
    if (flush.event == WRITE_FLUSH) return is_write(transfer) && (!is_posted(transfer) || flush.id != ALL_TRANSACTIONS);
    return flush.event == POSTED_FLUSH && is_write(transfer) && is_posted(transfer);
}

// What it says of the write's data: one of a transaction id waits until they have left, as asking for that does.
Source after_flush(const State& state, const Record& flush) {
    const bool have_left = flush.id != ALL_TRANSACTIONS || flush.value != 0;
    return state.flushes_early && !have_left ? FLUSHED : LEFT;
}

void flush(const State& state, Core& core, Transfer& transfer, const Record& record) {
    const bool was_there = is_at_source(transfer);
    const Source now = after_flush(state, record);
    if (transfer.source == ANSWERED) transfer.source = LEFT;
    else if (now > transfer.source) transfer.source = now;
    core.sources -= was_there && !is_at_source(transfer);
}

// Looks at every transfer under way, and lets go of those that do not stay.
template <typename Stays>
void look_through(Core& core, Processor& processor, Stays&& stays) {
    uint32_t kept = 0;
    processor.arrivals = processor.sources = {};
    for (uint32_t i = 0; i < processor.count; i++) {
        Transfer& transfer = processor.transfers[i];
        if (!stays(transfer)) {
            core.sources -= is_at_source(transfer);
            continue;
        }
        hold(processor, transfer);
        if (kept != i) processor.transfers[kept] = transfer;
        kept++;
    }
    processor.count = kept;
}

// A write to the core's own L1. A word that follows data on the same NoC may tell that they are there; of posted ones
// nothing else does.
[[gnu::cold, gnu::noinline]] void check_own_target(State& state, Core& core, Processor& processor, Record record) {
    const uint32_t target = static_cast<uint32_t>(record.remote & ADDRESS_MASK);
    if (is_word(record))
        return look_through(core, processor, [&](const Transfer& transfer) {
            return is_read(transfer) || transfer.source != ARRIVING || transfer.noc != record.noc;
        });
    if (target == record.local) return;  // changes nothing
    record.local = target;
    check_sources(state, core, record, Kind::SOURCE_REUSED, target, record.size);
    check_target(state, core, buffer_at(core, target, record.size), record);
    if (!(record.flags & POSTED)) keep(state, core, processor, record, record.flags, ARRIVING);
}

}  // namespace

const Transfer* arrival_at(const Processor& processor, uint32_t address, uint32_t size) {
    for (uint32_t i = 0; i < processor.count; i++) {
        const Transfer& transfer = processor.transfers[i];
        if (transfer.source == ARRIVING && overlap(transfer.local, transfer.size, address, size)) return &transfer;
    }
    return nullptr;
}

void check_sources_left(State& state, Core& core, const Record& record, Kind kind, uint32_t address, uint32_t size) {
    const Transfer* flushed = nullptr;
    uint32_t sender = NONE;
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        const Processor& processor = core.processors[slot];
        if (!processor.sources.meets(address, size)) continue;
        for (uint32_t i = 0; i < processor.count; i++) {
            const Transfer& transfer = processor.transfers[i];
            if (!is_at_source(transfer) || !overlap(transfer.local, transfer.size, address, size)) continue;
            const uint32_t kernel = record.kernel - slot_of(record) + slot;
            if (transfer.source == IN_L1)
                return report(state, kind, record, kernel, transfer.site, 0, way_of(transfer), address);
            flushed = &transfer;
            sender = kernel;
        }
    }
    if (flushed != nullptr)
        report(state, Kind::SOURCE_FLUSHED, record, sender, flushed->site, 0, way_of(*flushed), address);
}

void note_section(Processor& processor, const Record& record) {
    processor.dst_address = record.local;
    const DstCall call = static_cast<DstCall>(record.id);
    if (call == DstCall::ACQUIRE) {
        processor.dst_acquired++;
        processor.dst_site = record.site;
    } else if (call == DstCall::RELEASE) {
        processor.dst_released++;
    }
}

void check_barrier(const State& state, Core& core, Processor& processor, const Record& record) {
    look_through(core, processor, [&](Transfer& transfer) {
        if (!covers(record, transfer)) return true;
        const bool over = ends(record, transfer);
        if (flushes(record, transfer)) flush(state, core, transfer, record);
        return !over || (record.event == POSTED_FLUSH && is_at_source(transfer));
    });
}

void check_queued(State& state, Core& core, Processor& processor, const Record& record) {
    CircularBuffer* own = owned_by_hints(state, core, processor, record);
    const bool is_usual = own != nullptr;
    uint8_t flags = record.flags;
    if (!is_usual) {
        check_owner(state, core, processor, record);
        if (may_be_answered(state, record)) flags |= TO_CORE;
        note_answer(state, record);
        if (record.event <= QUEUED_WRITE_MULTICAST)
            own = own_buffer_at(core, processor, record, record.local, record.size);
    }
    if (record.event == QUEUED_READ) {
        check_sources(state, core, record, Kind::SOURCE_REUSED, record.local, record.size);
        check_target(state, core, own, record);
    } else if (record.event <= QUEUED_WRITE_MULTICAST) {
        check_write_source(state, core, own, record);
        if (const Transfer* const arrival = pending_arrival(processor, record.local, record.size))
            report(state, Kind::SOURCE_INCOMPLETE, record, record.kernel, arrival->site, record.size, way_of(*arrival),
                   record.local | by_write(arrival->event));
    }
    if (!is_usual && record.event != QUEUED_READ && is_sent_to_itself(state, record))
        check_own_target(state, core, processor, record);
    if (is_over_at_once(record)) return;
    keep(state, core, processor, record, flags, record.event == QUEUED_READ ? ARRIVING : IN_L1);
}

// 0: a read, 1: a write that may not even have left, 2: what nobody acknowledged, 3: what nobody will acknowledge, or the
// other end of a write.
static uint32_t left_as(const Transfer& transfer) {
    const bool is_flushed = transfer.source == FLUSHED || transfer.source == LEFT;
    if (is_read(transfer)) return 0;
    if (transfer.source == ARRIVING || (is_flushed && is_posted(transfer))) return 3;
    return is_atomic(transfer) || is_flushed ? 2 : 1;
}

void check_end(State& state, Core& core, const Record& record) {
    Processor& processor = core.processors[slot_of(record)];
    const Kind kinds[] = {Kind::READS_AT_END, Kind::WRITES_AT_END, Kind::UNACKNOWLEDGED_AT_END};
    for (uint32_t first = 0; first < processor.count; first++) {
        const uint32_t which = left_as(processor.transfers[first]), site = processor.transfers[first].site;
        if (which == 3) continue;
        uint32_t before = 0, count = 0;
        for (uint32_t i = 0; i < processor.count; i++) {
            if (left_as(processor.transfers[i]) != which || processor.transfers[i].site != site) continue;
            if (i < first) before++;
            count += processor.transfers[i].times;
        }
        if (before != 0) continue;  // told with the first of this line
        Record named = record;
        named.site = site;
        report(state, kinds[which], named, NONE, 0, count, way_of(processor.transfers[first]));
    }
    if (processor.dst_acquired != processor.dst_released) {
        Record named = record;
        named.site = processor.dst_site;
        report(state, Kind::DST_AT_END, named);
    }
    for (uint32_t i = 0; i < processor.count; i++) core.sources -= is_at_source(processor.transfers[i]);
    processor.count = 0;
    processor.arrivals = processor.sources = {};
}

}  // namespace check
