// Records of events, for a launch that is observed.
#include "tthal/border/accesses.h"

namespace tthal {
namespace {

__attribute__((noinline)) void make_room() {
    compiler_barrier();
    tthal_host_records();
    compiler_barrier();
}

__attribute__((always_inline)) inline void put(uint64_t head, uint64_t remote, uint64_t sizes, uint64_t place) {
    Monitor& here = monitor();
    if (here.record_count >= RECORD_CAPACITY) make_room();
    uint64_t* const record = reinterpret_cast<uint64_t*>(&here.records[here.record_count]);
    record[0] = head;
    record[1] = remote;
    record[2] = sizes;
    record[3] = place;
    compiler_barrier();
    here.record_count += 1;
}

}  // namespace

struct Executed {
    uint32_t instructions, loads, stores, divisions;
};

}  // namespace tthal

// What compiler/executed.py counts.
extern "C" {
alignas(16) tthal::Executed tthal_executed;
uint64_t tthal_copied_bytes;
void tthal_copied(const void* to, const void* from, uint32_t bytes) {
    const bool alike = ((reinterpret_cast<uint32_t>(to) ^ reinterpret_cast<uint32_t>(from)) & 3) == 0;
    tthal_copied_bytes += alike ? bytes : static_cast<uint64_t>(bytes) << 32;
}
}

namespace tthal {
namespace {

void put_executed() {
    Executed& executed = tthal_executed;
    const uint32_t any = executed.instructions | executed.loads | executed.stores | executed.divisions;
    if (any == 0 && tthal_copied_bytes == 0) return;
    put(word_pair(static_cast<uint32_t>(MonitorEvent::EXECUTED), executed.loads), tthal_copied_bytes,
        word_pair(executed.stores, executed.instructions), executed.divisions);
    executed = {};
    tthal_copied_bytes = 0;
}

// Where another order can make a difference. What is announced comes before what is done, but for the end of a wait.
// Mailboxes, which are no L1, are announced by some kernels only (dataflow/mailboxes.h): orders do without them.
bool is_seen_by_others(MonitorEvent event, uint32_t local) {
    const uint32_t number = static_cast<uint32_t>(event);
    return number >= static_cast<uint32_t>(NocOperation::READ_BARRIER) &&
           number <= static_cast<uint32_t>(MonitorEvent::SEMAPHORE_REACHED) && local < TTHAL_REGISTERS_BASE;
}

void switch_point(MonitorEvent event, uint32_t id, uint32_t local) {
    const bool names_buffer = event >= MonitorEvent::CB_RESERVED && event <= MonitorEvent::CB_POPPED;
    compiler_barrier();
    tthal_host_wait(static_cast<uint32_t>(Wait::SWITCH), static_cast<uint32_t>(event), names_buffer ? id : local);
    compiler_barrier();
}

}  // namespace

namespace {

// When there is more to do than to write a record down.
__attribute__((noinline)) void announce_besides(uint64_t head, uint64_t remote, uint64_t sizes, uint64_t place) {
    const uint8_t observed = monitor().observed;
    const MonitorEvent event = static_cast<MonitorEvent>(head & 0xFF);
    if (observed & OBSERVED_RECORDS && monitor().heard >> (head & 0x3F) & 1) {
        if (observed & OBSERVED_EXECUTED) put_executed();
        put(head, remote, sizes, place);
    }
    const uint32_t local = static_cast<uint32_t>(head >> 32);
    if (observed & OBSERVED_SWITCHES && is_seen_by_others(event, local))
        switch_point(event, static_cast<uint32_t>(head) >> 24, local);
}

}  // namespace

void announce(uint64_t head, uint64_t remote, uint64_t sizes, uint64_t place) {
    if (monitor().observed != OBSERVED_RECORDS) return announce_besides(head, remote, sizes, place);
    if (monitor().heard >> (head & 0x3F) & 1) put(head, remote, sizes, place);
}

uint64_t ask_clock(uint32_t place, uint32_t cycles) {
    announce(MonitorEvent::CLOCK, place, 0, 0, cycles);
    compiler_barrier();
    tthal_host_records();
    compiler_barrier();
    return monitor().clock;
}

namespace {

constexpr uint32_t NULL_PAGE = 0x1000;

bool inside(uint32_t address, uint32_t begin, uint32_t words) { return address - begin < 4 * words; }

bool joins(MonitorRecord& last, MonitorEvent event, uint32_t address, uint32_t size, uint32_t place) {
    if (last.event != event || last.site != place || last.local + last.size != address) return false;
    last.size += size;
    return true;
}

// Apart from records: an order has the same steps whether anybody observes it or not.
__attribute__((noinline)) void switch_before(MonitorEvent event, uint32_t address, uint32_t size, uint32_t place) {
    MonitorRecord& last = processor().last_access;
    if (joins(last, event, address, size, place)) return;
    last = {event, 0, 0, 0, address, 0, size, 0, 0, place};
    switch_point(event, 0, address);
}

}  // namespace

void accessed(MonitorEvent event, uint32_t address, uint32_t size, uint32_t place) {
    const ProcessorBlock& block = processor();
    Monitor& here = monitor();
    if (!here.observed || inside(address, block.runtime_args, block.runtime_arg_count) ||
        inside(address, block.common_runtime_args, block.common_runtime_arg_count))
        return;
    if (here.observed & OBSERVED_RECORDS &&
        (here.record_count == 0 || !joins(here.records[here.record_count - 1], event, address, size, place)))
        announce(event, place, 0, address, 0, size);
    if (here.observed & OBSERVED_ACCESSES) switch_before(event, address, size, place);
}

namespace {

// Whether a transfer sends its word from where it can be looked at, and its record has room for it.
bool sends_a_word(uint64_t head) {
    const NocOperation operation = static_cast<NocOperation>(head & 0xFF);
    const uint32_t local = static_cast<uint32_t>(head >> 32);
    const bool is_write = operation == NocOperation::WRITE || operation == NocOperation::WRITE_MULTICAST;
    const bool is_in_l1 = local >= NULL_PAGE && local < processor().l1_size;
    return is_write && is_in_l1 && local % 4 == 0 && !(head >> 16 & NOC_FLAG_EXCLUDE);
}

}  // namespace

// A transfer of 4 bytes. None is where others go on: that is its barrier.
void announce_word(uint64_t head, uint64_t remote, uint64_t sizes, uint64_t place) {
    if (sends_a_word(head)) {
        const uint32_t word = *reinterpret_cast<const volatile uint32_t*>(static_cast<uint32_t>(head >> 32));
        place = word_pair(word, static_cast<uint32_t>(place >> 32));
    }
    announce(head, remote, sizes, place);
}

}  // namespace tthal

extern "C" void tthal_executed_all() {
    if (tthal::monitor().observed & tthal::OBSERVED_EXECUTED) tthal::put_executed();
}
