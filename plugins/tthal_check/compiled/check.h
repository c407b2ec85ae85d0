// What the compiled checks keep of a launch, and how they report. Python (listener.py) lays the same structures out; all
// memory is Python's. No libc: this is built like the emulator's compiled part.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "tthal/observer.h"

namespace [[gnu::visibility("hidden")]] check {

constexpr uint32_t CIRCULAR_BUFFERS = 64, SEMAPHORES = 16, SEMAPHORE_STRIDE = 16, NONE = ~0u;
// Places that a processor takes for its transfers under way, one after the other; then twice as many each time.
constexpr uint32_t FEW = 4, SOME = 32, MANY = 128;
constexpr uint32_t FINDINGS = 64, KINDS = 256;
constexpr uint32_t LINE = 64;  // bytes that a cache fetches at a time

using tthal::ADDRESS_BITS, tthal::ALL_TRANSACTIONS, tthal::DstCall, tthal::EventKind, tthal::Record, tthal::SetUp;
using tthal::NODE_BITS, tthal::SLOTS;
using enum tthal::EventKind;
using enum tthal::TransferFlag;

constexpr uint32_t NODE_MASK = (1u << 2 * NODE_BITS) - 1, AXIS = (1u << NODE_BITS) - 1;
constexpr uint64_t ADDRESS_MASK = (1ull << ADDRESS_BITS) - 1;

// Numbers of findings.py.
enum class Kind : uint32_t {
    PUSH_WITHOUT_BARRIER = 1,
    PUSH_UNRESERVED,
    POP_UNWAITED,
    TWO_PRODUCERS,
    TWO_CONSUMERS,
    UNRESERVED,
    TILE_UNWAITED,
    PACK_UNRESERVED,
    PACK_IN_PLACE,
    TILE_TOO_LARGE,
    USED_AFTER_POP,
    PAGES_LEFT,
    NOT_CONFIGURED,
    PAST_END,
    NOBODYS_DRAM = 32,
    FREED_DRAM,
    ACROSS_DRAM,
    NOBODYS_L1,
    FREED_L1,
    FIRMWARE,
    INLINE_DRAM,
    NULL_BASE,
    PAST_LAST_PAGE,
    OTHER_PAGE_SIZE,
    L1_AS_DRAM,
    DRAM_AS_L1,
    NO_SUCH_BANK,
    REPLACED_DRAM,
    REPLACED_L1,
    ELSEWHERE,
    ABSENT_SEMAPHORE,
    READS_AT_END = 64,
    WRITES_AT_END,
    UNACKNOWLEDGED_AT_END,
    DST_AT_END,
    OTHER_SET_UP = 80,
    NEVER_STARTED,
    SOURCE_REUSED = 96,
    SEMAPHORE_REUSED,
    LOOPBACK_FROM_OUTSIDE,
    LOOPBACK_TO_ITSELF,
    SOURCE_INCOMPLETE,
    SOURCE_FLUSHED,
    STRAY_FIRMWARE = 112,
    PAST_ARGUMENTS,
    STRAY_BUFFER,
    STRAY_CB,
    STRAY,
    STRAY_FREED,
    UNWRITTEN_L1 = 120,
    UNWRITTEN_TILE,
    UNWRITTEN_DST,
    UNWRITTEN_DRAM,
    UNWRITTEN_SOURCE,
    RACE_WRITES = 128,
    RACE_READ,
    RACE_OVERWRITTEN,
    RACE_OF_QUEUES,
    RACE_WITH_ITSELF,
    RACE_LOST,
    RACE_CHANGED,
    DIVISION_BY_ZERO = 144,
    DIVISION_OVERFLOW,
};

struct Finding {
    uint32_t kind, kernel, site, other_kernel, other_site, id, count, limit;
    uint64_t address;
};
static_assert(sizeof(Finding) == 40);

// A circular buffer on one core. Pages that are reserved begin at the write pointer, those that were waited for at the
// read pointer of whoever waited. Two lines of a cache: cores take turns, and each finds its own gone from the nearest.
struct CircularBuffer {
    uint32_t address, size, page_size;
    uint8_t configured, exempt;   // exempt: in a buffer, or without pages
    uint8_t is_queue, is_filled;  // is_filled: transfers or the packer write into its pages; else it may be a lock
    uint32_t write_pointer, reserved, filled;
    uint32_t head, tail;  // where the next page is popped and pushed, whoever does it
    uint32_t pushed, popped;
    uint32_t read_pointer[SLOTS], waited[SLOTS];
    uint32_t producer, producer_site, consumer, consumer_site;
    uint32_t in_place_address, in_place_kernel, in_place_site;  // what the packer wrote into a page that was waited for
    uint32_t seen, waiter, waiter_site;  // pages, counted from the first, up to which anybody waited
    uint8_t id;
    uint8_t is_shared;  // other indices have the same memory
    uint16_t heard_of;  // pages of the packer's from the front on that the unpacker knows of without a wait for them
};
static_assert(sizeof(CircularBuffer) == 2 * LINE);

// What is known of the place that a transfer names. Of a write: the data are there, may still be read from there after a flush
// (State::flushes_early), or have left; what comes from another core after a write to one may be the answer of somebody who
// has got it. Those of a read, or of a write to the core's own L1, have yet to arrive.
enum Source : uint8_t { IN_L1, FLUSHED, LEFT, ANSWERED, ARRIVING };
constexpr uint8_t TO_CORE = 128;  // beside TransferFlag: a write that may be answered
constexpr uint32_t WORD_SIZE =
    32;  // transfers up to here are taken for words by which kernels tell each other something

// Transfers of one line of a kernel that differ in nothing but their places, where these meet: most times a single one.
struct Transfer {
    EventKind event;
    uint8_t noc, flags, id;
    uint32_t local, size, site;
    uint32_t times : 24;
    Source source : 8;
};
static_assert(sizeof(Transfer) == 20);

// How a transfer goes, which says what waits for it: NoC, flags, transaction id, and whether it is an increment.
inline uint32_t way_of(const Transfer& transfer) {
    const bool is_atomic = transfer.event == QUEUED_ATOMIC_INCREMENT || transfer.event == QUEUED_ATOMIC_MULTICAST;
    return transfer.noc | transfer.flags << 8 | transfer.id << 16 | static_cast<uint32_t>(is_atomic) << 24;
}

// Bytes of L1 from the first to the last that transfers under way read from, or write to. Empty: both are 0.
struct Box {
    uint32_t begin, end;
    bool meets(uint32_t address, uint32_t size) const {
        return address < end && begin < static_cast<uint64_t>(address) + size;
    }
    void hold(uint32_t address, uint32_t size) {
        if (end == 0 || address < begin) begin = address;
        if (address + size > end) end = address + size;
    }
};

// An address that an address generator gave and that a transfer must not use.
struct Suspect {
    uint64_t remote;
    uint32_t size;  // bytes from there that are as wrong; 0: none
    uint32_t kind, count, limit;
};
constexpr uint32_t SUSPECTS = 8;

constexpr uint32_t BUFFER_HINTS = 4;

struct Processor {
    uint32_t count, room;  // of `transfers`
    uint32_t dst_acquired, dst_released, dst_site, dst_address;
    uint32_t suspect_count, next_suspect;
    uint32_t generator_hint;             // the interleaved buffer of which it last let an address be made
    uint8_t buffer_hints[BUFFER_HINTS];  // the place of the circular buffer of which it last named an address, by site
    Transfer* transfers;
    Suspect suspects[SUSPECTS];
    Box arrivals, sources;  // of `transfers`
};
static_assert(sizeof(Processor) % LINE == 0);

// Calls of a line of a kernel that set or raise a word of L1, or wait for one: how many, and the last of them.
struct WordCall {
    uint64_t remote;  // as in records of transfers; of calls about the kernel's own core an address there
    uint32_t kernel, site, size, times, sum, value, last;  // sum: of all values; last: its serial number
    EventKind event;
    uint8_t noc, flags, padding;
};
static_assert(sizeof(WordCall) == 40);
constexpr uint32_t WORD_CALLS = 512, WORD_CALL_PLACES = 16;

constexpr uint32_t TOUCHED = 2;  // Extent::live of memory that the host itself wrote or read

struct Extent {
    uint64_t begin, end;
    uint32_t place;  // DRAM channel, or core
    uint32_t live;
};

// What transfers of a launch did with an extent.
enum Use : uint8_t { READ = 1, WRITTEN = 2 };

// An interleaved buffer as address generators see it; sorted by memory and address.
struct Interleaved {
    uint32_t in_dram, address, stride, pages;
};

// Where a buffer lies that did not exist when a kernel's arguments were written, at the address of one that did.
struct Replaced {
    uint64_t begin, end;
    uint32_t kernel, in_dram, place, padding;  // kernel: as records count
};

// What is kept of each circular buffer that some core of a launch has, by index; place 0 stands for all others.
template <typename Kept>
struct ByBuffer {
    Kept* kept;
    const uint8_t* places;  // [CIRCULAR_BUFFERS]
    Kept& operator[](uint32_t index) const { return kept[places[index]]; }
};

struct Core {
    ByBuffer<CircularBuffer> buffers;
    ByBuffer<Finding> early;         // what would be a mistake if a buffer turns out to be a queue
    uint8_t used[CIRCULAR_BUFFERS];  // places of those that are configured
    uint32_t used_count;
    uint32_t present;  // kernels of the launch that it runs
    uint64_t asked;    // circular buffers whose pointers a kernel of the core asked for, by index
    uint32_t semaphores, semaphores_end, arguments, arguments_end;
    uint32_t sources;                       // transfers of all its processors whose data may not have left its L1
    uint32_t semaphore_values[SEMAPHORES];  // when the launch began
    uint32_t semaphore_ids;                 // a bit for each semaphore that it has
    uint32_t is_partly_known;               // has circular buffers, besides these, of which it is not known where
    uint32_t padding[13];
    Processor processors[SLOTS];
};
static_assert(sizeof(Core) % LINE == 0);

struct Races;  // full/races.h

constexpr uint32_t DRAM_CHANNELS = 8, DRAM_HINTS = 32;

struct State {
    Core* cores;           // by core index
    const int32_t* nodes;  // [2][4096], see ObservedLaunch.nodes
    const Extent* dram;    // sorted by place and begin
    const Extent* l1;
    const uint64_t* arguments;  // sorted: values that kernels were given, but for the addresses of buffers
    const uint64_t* given;      // the same with the addresses of buffers in L1
    const Interleaved* interleaved;
    const Replaced* replaced;
    const Extent* dram_hints[2][DRAM_HINTS];  // the last that was found, by processor, channel and GiB
    uint8_t* dram_uses;                       // Use, of each of `dram`
    uint8_t* l1_uses;
    uint64_t dram_count, l1_count, argument_count, interleaved_count, replaced_count, given_count;
    uint8_t* written;  // bits of the bytes of L1 that were ever written (full/accesses.cpp); null unless all is checked
    uint8_t* dram_written;  // per channel dram_stride bytes: a bit for each 32 B of DRAM
    uint64_t dram_stride, dram_channels;
    Transfer* transfers;        // all processors' together: each takes more when it needs them
    uint64_t transfers_taken, transfers_room;
    Races* races;               // null unless all is checked
    const uint8_t* suppressed;  // by kind: whether it is not told
    uint32_t go_on;             // after an error: all of a launch is to be found, or its sources suppress some
    uint32_t suppressed_count;
    uint32_t core_count, l1_base, dram_base, finding_count, error_count, dram_banks, l1_banks, l1_size;
    uint32_t flushes_early;   // whether what a flush lets go on may still be read by the write
    uint32_t layouts_differ;  // whether circular buffers lie at other addresses on one core than on another
    Finding findings[FINDINGS];
    uint32_t zeros;  // where the firmware keeps zeros for kernels to read
    uint32_t multicasts_overtake, padding;  // overtake: a word behind a multicast may arrive before it
    uint32_t word_calls_lost;               // for which there was no room
    WordCall word_calls[WORD_CALLS];
};

[[gnu::cold]] void report(State& state, Kind kind, const Record& record, uint32_t other_kernel = NONE,
                          uint32_t other_site = 0, uint32_t count = 0, uint32_t limit = 0, uint64_t address = 0);
[[gnu::cold]] void report(State& state, const Finding& finding);
bool is_warning(Kind kind);
bool is_told_at_the_end(Kind kind);

constexpr uint32_t ZEROS_SIZE = 512;  // MEM_ZEROS_SIZE of the device headers

inline bool within_zeros(const State& state, uint64_t address, uint32_t size) {
    return address >= state.zeros && address + size <= state.zeros + ZEROS_SIZE;
}

inline bool is_multicast(const Record& record) {
    return record.event == QUEUED_WRITE_MULTICAST || record.event == QUEUED_INLINE_MULTICAST ||
           record.event == QUEUED_ATOMIC_MULTICAST;
}

// The core at the other end of a transfer to one, or a negative number.
inline int32_t other_core(const State& state, const Record& record) {
    const uint64_t node = record.remote >> ADDRESS_BITS & NODE_MASK;
    return record.noc <= 1 ? state.nodes[record.noc * (NODE_MASK + 1) + node] : -1;
}

inline uint32_t slot_of(const Record& record) { return record.kernel % SLOTS; }
inline uint32_t core_of(const Record& record) { return record.kernel / SLOTS; }

// Visits the circular buffers of a core that have some of these bytes, several where indices share a memory, until a visit
// says that it is the one: that, or nullptr.
template <typename Visit>
CircularBuffer* find_at(Core& core, uint32_t address, uint32_t size, Visit&& visit) {
    const uint64_t end = static_cast<uint64_t>(address) + size;
    for (uint32_t i = 0; i < core.used_count; i++) {
        CircularBuffer& buffer = core.buffers.kept[core.used[i]];
        if (address < buffer.address + buffer.size && end > buffer.address && visit(buffer)) return &buffer;
    }
    return nullptr;
}
CircularBuffer* buffer_at(Core& core, uint32_t address, uint32_t size);

// The circular buffer of which a line of a kernel last named an address on its own core, if it has these bytes, too.
inline CircularBuffer* hinted_buffer(Core& core, const Processor& processor, const Record& record, uint32_t address,
                                     uint32_t size) {
    CircularBuffer& last = core.buffers.kept[processor.buffer_hints[record.site % BUFFER_HINTS]];
    const uint32_t offset = address - last.address;
    return last.configured && offset < last.size && size <= last.size - offset ? &last : nullptr;
}
inline CircularBuffer* own_buffer_at(Core& core, Processor& processor, const Record& record, uint32_t address,
                                     uint32_t size) {
    if (CircularBuffer* const hinted = hinted_buffer(core, processor, record, address, size)) return hinted;
    CircularBuffer* const found = buffer_at(core, address, size);
    if (found == nullptr) return nullptr;
    processor.buffer_hints[record.site % BUFFER_HINTS] = static_cast<uint8_t>(found - core.buffers.kept);
    return found;
}

// The extent of DRAM that has an address, where it is the last in its bank that such a processor named, or beside it,
// as for kernels that take turns between buffers. The banks of a channel lie 1 GiB apart or more.
inline const Extent*& last_in_bank(State& state, uint32_t slot, uint32_t channel, uint64_t address) {
    return state.dram_hints[slot % 2][(channel + (address >> 30) * DRAM_CHANNELS) % DRAM_HINTS];
}
inline const Extent* dram_hint(State& state, uint32_t slot, uint32_t channel, uint64_t address) {
    const Extent*& hint = last_in_bank(state, slot, channel, address);
    if (hint == nullptr) return nullptr;
    const auto has = [&](const Extent& extent) {
        return address - extent.begin < extent.end - extent.begin && extent.place == channel;
    };
    if (has(*hint)) return hint;
    if (hint + 1 < state.dram + state.dram_count && has(hint[1])) return ++hint;
    if (hint > state.dram && has(hint[-1])) return --hint;
    return nullptr;
}

void examine_rare(State& state, Core& core, const Record& record);
void check_pages(State& state, Core& core, Processor& processor, const Record& record);
void check_queued(State& state, Core& core, Processor& processor, const Record& record);
void check_barrier(const State& state, Core& core, Processor& processor, const Record& record);
void note_section(Processor& processor, const Record& record);
void check_owner(State& state, Core& core, Processor& processor, const Record& record);
bool is_sent_to_itself(const State& state, const Record& record);
void note_page_address(State& state, Processor& processor, const Record& record);
void note_bank_address(Core& core, const Record& record);
void check_suspects(State& state, const Processor& processor, const Record& record);
bool check_replaced(State& state, const Record& record, bool in_dram, uint32_t place, uint64_t address, uint32_t size);
uint64_t end_of_buffers(const Extent* first, const Extent* last, uint64_t base);
void note_use(State& state, uint32_t core, uint64_t address, bool is_write);
// Whether a sorted table has a value from `from` to `to`, both included.
inline bool any_within(const uint64_t* sorted, uint64_t count, uint64_t from, uint64_t to) {
    uint64_t low = 0, high = count;
    while (low < high) {
        const uint64_t middle = (low + high) / 2;
        if (sorted[middle] < from) low = middle + 1;
        else high = middle;
    }
    return low < count && sorted[low] <= to;
}

const Extent* extent_before(const Extent* extents, uint64_t count, uint32_t place, uint64_t address);
void note_word_call(State& state, const Record& record, uint64_t address, uint32_t size, uint32_t value);
void note_word_written(State& state, const Core& core, const Record& record);
void check_access(State& state, Core& core, const Record& record);
void follow(State& state, const Record& record);
void note_written(State& state, Core& core, const Record& record, bool is_well);
void check_end(State& state, Core& core, const Record& record);

// Of transfers that are on their way, the first that writes to these bytes.
const Transfer* arrival_at(const Processor& processor, uint32_t address, uint32_t size);
inline const Transfer* pending_arrival(const Processor& processor, uint32_t address, uint32_t size) {
    return processor.arrivals.meets(address, size) ? arrival_at(processor, address, size) : nullptr;
}

// Set in the address of a finding about a transfer into a core's own L1, or a use of a tile: it is a write, not a read.
// Words are findings.py's.
constexpr uint64_t BY_WRITE = 1ull << 63;
inline uint64_t by_write(EventKind event) { return event == QUEUED_READ ? 0 : BY_WRITE; }

// Something is written to where a write that has not left its source still reads.
void check_sources_left(State& state, Core& core, const Record& record, Kind kind, uint32_t address, uint32_t size);
inline void check_sources(State& state, Core& core, const Record& record, Kind kind, uint32_t address, uint32_t size) {
    if (core.sources != 0) check_sources_left(state, core, record, kind, address, size);
}

}  // namespace check
