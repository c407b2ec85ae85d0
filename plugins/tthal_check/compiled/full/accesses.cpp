// Loads and stores of the kernels' own code: through pointers that lead where the kernel has no business, and to bytes that
// nobody ever wrote.
#include "../check.h"

namespace check {
namespace {

bool is_given(const State& state, uint64_t from, uint64_t to) {
    return any_within(state.given, state.given_count, from, to);
}

// Bits of the map of what was written, from `first` to `end`, eight of them or 64 at a time. `visit` gets a part's place,
// its bits, and which of them are asked for.
template <typename Visit>
void each_part(uint8_t* bits, uint64_t first, uint64_t end, Visit&& visit) {
    while (first < end) {
        uint64_t part;
        if (first % 8 == 0 && end - first >= 64) {
            __builtin_memcpy(&part, bits + first / 8, sizeof part);
            if (!visit(bits + first / 8, part, ~0ull, sizeof part)) return;
            first += 64;
            continue;
        }
        const uint64_t to = first - first % 8 + 8 < end ? first - first % 8 + 8 : end;
        const uint64_t mask = (0xFFull >> (8 - (to - first))) << first % 8;
        part = bits[first / 8];
        if (!visit(bits + first / 8, part, mask, 1u)) return;
        first = to;
    }
}

// Whether an access, as of most loads and stores, is about bits of one byte, and which.
bool is_in_one_byte(uint64_t first, uint64_t end) { return first < end && first / 8 == (end - 1) / 8; }
uint8_t mask_of(uint64_t first, uint64_t end) {
    return static_cast<uint8_t>((0xFF >> (8 - (end - first))) << first % 8);
}

void set_all(uint8_t* bits, uint64_t first, uint64_t end) {
    if (is_in_one_byte(first, end)) {
        bits[first / 8] |= mask_of(first, end);
        return;
    }
    each_part(bits, first, end, [](uint8_t* place, uint64_t part, uint64_t mask, uint32_t size) {
        part |= mask;
        if (size == 1) *place = static_cast<uint8_t>(part);
        else __builtin_memcpy(place, &part, sizeof part);
        return true;
    });
}

bool is_any_set(uint8_t* bits, uint64_t first, uint64_t end) {
    if (is_in_one_byte(first, end)) return (bits[first / 8] & mask_of(first, end)) != 0;
    bool found = false;
    each_part(bits, first, end,
              [&](uint8_t*, uint64_t part, uint64_t mask, uint32_t) { return !(found = (part & mask) != 0); });
    return found;
}

// Bits of L1 lie in chunks, those of the same addresses of eight cores in one page: most cores do the same.
constexpr uint64_t CHUNK = 4096, CHUNK_CORES = 8, CHUNK_BYTES = CHUNK / 8;

uint8_t* chunk_at(const State& state, uint32_t core, uint64_t address) {
    const uint32_t chunks = static_cast<uint32_t>((state.l1_size + CHUNK - 1) / CHUNK);
    const uint64_t number = core / CHUNK_CORES * chunks + static_cast<uint32_t>(address / CHUNK);
    return state.written + (number * CHUNK_CORES + core % CHUNK_CORES) * CHUNK_BYTES;
}

// Visits the chunks of what a core has from an address on, with what it has of each. It ends when a visit says so.
template <typename Visit>
void each_chunk(const State& state, uint32_t core, uint64_t address, uint64_t size, Visit&& visit) {
    const uint64_t end = address + size < state.l1_size ? address + size : state.l1_size;
    while (address < end) {
        const uint64_t first = address % CHUNK, left = end - address;
        const uint64_t to = left < CHUNK - first ? first + left : CHUNK;
        if (!visit(chunk_at(state, core, address), first, to)) return;
        address += to - first;
    }
}

void mark(State& state, uint32_t core, uint64_t address, uint64_t size) {
    each_chunk(state, core, address, size, [](uint8_t* bits, uint64_t first, uint64_t end) {
        set_all(bits, first, end);
        return true;
    });
}

bool any_written(const State& state, uint32_t core, uint64_t address, uint64_t size) {
    bool found = false;
    each_chunk(state, core, address, size,
               [&](uint8_t* bits, uint64_t first, uint64_t end) { return !(found = is_any_set(bits, first, end)); });
    return found;
}

// The same of every datum of a word of an access, of which one record may hold many.
bool has_unwritten_word(const State& state, uint32_t core, uint64_t address, uint64_t size) {
    constexpr uint64_t WORD = 4;
    for (uint64_t at = address; at < address + size; at += WORD - at % WORD) {
        const uint64_t left = address + size - at, word = WORD - at % WORD;
        if (!any_written(state, core, at, left < word ? left : word)) return true;
    }
    return false;
}

uint32_t unwritten_bytes(const State& state, uint32_t core, uint64_t address, uint64_t size) {
    uint32_t found = 0;
    const auto count = [&](uint8_t*, uint64_t part, uint64_t mask, uint32_t) {
        for (uint64_t left = mask & ~part; left != 0; left &= left - 1) found++;
        return true;
    };
    each_chunk(state, core, address, size, [&](uint8_t* bits, uint64_t first, uint64_t end) {
        each_part(bits, first, end, count);
        return true;
    });
    return found;
}

// A tile that nobody wrote. Where all of it is used as it is, a quarter of it is a face that nobody can have meant to use;
// of operations that broadcast or weigh it, it is not known what they need.
void check_tile(State& state, const Record& record) {
    constexpr uint32_t COPY = 0, FACES = 4;
    if (record.local < state.l1_base) return;
    const bool adds = record.event == TILE_RESULT, uses_all = adds || record.value == COPY;
    const uint32_t unwritten = unwritten_bytes(state, core_of(record), record.local, record.size);
    if (unwritten == record.size || (uses_all && unwritten >= record.size / FACES && unwritten != 0))
        report(state, Kind::UNWRITTEN_TILE, record, NONE, 0, record.size, unwritten,
               record.local | (adds ? BY_WRITE : 0));
}

// The packer may add to what is there.
void note_result(State& state, const Record& record, bool is_well) {
    const bool adds = record.remote != 0;
    if (adds && is_well) check_tile(state, record);
    mark(state, core_of(record), record.local, record.size);
}

constexpr uint64_t GRAIN = 32;

// The bits of an address in DRAM and of those behind it; none of a place that is not looked after.
struct Grains {
    uint8_t* bits;
    uint64_t first, end;
};

Grains grains_of(const State& state, uint32_t channel, uint64_t address, uint64_t size) {
    if (channel >= state.dram_channels || size == 0) return {nullptr, 0, 0};
    const uint64_t first = address / GRAIN, end = (address + size - 1) / GRAIN + 1, all = state.dram_stride * 8;
    return {state.dram_written + channel * state.dram_stride, first, end < all ? end : all};
}

void mark_dram(State& state, uint32_t channel, uint64_t address, uint64_t size) {
    const Grains grains = grains_of(state, channel, address, size);
    set_all(grains.bits, grains.first, grains.end);
}

bool is_dram_written(const State& state, uint32_t channel, uint64_t address, uint64_t size) {
    const Grains grains = grains_of(state, channel, address, size);
    return grains.bits == nullptr || is_any_set(grains.bits, grains.first, grains.end);
}

int32_t node_of(const State& state, const Record& record, uint64_t place) {
    return state.nodes[(record.noc & 1) * (NODE_MASK + 1) + (place & NODE_MASK)];
}

// A transfer that brings nothing but what nobody ever wrote.
void check_source(State& state, const Record& record) {
    const bool is_read = record.event == QUEUED_READ;
    const int32_t node = is_read ? node_of(state, record, record.remote >> ADDRESS_BITS) : core_of(record);
    const uint64_t address = is_read ? record.remote & ADDRESS_MASK : record.local;
    if (node <= -2) {
        const uint32_t channel = static_cast<uint32_t>(-2 - node);
        if (!is_dram_written(state, channel, address, record.size))
            report(state, Kind::UNWRITTEN_DRAM, record, NONE, 0, record.size, channel, address);
    } else if (node >= 0 && static_cast<uint32_t>(node) < state.core_count && address >= state.l1_base) {
        const uint32_t core = static_cast<uint32_t>(node);
        if (record.size != 0 && !any_written(state, core, address, record.size))
            report(state, Kind::UNWRITTEN_SOURCE, record, NONE, 0, record.size, core, address);
    }
}

void mark_remote(State& state, const Record& record, uint32_t place, uint64_t address, uint32_t size) {
    const int32_t node = node_of(state, record, place);
    if (node <= -2) mark_dram(state, static_cast<uint32_t>(-2 - node), address, size);
    if (node >= 0 && static_cast<uint32_t>(node) < state.core_count)
        mark(state, static_cast<uint32_t>(node), address, size);
}

// Who receives a multicast is looked at generously: all of the rectangle between its corners, and round the torus.
void mark_rectangle(State& state, const Record& record, uint64_t address, uint32_t size) {
    const uint64_t corners = record.remote >> ADDRESS_BITS;
    const uint32_t x1 = corners & AXIS, y1 = corners >> NODE_BITS & AXIS;
    const uint32_t x0 = corners >> 2 * NODE_BITS & AXIS, y0 = corners >> 3 * NODE_BITS & AXIS;
    const auto within = [](uint32_t at, uint32_t a, uint32_t b) {
        return a <= b ? at >= a && at <= b : at >= b && at <= a;
    };
    const bool wraps = x0 > x1 || y0 > y1;
    for (uint32_t y = 0; y <= AXIS; y++)
        for (uint32_t x = 0; x <= AXIS; x++)
            if (wraps || (within(x, x0, x1) && within(y, y0, y1)))
                mark_remote(state, record, y << NODE_BITS | x, address, size);
}

// A pointer that leads where no kernel of the core asked for, nor was given an address of.
bool check_pointer(State& state, Core& core, const Record& record) {
    const uint32_t address = record.local, size = record.size, index = core_of(record);
    const uint32_t is_store = record.event == STORE;
    const auto stray = [&](Kind kind, uint32_t what) {
        report(state, kind, record, NONE, 0, size, what, address);
        return false;
    };
    if (address < state.l1_base) {
        if (address >= core.semaphores && address + size <= core.semaphores_end) return true;
        if (within_zeros(state, address, size) && !is_store) return true;
        const bool arguments = !is_store && address >= core.arguments && address < core.arguments_end;
        return stray(arguments ? Kind::PAST_ARGUMENTS : Kind::STRAY_FIRMWARE, is_store);
    }
    const CircularBuffer* const buffer = buffer_at(core, address, size);
    if (buffer != nullptr) {
        const uint32_t number = buffer->id;
        if (core.asked >> number & 1 || is_given(state, buffer->address, address)) return true;
        const auto is_asked = [&](const CircularBuffer& other) { return (core.asked >> other.id & 1) != 0; };
        if (find_at(core, address, 1, is_asked) != nullptr) return true;  // the same memory under another index
        return stray(Kind::STRAY_CB, number);
    }
    const Extent* const extent = extent_before(state.l1, state.l1_count, index, address);
    const bool inside = extent != nullptr && address < extent->end;
    if (inside) state.l1_uses[extent - state.l1] |= is_store ? WRITTEN : READ;
    if (inside && extent->live == TOUCHED) return true;
    if (inside && is_given(state, extent->begin, address)) return true;
    if (inside) return stray(extent->live ? Kind::STRAY_BUFFER : Kind::STRAY_FREED, is_store);
    const uint64_t gap = end_of_buffers(state.l1, extent, state.l1_base);
    return is_given(state, gap, address) || stray(Kind::STRAY, is_store);
}

}  // namespace

void check_access(State& state, Core& core, const Record& record) {
    if (record.site == 0 || !check_pointer(state, core, record)) {
        if (record.event == STORE) mark(state, core_of(record), record.local, record.size);
        return;
    }
    if (record.event == STORE) {
        check_sources(state, core, record, Kind::SOURCE_REUSED, record.local, record.size);
        mark(state, core_of(record), record.local, record.size);
    } else if (record.local >= state.l1_base && has_unwritten_word(state, core_of(record), record.local, record.size)) {
        report(state, Kind::UNWRITTEN_L1, record, NONE, 0, record.size, 0, record.local);
    }
}

// What transfers and tile operations write; and, where nothing else is wrong, what they read before anybody wrote it.
void note_written(State& state, Core& core, const Record& record, bool is_well) {
    const uint64_t address = record.remote & ADDRESS_MASK;
    if (is_well && record.event <= QUEUED_WRITE_MULTICAST) check_source(state, record);
    switch (record.event) {
        case QUEUED_READ: return mark(state, core_of(record), record.local, record.size);
        case QUEUED_WRITE:
            return mark_remote(state, record, record.remote >> ADDRESS_BITS & NODE_MASK, address, record.size);
        case QUEUED_WRITE_INLINE:
        case QUEUED_ATOMIC_INCREMENT:
            return mark_remote(state, record, record.remote >> ADDRESS_BITS & NODE_MASK, address, 4);
        case QUEUED_WRITE_MULTICAST: return mark_rectangle(state, record, address, record.size);
        case QUEUED_INLINE_MULTICAST:
        case QUEUED_ATOMIC_MULTICAST: return mark_rectangle(state, record, address, 4);
        case TILE_RESULT: return note_result(state, record, is_well);
        case SEMAPHORE_SET: return mark(state, core_of(record), record.local, 4);
        case DST_UNWRITTEN: return report(state, Kind::UNWRITTEN_DST, record);
        case TILE_OPERAND:
            if (is_well) check_tile(state, record);
            return;
        case CB_ASKED:
        case CB_RESERVED:
        case CB_WAITED:
        case CB_PUSHED:
        case CB_POPPED: core.asked |= 1ull << record.id % CIRCULAR_BUFFERS; return;
        default: return;
    }
}

}  // namespace check
