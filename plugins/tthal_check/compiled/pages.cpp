// The states of circular-buffer pages: reserved, pushed, waited for, popped; who may write and read them when.
#include "check.h"

namespace check {
namespace {

constexpr uint32_t COMPUTE = 2;                     // the slot of the compute processor
constexpr uint32_t TILIZE = 5, TILIZE_REDUCE = 11;  // tile operations that read blocks of rows

// How far an address lies behind a pointer, going round.
uint32_t distance(const CircularBuffer& buffer, uint32_t pointer, uint32_t address) {
    const uint32_t end = buffer.address + buffer.size;
    if (pointer < buffer.address || pointer >= end) pointer = buffer.address;
    return address >= pointer ? address - pointer : address + buffer.size - pointer;
}

bool within(const CircularBuffer& buffer, uint32_t pointer, uint32_t pages, uint32_t address, uint32_t size) {
    return static_cast<uint64_t>(distance(buffer, pointer, address)) + size <=
           static_cast<uint64_t>(pages) * buffer.page_size;
}

bool is_waited_for(const CircularBuffer& buffer, const Record& record, uint32_t size) {
    const uint32_t slot = slot_of(record);
    return within(buffer, buffer.read_pointer[slot], buffer.waited[slot], record.local, size);
}

// Kept until it turns out that it is a mistake.
void note_early(Core& core, const Finding& finding) {
    Finding& early = core.early[finding.id];
    if (early.kernel == NONE) early = finding;
}

// Something is wrong if the buffer is a queue: at once if it is one already, later if it becomes one.
void report_queue(State& state, Core& core, Kind kind, const Record& record, uint32_t other_kernel = NONE,
                  uint32_t other_site = 0, uint32_t count = 0, uint32_t limit = 0) {
    const Finding finding = {static_cast<uint32_t>(kind),
                             record.kernel,
                             record.site,
                             other_kernel,
                             other_site,
                             record.id,
                             count,
                             limit,
                             record.local};
    if (core.buffers[record.id].is_queue) report(state, finding);
    else note_early(core, finding);
}

bool is_early(const Finding& early, bool by_write) {
    return early.kernel != NONE && ((early.address & BY_WRITE) != 0) == by_write;
}

[[gnu::cold]] void becomes_queue(State& state, Core& core, uint32_t index) {
    core.buffers[index].is_queue = 1;
    if (is_early(core.early[index], false)) report(state, core.early[index]);
}

// A kernel pushes that wrote to pages which nobody had reserved.
[[gnu::cold, gnu::noinline]] void becomes_producer(State& state, Core& core, const Record& record) {
    const Finding& early = core.early[record.id];
    if (is_early(early, true) && early.kernel == record.kernel) report(state, early);
}

void reserved(CircularBuffer& buffer, const Record& record) {
    buffer.write_pointer = record.local;
    if (record.value > buffer.reserved) buffer.reserved = record.value;
}

// Somebody waited for all pages up to one, or took them.
void saw(CircularBuffer& buffer, uint32_t pages, const Record& record) {
    if (pages <= buffer.seen) return;
    buffer.seen = pages;
    buffer.waiter = record.kernel;
    buffer.waiter_site = record.site;
}

// Processors that take turns at the same place are legal; their private pointers tell when they do not. Not so when it is
// the compute processor's turn again: it counts for itself, and stores its count over what the others did.
bool out_of_turn(uint32_t last, const Record& record, uint32_t turn) {
    return last != NONE && last != record.kernel && (record.local != turn || slot_of(record) == COMPUTE);
}

void pushed(State& state, Core& core, const Processor& processor, CircularBuffer& buffer, const Record& record) {
    if (buffer.producer == NONE) becomes_producer(state, core, record);
    if (out_of_turn(buffer.producer, record, buffer.tail))
        report(state, Kind::TWO_PRODUCERS, record, buffer.producer, buffer.producer_site);
    buffer.producer = record.kernel;
    buffer.producer_site = record.site;
    if (record.value > buffer.reserved)
        report(state, Kind::PUSH_UNRESERVED, record, NONE, 0, record.value, buffer.reserved);
    const uint32_t bytes = record.value * buffer.page_size;
    const uint32_t until_end = buffer.address + buffer.size - record.local;
    const Transfer* arrival = pending_arrival(processor, record.local, bytes < until_end ? bytes : until_end);
    if (arrival == nullptr && bytes > until_end)
        arrival = pending_arrival(processor, buffer.address, bytes - until_end);
    if (arrival != nullptr)
        report(state, Kind::PUSH_WITHOUT_BARRIER, record, record.kernel, arrival->site, 0, way_of(*arrival),
               by_write(arrival->event));
    buffer.reserved = record.value > buffer.reserved ? 0 : buffer.reserved - record.value;
    buffer.write_pointer = record.local + bytes >= buffer.address + buffer.size ? record.local + bytes - buffer.size
                                                                                : record.local + bytes;
    buffer.tail = buffer.write_pointer;
    buffer.filled += record.value;
    buffer.pushed += record.value;
}

// The packer and the unpacker of a kernel run apart: what the one has pushed, the other knows when it waits for pages of it,
// and then of all that was pushed before.
void hear_packer(Core& core, uint32_t kernel) {
    for (uint32_t i = 0; i < core.used_count; i++) {
        CircularBuffer& buffer = core.buffers.kept[core.used[i]];
        if (buffer.producer == kernel) buffer.heard_of = static_cast<uint16_t>(buffer.filled);
    }
}

void waited(Core& core, CircularBuffer& buffer, const Record& record) {
    const uint32_t slot = slot_of(record);
    if (slot == COMPUTE && buffer.producer == record.kernel) hear_packer(core, record.kernel);
    saw(buffer, buffer.popped + record.value, record);
    buffer.read_pointer[slot] = record.local;
    if (record.value > buffer.waited[slot]) buffer.waited[slot] = record.value;
}

void popped(State& state, CircularBuffer& buffer, const Record& record) {
    const uint32_t slot = slot_of(record);
    if (out_of_turn(buffer.consumer, record, buffer.head))
        report(state, Kind::TWO_CONSUMERS, record, buffer.consumer, buffer.consumer_site);
    buffer.consumer = record.kernel;
    buffer.consumer_site = record.site;
    uint32_t& waited = buffer.waited[slot];
    // Whoever pushed the pages itself knows that they are there.
    const bool own = buffer.producer == record.kernel && record.value <= buffer.filled;
    if (record.value > waited && !own) report(state, Kind::POP_UNWAITED, record, NONE, 0, record.value, waited);
    waited = record.value > waited ? 0 : waited - record.value;
    const uint32_t next = record.local + record.value * buffer.page_size;
    buffer.read_pointer[slot] = next >= buffer.address + buffer.size ? next - buffer.size : next;
    buffer.head = buffer.read_pointer[slot];
    buffer.popped += record.value;
    saw(buffer, buffer.popped, record);
    buffer.filled = record.value > buffer.filled ? 0 : buffer.filled - record.value;
    buffer.heard_of = record.value > buffer.heard_of ? 0 : static_cast<uint16_t>(buffer.heard_of - record.value);
    buffer.in_place_kernel = NONE;
}

void unpacked(State& state, Core& core, const CircularBuffer& buffer, const Record& record) {
    if (record.size > buffer.page_size && record.value != TILIZE && record.value != TILIZE_REDUCE)
        report(state, Kind::TILE_TOO_LARGE, record, NONE, 0, record.size, buffer.page_size, record.local);
    if (buffer.in_place_kernel != NONE && buffer.in_place_address == record.local)
        report(state, Kind::PACK_IN_PLACE, record, buffer.in_place_kernel, buffer.in_place_site);
    const uint32_t size = record.size < buffer.page_size ? record.size : buffer.page_size;
    const uint32_t waited = buffer.waited[COMPUTE], there = buffer.heard_of > waited ? buffer.heard_of : waited;
    if (!within(buffer, buffer.read_pointer[COMPUTE], there, record.local, size))
        report_queue(state, core, Kind::TILE_UNWAITED, record, buffer.producer, buffer.producer_site,
                     distance(buffer, buffer.read_pointer[COMPUTE], record.local) / buffer.page_size, waited);
}

void packed(State& state, Core& core, CircularBuffer& buffer, const Record& record) {
    buffer.is_filled = 1;
    check_sources(state, core, record, Kind::SOURCE_REUSED, record.local, record.size);
    if (within(buffer, buffer.write_pointer, buffer.reserved, record.local, record.size)) return;
    if (is_waited_for(buffer, record, record.size)) {
        buffer.in_place_address = record.local;
        buffer.in_place_kernel = record.kernel;
        buffer.in_place_site = record.site;
        return;
    }
    report_queue(state, core, Kind::PACK_UNRESERVED, record, NONE, 0,
                 distance(buffer, buffer.write_pointer, record.local) / buffer.page_size, buffer.reserved);
}

// A write may come from a kernel that knows better than the counts: one that brings its part of a page to all that gather
// it, itself among them, may come before the producer reserves. Not so where it is the producer, then or later.
void report_write(State& state, Core& core, const CircularBuffer& buffer, const Finding& finding) {
    if (buffer.producer == finding.kernel) report(state, finding);
    else if (buffer.producer == NONE) note_early(core, finding);
}

void report_target(State& state, Core& core, const CircularBuffer& buffer, const Record& record) {
    Record named = record;
    named.id = buffer.id;
    const uint32_t end = buffer.address + buffer.size;
    const bool is_past = record.local + record.size > end;
    const Kind kind = is_past ? Kind::PAST_END : Kind::UNRESERVED;
    const uint32_t limit = is_past ? record.local + record.size - end : buffer.reserved;
    if (record.event == QUEUED_READ) return report_queue(state, core, kind, named, NONE, 0, record.size, limit);
    report_write(state, core, buffer,
                 {static_cast<uint32_t>(kind), record.kernel, record.site, NONE, 0, buffer.id, record.size, limit,
                  record.local | BY_WRITE});
}

bool is_queue_at(const CircularBuffer& buffer, const CircularBuffer& other) {
    return other.address == buffer.address && other.is_queue && !other.exempt;
}

// A transfer into pages that are not reserved under the index that was looked at first. Of several that share the memory it is
// not known which one the kernel means: it is wrong if it is under all that are queues. While none is one, the first that
// becomes one will tell. A page that the kernel itself waited for is its own, too.
[[gnu::cold, gnu::noinline]] void check_other_indices(State& state, Core& core, const CircularBuffer& buffer,
                                                      const Record& record) {
    const CircularBuffer* queue = nullptr;
    const bool fits = record.local + record.size <= buffer.address + buffer.size;
    const auto is_right = [&](const CircularBuffer& other) {
        if (!is_queue_at(buffer, other)) return false;
        if (queue == nullptr) queue = &other;
        const bool is_reserved = within(other, other.write_pointer, other.reserved, record.local, record.size);
        return fits && (is_reserved || is_waited_for(other, record, record.size));
    };
    if (find_at(core, record.local, record.size, is_right) != nullptr) return;
    if (queue != nullptr) return report_target(state, core, *queue, record);
    find_at(core, record.local, record.size, [&](const CircularBuffer& other) {
        if (other.address == buffer.address) report_target(state, core, other, record);
        return false;
    });
}

// Who pushes the pages itself knows what is in them.
bool is_given_back(const CircularBuffer& buffer, const Record& record) {
    const bool is_consumer = buffer.consumer == record.kernel && buffer.producer != record.kernel;
    return buffer.is_queue && is_consumer && !is_waited_for(buffer, record, 1);
}

// Of the indices that share a memory, the one that a write out of it is about: that under which it is right; else one whose
// page its kernel has given back.
[[gnu::cold, gnu::noinline]] const CircularBuffer* index_of_source(Core& core, const CircularBuffer& buffer,
                                                                   const Record& record) {
    const CircularBuffer* given_back = nullptr;
    const auto is_right = [&](const CircularBuffer& other) {
        if (!is_queue_at(buffer, other)) return false;
        if (is_given_back(other, record)) given_back = &other;
        return other.producer == record.kernel || is_waited_for(other, record, 1);
    };
    const CircularBuffer* const right = find_at(core, record.local, record.size, is_right);
    return right != nullptr ? right : given_back;
}

}  // namespace

CircularBuffer* buffer_at(Core& core, uint32_t address, uint32_t size) {
    return find_at(core, address, size, [](const CircularBuffer&) { return true; });
}

// Apart, so that the usual way needs no stack.
[[gnu::cold, gnu::noinline]] static void check_first_pages(State& state, Core& core, Processor& processor,
                                                           const Record& record) {
    becomes_queue(state, core, record.id);
    check_pages(state, core, processor, record);
}

void check_pages(State& state, Core& core, Processor& processor, const Record& record) {
    CircularBuffer& buffer = core.buffers[record.id % CIRCULAR_BUFFERS];
    if (record.id >= CIRCULAR_BUFFERS || !buffer.configured || buffer.exempt) return;
    if (record.event <= CB_POPPED && !buffer.is_queue) return check_first_pages(state, core, processor, record);
    if (record.event == CB_RESERVED) return reserved(buffer, record);
    if (record.event == CB_PUSHED) return pushed(state, core, processor, buffer, record);
    if (record.event == CB_WAITED) return waited(core, buffer, record);
    if (record.event == CB_POPPED) return popped(state, buffer, record);
    if (record.event == TILE_OPERAND) return unpacked(state, core, buffer, record);
    packed(state, core, buffer, record);
}

// A read, or a write to the core's own L1, into pages of a circular buffer that nobody has reserved.
void check_target(State& state, Core& core, CircularBuffer* buffer, const Record& record) {
    if (buffer == nullptr || buffer->exempt || record.local < buffer->address) return;
    buffer->is_filled = 1;
    const bool fits = record.local + record.size <= buffer->address + buffer->size;
    if (fits && within(*buffer, buffer->write_pointer, buffer->reserved, record.local, record.size)) return;
    check_other_indices(state, core, *buffer, record);
}

// A write out of a page of a queue that its kernel popped and has not waited for since, as by a pointer of before.
void check_write_source(State& state, Core& core, const CircularBuffer* buffer, const Record& record) {
    if (buffer == nullptr || buffer->exempt) return;
    if (buffer->is_shared) buffer = index_of_source(core, *buffer, record);
    if (buffer == nullptr || !is_given_back(*buffer, record)) return;
    Record named = record;
    named.id = buffer->id;
    report(state, Kind::USED_AFTER_POP, named, buffer->consumer, buffer->consumer_site, 0, 0, record.local);
}

}  // namespace check
