// What processors do that move data: transfers, pages, semaphores; and what is called for every record (capture.h).
#include "capture.h"

namespace timing {

namespace {

uint32_t place_of(uint64_t remote) { return static_cast<uint32_t>(remote >> ADDRESS_BITS) & (PLACES - 1); }

}  // namespace

void Translator::transfer(const Record& record, uint32_t core) {
    static constexpr uint8_t KIND[] = {READ, WRITE, MULTICAST, WRITE, MULTICAST, ATOMIC, MULTICAST};
    const EventKind event = record.event;
    const uint8_t kind = KIND[static_cast<uint8_t>(event)];
    const bool is_inline = event == EventKind::QUEUED_WRITE_INLINE || event == EventKind::QUEUED_INLINE_MULTICAST;
    const bool is_atomic =
        event == EventKind::QUEUED_ATOMIC_INCREMENT || event == EventKind::QUEUED_ATOMIC_MULTICAST;
    const uint32_t place = record.noc * PLACES + place_of(record.remote);
    const uint32_t size = is_inline || is_atomic ? 4 : record.size;
    const uint32_t most = static_cast<uint32_t>(cost(PACKET));
    const uint32_t whole = size / most, rest = size % most;
    if (capture.nodes[place] < 0) return void(capture.unknown++);
    Processor& issuer = capture.processors[record.kernel];
    if (issuer.remote != record.remote && !issuer.has_address) {
        const bool elsewhere = (issuer.remote ^ record.remote) >> ADDRESS_BITS;
        const double cycles = cost(elsewhere ? NEW_ADDRESS : NEXT_ADDRESS) - issuer.own;
        if (cycles > 0) add(record.kernel, WORK, cycles, record.site);
    }
    issuer.own = 0;
    issuer.included = cost(ISSUE_LOOP);
    issuer.remote = record.remote;
    issuer.has_address = 0;
    for (uint32_t part = 0; part < 2; part++) {
        const uint32_t bytes = part ? rest : most, count = part ? (rest || !size ? 1 : 0) : whole;
        if (count == 0) continue;
        Action* action = add(record.kernel, kind, cost(kind == READ ? READ_ISSUE : WRITE_ISSUE), record.site);
        if (!action) return;
        action->noc = record.noc;
        action->repeat = count;
        action->bytes = bytes;
        action->node = static_cast<uint32_t>(capture.nodes[place]);
        action->channel = capture.channels[place];
        if (record.flags & tthal::POSTED) action->flags |= POSTED;
        if (record.flags & tthal::LINKED) action->flags |= LINKED;
        if (record.flags & tthal::INCLUDE_SOURCE) action->flags |= LOOPBACK;
        if (kind == MULTICAST) {
            const uint32_t first = record.noc * PLACES + place_of(record.remote >> 2 * tthal::NODE_BITS);
            action->last = action->node;
            if (capture.nodes[first] >= 0) action->node = static_cast<uint32_t>(capture.nodes[first]);
            action->count = is_inline || is_atomic ? record.extra : record.value;
            if (action->count == 0) action->count = 1;
            action->channel = NONE;
        }
        if (size != 4 || kind == READ) continue;
        const uint32_t address = static_cast<uint32_t>(record.remote), slot = slot_of(address);
        action->effect = slot;
        if (slot == NONE) continue;
        if (is_atomic) action->flags |= ADD;
        action->value = is_inline || is_atomic ? record.value : record.extra;
        if (issuer.pending_count < PENDING) issuer.pending[issuer.pending_count++] = small_of(record, *action, core);
    }
}

Small Translator::small_of(const Record& record, const Action& action, uint32_t core) const {
    Small small{record.remote, action.effect, action.value, action.node, action.node, NONE,
                static_cast<uint32_t>(action.flags & ADD)};
    if (action.kind != MULTICAST) return small;
    (action.noc == 0 ? small.last : small.first) = action.last;
    for (uint32_t node = 0; !(action.flags & LOOPBACK) && node < capture.width * capture.height; node++)
        if (capture.cores[node] == core) small.left_out = node;
    return small;
}

// The kernel's own code since the last event.
double Translator::own_cycles(const Record& record) const {
    const double alike = static_cast<double>(record.remote & 0xFFFFFFFF), shifted = static_cast<double>(record.remote >> 32);
    return record.value * cost(INSTRUCTION) + record.local * cost(L1_LOAD) + record.size * cost(L1_STORE) +
           record.extra * cost(DIVISION) + alike * cost(COPY_ALIKE) + shifted * cost(COPY_SHIFTED);
}

// A loop that polls loads much more than it stores. What it saw is not known: it goes on when the last word has changed
// that changed on its core in the functional run. One that spins does so for as long as somebody else takes: that is no
// work, true; one that gives way looks as often as the functional run let it.
bool Translator::has_spun(const Record& record, Processor& processor) {
    const bool looks = record.local * LOOP_OF_SPIN >= record.value && record.size * LOADS_OF_SPIN <= record.local;
    const bool spins = processor.spent && record.value >= SPIN && looks && record.remote == 0;
    const bool polls = spins || processor.yielded;
    if (polls) capture.polls += processor.spent + processor.yielded;
    const uint32_t waiting = !polls || !processor.heard_changes ? 0 : record.kernel % SLOTS == COMPUTE ? 3 : 1;
    for (uint32_t engine = 0; engine < waiting; engine++) {
        Action* action = add(record.kernel + engine, COUNTER_WAIT, 0, record.site);
        if (!action) break;
        action->channel = processor.heard;
        action->value = processor.heard_changes;
        action->flags = CHANGES;
    }
    processor.spent = processor.yielded = processor.heard_changes = 0;
    return spins;
}

// What commands cost was measured in loops, whose own code their cost contains; and what it costs to form an address
// stands for code that the kernel may have itself.
void Translator::executed(const Record& record, Processor& processor) {
    if (has_spun(record, processor)) return;
    double cycles = own_cycles(record);
    const double included = cycles < processor.included ? cycles : processor.included;
    processor.included -= included;
    cycles -= included;
    processor.own += cycles;
    if (cycles > 0) add(record.kernel, CODE, cycles, record.site);
}

// A small write or an increment took effect: the word's value in the functional run.
void Translator::arrived(const Record& record, uint32_t) {
    Processor& processor = capture.processors[record.kernel];
    for (uint32_t i = 0; i < processor.pending_count; i++) {
        const Small small = processor.pending[i];
        if (small.remote != record.remote) continue;
        const uint32_t w = capture.width, h = capture.height;
        for (uint32_t y = small.first / w;; y = (y + 1) % h) {
            for (uint32_t x = small.first % w;; x = (x + 1) % w) {
                took_effect(small, y * w + x);
                if (x == small.last % w) break;
            }
            if (y == small.last / w) break;
        }
        for (uint32_t j = i + 1; j < processor.pending_count; j++) processor.pending[j - 1] = processor.pending[j];
        processor.pending_count--;
        return;
    }
}

void Translator::took_effect(const Small& small, uint32_t node) {
    const uint32_t core = capture.cores[node];
    if (core == NONE || node == small.left_out) return;
    const uint32_t before = small.adds ? capture.words[small.slot * capture.core_count + core].value : 0;
    changed(small.slot, core, before + small.value);
}

void Translator::changed(uint32_t slot, uint32_t core, uint32_t value) {
    const uint32_t which = slot * capture.core_count + core;
    Word& word = capture.words[which];
    word.value = value;
    word.changes++;
    for (uint32_t i = core * SLOTS; i < (core + 1) * SLOTS; i++) {
        capture.processors[i].heard = which;
        capture.processors[i].heard_changes = word.changes;
    }
}

// A wait that begins although the word has the value that it waits for: a kernel has stored another one.
void Translator::blocked(const Record& record, Processor& processor, uint32_t core) {
    const Awaited what = static_cast<Awaited>(record.id);
    const bool more = what == Awaited::SEMAPHORE_AT_LEAST;
    if (what == Awaited::YIELD) processor.yielded++;
    if (!more && what != Awaited::SEMAPHORE_EQUAL) return;
    const uint32_t slot = slot_of(record.local);
    if (slot == NONE) return;
    Word& word = capture.words[slot * capture.core_count + core];
    if (more ? word.value >= record.value : word.value == record.value) word.is_loose = 1;
}

void Translator::semaphore(const Record& record, uint32_t core) {
    const uint32_t slot = slot_of(record.local);
    if (slot == NONE) return void(capture.unknown++);
    const uint32_t counter = slot * capture.core_count + core;
    const bool is_set = record.event == EventKind::SEMAPHORE_SET;
    Action* action = add(record.kernel, is_set ? COUNTER_SET : COUNTER_WAIT,
                         cost(is_set ? SEMAPHORE_CALL : SEMAPHORE_WAIT_COST), record.site);
    if (!action) return;
    action->channel = counter;
    action->value = record.value;
    if (is_set) return changed(slot, core, record.value);
    Word& word = capture.words[counter];
    if (record.id) action->flags |= AT_LEAST;
    if (record.id ? word.value < record.value : word.value != record.value) word.is_loose = 1;
    if (!word.is_loose) return;
    word.value = record.value;
    action->value = word.changes;
    action->flags = CHANGES;
}

void Translator::pages(const Record& record, Processor& processor, uint32_t core) {
    static constexpr uint8_t KIND[] = {QUEUE_RESERVE, QUEUE_PUSH, QUEUE_WAIT, QUEUE_POP};
    const bool computes = record.kernel % SLOTS == COMPUTE;
    const bool packs = record.event == EventKind::CB_RESERVED || record.event == EventKind::CB_PUSHED;
    if (computes) call_done(processor, core);
    const uint32_t list = computes ? record.kernel + (packs ? PACK : UNPACK) : record.kernel;
    const int call = static_cast<int>(record.event) - static_cast<int>(EventKind::CB_RESERVED);
    if (computes) engage(list, 0);
    queue(list, KIND[call], buffer(core, record.id), record.value, cost(CB_CALL), record.site);
}

// Of the compute processor's kernel, each of the three has its own.
void Translator::zone(const Record& record, Processor& processor, uint32_t core) {
    const bool computes = record.kernel % SLOTS == COMPUTE;
    const ZoneMark mark = static_cast<ZoneMark>(record.id);
    if (computes) call_done(processor, core);
    for (uint32_t engine = 0; engine < (computes ? 3u : 1u); engine++) {
        Action* action = add(record.kernel + engine, ZONE, cost(ZONE_COST) / 2, record.site);
        if (!action) return;
        action->value = record.value;
        action->flags = mark == ZoneMark::END ? ZONE_END : mark == ZoneMark::DATA ? INSTANT : 0;
        action->node = static_cast<uint32_t>(record.remote);
        action->channel = static_cast<uint32_t>(record.remote >> 32);
    }
}

// A kernel asks for the time: what it did since it last asked, if that is only its own work, or what the model makes of
// all that everybody did so far. Processors that have not come so far in the functional run do not get in its way.
void Translator::clock(Record& record, Processor& processor, uint32_t core) {
    const bool computes = record.kernel % SLOTS == COMPUTE;
    if (computes) call_done(processor, core);
    const uint32_t which = record.kernel + (computes ? MATH : 0);
    add(which, WORK, cost(ZONE_COST) / 2 + record.value, record.site);
    const List& list = capture.lists[which];
    // What was before the last run may be in the file, or forgotten: its sums are enough.
    const uint64_t before = list.run_count * RUN, count = before + list.size;
    bool is_own = processor.clock_position > 0 && list.others <= processor.clock_position;
    double time = processor.clock_time, cycles = processor.clock_cycles;
    if (processor.clock_position < before) {
        time += list.cycles - cycles;
        cycles = list.cycles;
    }
    for (uint64_t i = processor.clock_position < before ? 0 : processor.clock_position - before; i < list.size; i++) {
        is_own &= is_own_work(list.actions[i]);
        time += list.actions[i].cycles * list.actions[i].repeat;
        cycles += list.actions[i].cycles * list.actions[i].repeat;
    }
    if (!is_own) {
        const double solved = capture.clock(which);
        if (solved >= 0) time = solved;
    }
    processor.clock_time = time;
    processor.clock_cycles = cycles;
    processor.clock_position = count;
    record.remote = static_cast<uint64_t>(capture.begin + time);
}

void Translator::take(Record& record) {
    const uint32_t core = record.kernel / SLOTS;
    if (core >= capture.core_count) return;
    Processor& processor = capture.processors[record.kernel];
    if (record.event <= EventKind::QUEUED_ATOMIC_MULTICAST) return transfer(record, core);
    switch (record.event) {
        case EventKind::READ_BARRIER: add(record.kernel, READ_BARRIER, cost(READ_BARRIER_COST), record.site); break;
        case EventKind::WRITE_BARRIER: add(record.kernel, WRITE_BARRIER, cost(WRITE_BARRIER_COST), record.site); break;
        case EventKind::ATOMIC_BARRIER:
            add(record.kernel, ATOMIC_BARRIER, cost(WRITE_BARRIER_COST), record.site);
            break;
        case EventKind::WRITE_FLUSH:
        case EventKind::POSTED_FLUSH: add(record.kernel, WRITE_FLUSH, cost(WRITE_BARRIER_COST), record.site); break;
        case EventKind::CB_RESERVED:
        case EventKind::CB_PUSHED:
        case EventKind::CB_WAITED:
        case EventKind::CB_POPPED: pages(record, processor, core); break;
        case EventKind::SEMAPHORE_SET:
        case EventKind::SEMAPHORE_REACHED: semaphore(record, core); break;
        case EventKind::PAGE_ADDRESS:
            processor.has_address = 1;
            add(record.kernel, WORK, cost(PAGE_ADDRESS_COST), record.site);
            break;
        case EventKind::TILE_OPERAND: operand(record, processor, core); break;
        case EventKind::TILE_RESULT: result(record, processor, core); break;
        case EventKind::TILE_OPERATION:
            call_done(processor, core);
            work(core * SLOTS + COMPUTE + MATH, math_cycles(processor, core, record.value), record.site, 0,
                 record.value + 1, processor.variant + 1);
            break;
        case EventKind::VECTOR_OPERATION: vector_operation(record, processor, core); break;
        case EventKind::SET_UP:
        case EventKind::FORMAT_SET: set_up(record, processor, core); break;
        case EventKind::CLOCK: clock(record, processor, core); break;
        case EventKind::ZONE: zone(record, processor, core); break;
        case EventKind::DST_SECTION:
        case EventKind::DST_HANDED: section_call(record, processor, core); break;
        case EventKind::ARRIVED:
            if (record.size <= 4 || processor.pending_count) arrived(record, core);
            break;
        case EventKind::TURN: processor.spent++; break;
        case EventKind::WAIT: blocked(record, processor, core); break;
        case EventKind::EXECUTED:
            if (record.kernel % SLOTS == COMPUTE) computed(record, processor, core);
            else executed(record, processor);
            break;
        case EventKind::ENDED:
            if (record.kernel % SLOTS == COMPUTE) call_done(processor, core);
            break;
        default: break;
    }
}

}  // namespace timing

extern "C" uint64_t tthal_time_capture_size(uint32_t which) {
    using namespace timing;
    const uint64_t sizes[] = {sizeof(Capture), sizeof(List), sizeof(Processor), sizeof(Small), sizeof(Word)};
    return sizes[which];
}

extern "C" bool tthal_time_capture(void* environment, tthal::Record* records, uint32_t count) {
    timing::Translator translator{*static_cast<timing::Capture*>(environment)};
    for (uint32_t i = 0; i < count; i++) translator.take(records[i]);
    translator.publish();
    return false;
}
