// Records of events, for a launch that is observed.
#include "tthal/border/accesses.h"

namespace tthal {
namespace {

MonitorRecord& next_record() {
    ProcessorBlock& block = processor();
    if (block.record_count >= RECORD_CAPACITY) {
        compiler_barrier();
        tthal_host_records();
        compiler_barrier();
    }
    return block.records[block.record_count];
}

__attribute__((always_inline)) inline void put(const MonitorRecord& record) {
    next_record() = record;
    compiler_barrier();
    processor().record_count += 1;
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
    put({MonitorEvent::EXECUTED, 0, 0, 0, executed.loads, tthal_copied_bytes, executed.stores, executed.instructions,
         executed.divisions, 0});
    executed = {};
    tthal_copied_bytes = 0;
}

bool is_heard(MonitorEvent event) { return processor().heard >> static_cast<uint32_t>(event) & 1; }

// In line, so that a record's fields go where they belong and not first into one on the stack.
__attribute__((always_inline)) inline void keep(const MonitorRecord& record) {
    const uint8_t observed = processor().observed;
    if (!(observed & OBSERVED_RECORDS) || !is_heard(record.event)) return;
    if (observed & OBSERVED_EXECUTED) put_executed();
    put(record);
}

// Where another order can make a difference. What is announced comes before what is done, but for the end of a wait.
bool is_seen_by_others(MonitorEvent event) {
    const uint32_t number = static_cast<uint32_t>(event);
    return (number >= static_cast<uint32_t>(NocOperation::READ_BARRIER) &&
            number <= static_cast<uint32_t>(MonitorEvent::SEMAPHORE_REACHED)) ||
           event == MonitorEvent::LOAD || event == MonitorEvent::STORE;
}

void switch_point(MonitorEvent event, uint32_t id, uint32_t local) {
    const bool names_buffer = event >= MonitorEvent::CB_RESERVED && event <= MonitorEvent::CB_POPPED;
    compiler_barrier();
    tthal_host_wait(static_cast<uint32_t>(Wait::SWITCH), static_cast<uint32_t>(event), names_buffer ? id : local);
    compiler_barrier();
}

}  // namespace

void announce(MonitorEvent event, uint32_t place, uint32_t id, uint32_t local, uint32_t value, uint32_t size,
              uint64_t remote, uint32_t extra) {
    keep({event, 0, 0, static_cast<uint8_t>(id), local, remote, size, value, extra, place});
    if (processor().observed & OBSERVED_SWITCHES && is_seen_by_others(event)) switch_point(event, id, local);
}

uint64_t ask_clock(uint32_t place, uint32_t cycles) {
    keep({MonitorEvent::CLOCK, 0, 0, 0, 0, 0, 0, cycles, 0, place});
    compiler_barrier();
    tthal_host_records();
    compiler_barrier();
    return processor().clock;
}

namespace {

constexpr uint32_t NULL_PAGE = 0x1000;

bool inside(uint32_t address, uint32_t begin, uint32_t words) { return address - begin < 4 * words; }

}  // namespace

void accessed(MonitorEvent event, uint32_t address, uint32_t size, uint32_t place) {
    const ProcessorBlock& block = processor();
    if (!block.observed || inside(address, block.runtime_args, block.runtime_arg_count) ||
        inside(address, block.common_runtime_args, block.common_runtime_arg_count))
        return;
    // Without records, the first one's place remembers the last access, so that only the first of neighbours is one.
    const bool records = block.observed & OBSERVED_RECORDS;
    if (!records || block.record_count > 0) {
        MonitorRecord& last = processor().records[records ? block.record_count - 1 : 0];
        if (last.event == event && last.site == place && last.local + last.size == address) {
            last.size += size;
            return;
        }
        if (!records) last = {event, 0, 0, 0, address, 0, size, 0, 0, place};
    }
    announce(event, place, 0, address, 0, size);
}

namespace {

// Whether a transfer sends a single word that can be looked at, and its record has room for it.
bool sends_a_word(const NocTransfer& transfer) {
    const bool is_write =
        transfer.operation == NocOperation::WRITE || transfer.operation == NocOperation::WRITE_MULTICAST;
    const bool is_in_l1 = transfer.local >= NULL_PAGE && transfer.local < processor().l1_size;
    return is_write && transfer.size == 4 && is_in_l1 && transfer.local % 4 == 0 &&
           !(transfer.flags & NOC_FLAG_EXCLUDE);
}

}  // namespace

void announce(const NocTransfer& transfer) {
    const uint32_t extra =
        sends_a_word(transfer) ? *reinterpret_cast<const volatile uint32_t*>(transfer.local) : transfer.extra;
    keep({static_cast<MonitorEvent>(transfer.operation), transfer.noc, transfer.flags, transfer.transaction_id,
          transfer.local, transfer.remote, transfer.size, transfer.value, extra, transfer.site});
}

}  // namespace tthal

extern "C" void tthal_executed_all() {
    if (tthal::processor().observed & tthal::OBSERVED_EXECUTED) tthal::put_executed();
}
