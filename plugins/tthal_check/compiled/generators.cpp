// Addresses that kernels let be made: whether the base is that of a buffer, its pages are so far apart, and the page and
// bank exist. An address alone hurts nobody: what is wrong is told when a transfer uses it.
#include "check.h"

namespace check {
namespace {

const Interleaved* find(const State& state, bool in_dram, uint32_t address) {
    uint64_t low = 0, high = state.interleaved_count;
    while (low < high) {
        const uint64_t middle = (low + high) / 2;
        const Interleaved& buffer = state.interleaved[middle];
        if (buffer.in_dram < in_dram || (buffer.in_dram == in_dram && buffer.address < address)) low = middle + 1;
        else high = middle;
    }
    const bool found = low < state.interleaved_count && state.interleaved[low].in_dram == in_dram &&
                       state.interleaved[low].address == address;
    return found ? &state.interleaved[low] : nullptr;
}

// Whether it is a page as it should be of the buffer at an index.
bool is_page_of(const State& state, uint32_t index, const Record& record) {
    if (index >= state.interleaved_count) return false;
    const Interleaved& buffer = state.interleaved[index];
    return buffer.address == record.local && buffer.in_dram == (record.id != 0) && record.value < buffer.pages &&
           record.size == buffer.stride;
}

void forget(Processor& processor, uint64_t remote) {
    for (uint32_t i = 0; i < SUSPECTS; i++)
        if (processor.suspects[i].size != 0 && processor.suspects[i].remote == remote) {
            processor.suspects[i].size = 0;
            processor.suspect_count--;
        }
}

void suspect(Processor& processor, Kind kind, const Record& record, uint32_t size, uint32_t count, uint32_t limit) {
    forget(processor, record.remote);
    Suspect& entry = processor.suspects[processor.next_suspect++ % SUSPECTS];
    if (entry.size == 0) processor.suspect_count++;
    entry = {record.remote, size == 0 ? 1 : size, static_cast<uint32_t>(kind), count, limit};
}

}  // namespace

// Apart, so that the usual way needs no stack.
[[gnu::noinline]] static void note_other_page(State& state, Processor& processor, const Record& record) {
    const bool in_dram = record.id != 0;
    const uint32_t stride = record.size, page = record.value;
    const Interleaved* const buffer = find(state, in_dram, record.local);
    if (buffer != nullptr) {
        processor.generator_hint = static_cast<uint32_t>(buffer - state.interleaved);
        if (page >= buffer->pages) return suspect(processor, Kind::PAST_LAST_PAGE, record, stride, page, buffer->pages);
        const uint32_t banks = in_dram ? state.dram_banks : state.l1_banks;
        if (stride != buffer->stride && page >= banks)
            return suspect(processor, Kind::OTHER_PAGE_SIZE, record, stride, stride, buffer->stride);
    } else if (record.local == 0) {
        return suspect(processor, Kind::NULL_BASE, record, stride, page, 0);
    } else if (find(state, !in_dram, record.local) != nullptr) {
        return suspect(processor, in_dram ? Kind::L1_AS_DRAM : Kind::DRAM_AS_L1, record, stride, page, 0);
    }
    if (processor.suspect_count != 0) forget(processor, record.remote);
}

void note_bank_address(Core& core, const Record& record) {
    suspect(core.processors[slot_of(record)], Kind::NO_SUCH_BANK, record, 1, record.value, record.id);
}

// A kernel often takes turns between buffers that were made after each other.
void note_page_address(State& state, Processor& processor, const Record& record) {
    if (processor.suspect_count != 0) return note_other_page(state, processor, record);
    const uint32_t hint = processor.generator_hint;
    if (is_page_of(state, hint, record)) return;
    if (is_page_of(state, hint + 1, record)) processor.generator_hint = hint + 1;
    else if (is_page_of(state, hint - 1, record)) processor.generator_hint = hint - 1;
    else note_other_page(state, processor, record);
}

void check_suspects(State& state, const Processor& processor, const Record& record) {
    for (uint32_t i = 0; i < SUSPECTS; i++) {
        const Suspect& entry = processor.suspects[i];
        if (entry.size == 0 || record.remote - entry.remote >= entry.size) continue;
        const uint64_t address = record.remote & ((1ull << ADDRESS_BITS) - 1);
        return report(state, static_cast<Kind>(entry.kind), record, NONE, 0, entry.count, entry.limit, address);
    }
}

// A buffer that a kernel cannot know of: made after its arguments were written, where a freed one lay that they name.
bool check_replaced(State& state, const Record& record, bool in_dram, uint32_t place, uint64_t address, uint32_t size) {
    for (uint64_t i = 0; i < state.replaced_count; i++) {
        const Replaced& entry = state.replaced[i];
        if (entry.kernel != record.kernel || entry.in_dram != in_dram || entry.place != place) continue;
        if (address < entry.begin || address >= entry.end) continue;
        report(state, in_dram ? Kind::REPLACED_DRAM : Kind::REPLACED_L1, record, NONE, 0, size, place, address);
        return true;
    }
    return false;
}

}  // namespace check
