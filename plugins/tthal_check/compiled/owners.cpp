// Who owns the addresses that transfers name: buffers, circular buffers, semaphores, the firmware, or nobody.
#include "check.h"

namespace check {

// The last extent of a place that begins at or before an address.
const Extent* extent_before(const Extent* extents, uint64_t count, uint32_t place, uint64_t address) {
    uint64_t low = 0, high = count;
    while (low < high) {
        const uint64_t middle = (low + high) / 2;
        const Extent& extent = extents[middle];
        if (extent.place < place || (extent.place == place && extent.begin <= address)) low = middle + 1;
        else high = middle;
    }
    return low != 0 && extents[low - 1].place == place ? &extents[low - 1] : nullptr;
}

// Where the last buffer ends of those up to `last`; what only the host touched parts nothing that a kernel is given.
uint64_t end_of_buffers(const Extent* first, const Extent* last, uint64_t base) {
    if (last == nullptr) return base;
    for (const Extent* extent = last; extent->place == last->place; extent--) {
        if (extent->live != TOUCHED) return extent->end > base ? extent->end : base;
        if (extent == first) break;
    }
    return base;
}

// Something in a core's L1 is read or written: of a buffer it is remembered.
void note_use(State& state, uint32_t core, uint64_t address, bool is_write) {
    const Extent* const extent = extent_before(state.l1, state.l1_count, core, address);
    if (extent != nullptr && address < extent->end) state.l1_uses[extent - state.l1] |= is_write ? WRITTEN : READ;
}

namespace {

constexpr uint8_t NO_BUFFER = 0xFF;  // the id of a finding about no circular buffer

bool given_as_argument(const State& state, uint64_t from, uint64_t to) {
    return any_within(state.arguments, state.argument_count, from, to);
}

const Extent* dram_extent(State& state, uint32_t slot, uint32_t channel, uint64_t address) {
    if (const Extent* const hinted = dram_hint(state, slot, channel, address)) return hinted;
    return last_in_bank(state, slot, channel, address) = extent_before(state.dram, state.dram_count, channel, address);
}

// Memory that nobody allocated is legal where an argument carries an address in it, as programs do that share out memory
// themselves.
void check_dram(State& state, const Record& record, uint32_t channel, uint64_t address, uint32_t size) {
    const Extent* const extent = dram_extent(state, slot_of(record), channel, address);
    if (extent == nullptr || address >= extent->end) {
        const uint64_t gap = end_of_buffers(state.dram, extent, state.dram_base);
        if (given_as_argument(state, gap, address)) return;
        return report(state, Kind::NOBODYS_DRAM, record, NONE, 0, size, channel, address);
    }
    if (state.races != nullptr) state.dram_uses[extent - state.dram] |= record.event == QUEUED_READ ? READ : WRITTEN;
    if (state.replaced_count != 0 && check_replaced(state, record, true, channel, address, size)) return;
    if (!extent->live) return report(state, Kind::FREED_DRAM, record, NONE, 0, size, channel, address);
    if (address + size > extent->end)
        report(state, Kind::ACROSS_DRAM, record, NONE, 0, size, static_cast<uint32_t>(address + size - extent->end),
               address);
}

// Whether a transfer writes to its end in a core's L1, its own or another's.
bool is_written_at(const Record& record, uint32_t index, uint64_t address) {
    const bool is_own_end = index == core_of(record) && address == record.local && record.event < QUEUED_WRITE_INLINE;
    return (record.event == QUEUED_READ) == is_own_end;
}

// A write into another core's circular buffer at the address of one of the sender's own, which that core has, too, but
// elsewhere: the sender took its own pointer for the other's. Where an argument carries the address, it means what it does.
void check_elsewhere(State& state, const Core& core, const Record& record, uint32_t index, const CircularBuffer& there,
                     uint32_t address, uint32_t size) {
    Core& sender = state.cores[core_of(record)];
    const CircularBuffer* const own = buffer_at(sender, address, size);
    if (own == nullptr || given_as_argument(state, there.address, address)) return;
    const auto is_meant = [&](const CircularBuffer& index) {
        const CircularBuffer& meant = core.buffers[index.id];
        return !meant.configured || (address >= meant.address && address < meant.address + meant.size);
    };
    if (find_at(sender, address, size, is_meant) != nullptr) return;
    Record named = record;
    named.id = own->id;
    report(state, Kind::ELSEWHERE, named, NONE, 0, size, index, address);
}

// An increment or an inline write where a semaphore of other cores lies, which this one does not have: nobody hears of it.
void check_semaphore(State& state, const Core& core, const Record& record, uint32_t index, uint64_t address) {
    const uint64_t number = (address - core.semaphores) / SEMAPHORE_STRIDE;
    if (record.event < QUEUED_WRITE_INLINE || number >= SEMAPHORES || core.semaphore_ids >> number & 1) return;
    Record named = record;
    named.id = static_cast<uint8_t>(number);
    report(state, Kind::ABSENT_SEMAPHORE, named, NONE, 0, 0, index, address);
}

// Where a circular buffer ends that is named, too: its pages go round.
[[gnu::cold]] void report_nobodys(State& state, Core& core, const Record& record, uint32_t index, uint64_t address,
                                  uint32_t size) {
    const uint32_t end = static_cast<uint32_t>(address);
    const auto ends_there = [&](const CircularBuffer& buffer) { return buffer.address + buffer.size == end; };
    const CircularBuffer* const before = find_at(core, end - 1, 1, ends_there);
    Record named = record;
    named.id = before != nullptr ? before->id : NO_BUFFER;
    report(state, Kind::NOBODYS_L1, named, NONE, 0, size, index, address);
}

void check_l1(State& state, Core& core, Processor& processor, const Record& record, uint32_t index, uint64_t address,
              uint32_t size) {
    if (state.races != nullptr) note_use(state, index, address, is_written_at(record, index, address));
    if (address < state.l1_base) {
        if (address >= core.semaphores && address + size <= core.semaphores_end)
            return check_semaphore(state, core, record, index, address);
        if (within_zeros(state, address, size) && !is_written_at(record, index, address)) return;
        return report(state, Kind::FIRMWARE, record, NONE, 0, size, index, address);
    }
    const uint32_t there = static_cast<uint32_t>(address);
    const bool local = index == core_of(record);
    CircularBuffer* const buffer =
        local ? own_buffer_at(core, processor, record, there, size) : buffer_at(core, there, size);
    if (buffer != nullptr) {
        if (!local) buffer->is_filled = 1;
        if (!local && state.layouts_differ && is_written_at(record, index, address))
            check_elsewhere(state, core, record, index, *buffer, there, size);
        return;
    }
    const Extent* const extent = extent_before(state.l1, state.l1_count, index, address);
    const bool inside = extent != nullptr && address < extent->end;
    if (inside && extent->live) {
        if (state.replaced_count != 0) check_replaced(state, record, false, index, address, size);
        return;
    }
    if (inside && !given_as_argument(state, extent->begin, address))
        return report(state, Kind::FREED_L1, record, NONE, 0, size, index, address);
    if (core.is_partly_known) return;
    const uint64_t gap = inside ? state.l1_base : end_of_buffers(state.l1, extent, state.l1_base);
    if (!given_as_argument(state, gap, address)) report_nobodys(state, core, record, index, address, size);
}

// The cores in the rectangle of a multicast, the sender's own among them; of one round the torus none.
template <typename Visit>
void each_core(const State& state, const Record& record, Visit&& visit) {
    const uint64_t corners = record.remote >> ADDRESS_BITS;
    const uint32_t x1 = corners & AXIS, y1 = corners >> NODE_BITS & AXIS;
    const uint32_t x0 = corners >> 2 * NODE_BITS & AXIS, y0 = corners >> 3 * NODE_BITS & AXIS;
    if (record.noc == 0 ? x0 > x1 || y0 > y1 : x0 < x1 || y0 < y1) return;
    const uint32_t left = x0 < x1 ? x0 : x1, right = x0 < x1 ? x1 : x0, top = y0 < y1 ? y0 : y1,
                   bottom = y0 < y1 ? y1 : y0;
    for (uint32_t y = top; y <= bottom; y++)
        for (uint32_t x = left; x <= right; x++) {
            const int32_t node = state.nodes[record.noc * (NODE_MASK + 1) + (y << NODE_BITS | x)];
            if (node >= 0 && static_cast<uint32_t>(node) < state.core_count) visit(static_cast<uint32_t>(node));
        }
}

// A loopback multicast from outside of its rectangle sends to nobody more, one to oneself alone does not work on cards.
void check_loopback(State& state, const Record& record) {
    uint32_t others = 0;
    bool itself = false;
    each_core(state, record, [&](uint32_t node) {
        if (node == core_of(record)) itself = true;
        else others++;
    });
    if (!itself && others != 0) report(state, Kind::LOOPBACK_FROM_OUTSIDE, record, NONE, 0, others);
    else if (itself && others == 0) report(state, Kind::LOOPBACK_TO_ITSELF, record);
}

void check_receivers(State& state, const Record& record, uint32_t size) {
    const uint64_t address = record.remote & ADDRESS_MASK;
    each_core(state, record, [&](uint32_t node) {
        Core& core = state.cores[node];
        const CircularBuffer* const there = buffer_at(core, static_cast<uint32_t>(address), size);
        if (node != core_of(record) && there != nullptr)
            check_elsewhere(state, core, record, node, *there, static_cast<uint32_t>(address), size);
    });
}

}  // namespace

// Whether a transfer goes to its own core, to others besides or not.
bool is_sent_to_itself(const State& state, const Record& record) {
    const bool multicast = is_multicast(record);
    if (record.noc > 1 || record.flags & EXCLUDE || (multicast && !(record.flags & INCLUDE_SOURCE))) return false;
    bool itself = false;
    if (multicast) each_core(state, record, [&](uint32_t node) { itself |= node == core_of(record); });
    else itself = static_cast<uint32_t>(other_core(state, record)) == core_of(record);
    return itself;
}

void check_owner(State& state, Core& core, Processor& processor, const Record& record) {
    const bool multicast = is_multicast(record);
    const bool word = record.event >= QUEUED_WRITE_INLINE;
    const uint32_t size = word ? 4 : record.size;
    if (size == 0) return;
    if (!word) check_l1(state, core, processor, record, core_of(record), record.local, size);
    if (multicast && record.noc <= 1 && record.flags & INCLUDE_SOURCE) check_loopback(state, record);
    if (multicast && !word && record.noc <= 1 && state.layouts_differ) check_receivers(state, record, size);
    if (multicast) note_word_written(state, core, record);
    if (multicast || record.noc > 1) return;
    const uint32_t before = state.finding_count;
    if (processor.suspect_count != 0) check_suspects(state, processor, record);
    if (state.finding_count != before) return;  // what follows from a wrong address need not be told too
    const int32_t node = other_core(state, record);
    const uint64_t address = record.remote & ADDRESS_MASK;
    if (node <= -2) {
        if (record.event == QUEUED_WRITE_INLINE)
            return report(state, Kind::INLINE_DRAM, record, NONE, 0, 4, 0, address);
        check_dram(state, record, static_cast<uint32_t>(-2 - node), address, size);
    } else if (node >= 0 && static_cast<uint32_t>(node) < state.core_count) {
        note_word_written(state, core, record);
        check_l1(state, state.cores[node], processor, record, static_cast<uint32_t>(node), address, size);
    }
}

}  // namespace check
