// Who touched which bytes of L1 and DRAM last, and whether two of them do so in no order. Of every 1 KB the last accesses
// are remembered; what a later one covers that comes after it is forgotten.
#include "races.h"

namespace check {
namespace {

// What would have ordered the two: findings.py has the words.
enum Cure : uint32_t {
    ORDER_KERNELS,
    OTHERS_READ_BARRIER,
    OTHERS_WRITE_BARRIER,
    OTHERS_FLUSH,
    OWN_READ_BARRIER,
    OWN_WRITE_BARRIER,
    OWN_FLUSH,
    OTHERS_POSTED,
    OWN_POSTED,
    TOLD_BEFORE
};

Block* find_block(Races& races, const Place& place, uint64_t number) {
    const uint64_t key = (number << 16 | static_cast<uint16_t>(place.node)) + 1;
    Block& recent = races.blocks[races.recent_block];
    if (races.recent_block < races.block_count && recent.key == key) return &recent;
    // Neighbours share a line of the index. A page has those at the same address of other cores, which often do the same,
    // or those that follow in DRAM. What it still holds of launches before names no block, or the same.
    constexpr uint32_t NEIGHBOURS = 16, LINES = 64, STEP = 1021 * NEIGHBOURS + 1;
    const bool in_dram = place.node < 0;
    const uint64_t line = number / NEIGHBOURS, node = static_cast<uint16_t>(place.node);
    const uint64_t page = in_dram ? line / LINES << 16 | node : line, within = in_dram ? line % LINES : node;
    uint64_t at = ((page * 0x9E3779B97F4A7C15ull >> 40) + within) * NEIGHBOURS + number % NEIGHBOURS;
    for (;; at += STEP) {
        uint32_t& slot = races.index[at % INDEX];
        if (slot == 0 || slot > races.block_count) {
            if (races.block_count == BLOCKS) return nullptr;
            slot = ++races.block_count;
            Block& made = races.blocks[slot - 1];
            made.key = key;
            made.count = made.next = 0;
        }
        if (races.blocks[slot - 1].key != key) continue;
        races.recent_block = slot - 1;
        return &races.blocks[slot - 1];
    }
}

uint32_t cure(const Races& races, const Access& other, uint32_t thread) {
    const Flight* const flight = flight_of(races, other);
    const bool own = other.thread == thread;
    const bool heard = own || knows(races, thread, other.thread, other.epoch);
    if (flight == nullptr || !heard)
        return time_of(clock_of(races, thread), other.thread) != 0 ? TOLD_BEFORE : ORDER_KERNELS;
    const bool is_read = other.part == READ_PART;
    if (is_read) return own ? OWN_READ_BARRIER : OTHERS_READ_BARRIER;
    if (other.part == SOURCE_PART) return own ? OWN_FLUSH : OTHERS_FLUSH;
    if (flight->flags & POSTED) return own ? OWN_POSTED : OTHERS_POSTED;
    return own ? OWN_WRITE_BARRIER : OTHERS_WRITE_BARRIER;
}

Kind kind_of(bool writes, const Access& other, uint32_t thread) {
    if (other.thread == thread) return Kind::RACE_WITH_ITSELF;
    return !writes ? Kind::RACE_READ : other.writes ? Kind::RACE_WRITES : Kind::RACE_OVERWRITTEN;
}

// A kernel's own transfers that do not mind each other: on one NoC writes to one place come in order, and where two reads
// fill the same bytes nobody can mean to use them.
bool is_own_business(const Races& races, const Access& other, const Access& mine) {
    if (other.thread != mine.thread || mine.flight == 0) return false;
    if (other.part == READ_PART && mine.part == READ_PART) return true;
    const Flight *const before = flight_of(races, other), *const now = flight_of(races, mine);
    return other.part == TARGET_PART && mine.part == TARGET_PART && before->noc == now->noc;
}

Finding finding_of(const Races& races, const Record& record, const Place& place, const Access& other,
                   const Access& mine) {
    const uint32_t where =
        place.node < 0 ? 1u << 31 | static_cast<uint32_t>(-2 - place.node) : static_cast<uint32_t>(place.node);
    return {static_cast<uint32_t>(kind_of(mine.writes, other, mine.thread)),
            record.kernel,
            record.site,
            races.kernel_of[other.thread],
            other.site,
            cure(races, other, mine.thread),
            place.size,
            where,
            place.address};
}

// Whether two accesses are how kernels tell each other something.
bool tell(uint8_t a, uint8_t b) { return a != DATA && b != DATA && (a == SINGLE || b == SINGLE); }

// Makes one access of those of an array, word after word, as long as their kernel told nobody of them.
bool extend(Access& other, const Access& mine) {
    const bool same = other.thread == mine.thread && other.writes == mine.writes && other.epoch == mine.epoch &&
                      other.word == OF_ARRAY && mine.word == OF_ARRAY;
    if (!same || (other.end != mine.begin && mine.end != other.begin)) return false;
    if (other.end == mine.begin) other.end = mine.end;
    else other.begin = mine.begin;
    return true;
}

// Which accesses of a block, a bit for each, are about some of the same bytes; most are not, so no branch asks for each.
uint32_t overlapping(const Block& block, uint32_t begin, uint32_t end) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < ACCESSES; i++) {
        const Access& other = block.accesses[i];
        found |= static_cast<uint32_t>((other.begin < end) & (other.end > begin)) << i;
    }
    return found & ((1u << block.count) - 1);
}

uint32_t lowest(uint32_t bits) { return static_cast<uint32_t>(__builtin_ctz(bits)); }

bool replaces(const Races& races, const Access& mine, const Access& other) {
    const bool covers = other.begin >= mine.begin && other.end <= mine.end && other.word == mine.word;
    return covers && (mine.writes || !other.writes) && (mine.writes || other.thread == mine.thread) &&
           is_ordered(races, other, mine.thread);
}

void remember(Races& races, Block& block, const Access& mine, uint32_t overlaps) {
    if (mine.word == OF_ARRAY)
        for (uint32_t i = 0; i < block.count; i++)
            if (extend(block.accesses[i], mine)) return;
    uint32_t replaced = 0;
    for (uint32_t left = overlaps; left != 0; left &= left - 1)
        if (replaces(races, mine, block.accesses[lowest(left)])) replaced |= left & -left;
    if (replaced != 0) {
        uint32_t kept = lowest(replaced);
        for (uint32_t i = kept + 1; i < block.count; i++)
            if (!(replaced >> i & 1)) block.accesses[kept++] = block.accesses[i];
        block.count = kept;
    }
    if (block.count < ACCESSES) block.accesses[block.count++] = mine;
    else block.accesses[block.next++ % ACCESSES] = mine;
}

}  // namespace

void touch(State& state, const Record& record, uint32_t thread, const Place& place, const Touch& how) {
    Races& races = *state.races;
    const uint64_t to = place.address + place.size;
    for (uint64_t at = place.address; at < to;) {
        const uint64_t number = at >> BLOCK_SHIFT, end = (number + 1) << BLOCK_SHIFT, base = number << BLOCK_SHIFT;
        Block* const block = find_block(races, place, number);
        if (block == nullptr) return;
        const Access mine = {static_cast<uint16_t>(thread),
                             how.writes,
                             how.word,
                             how.part,
                             static_cast<uint16_t>(at - base),
                             static_cast<uint16_t>((end < to ? end : to) - base),
                             epoch_of(races, thread),
                             how.flight,
                             record.site};
        const uint32_t overlaps = overlapping(*block, mine.begin, mine.end);
        for (uint32_t left = overlaps; left != 0; left &= left - 1) {
            const Access& other = block->accesses[lowest(left)];
            if (!how.writes && !other.writes) continue;
            if (tell(how.word, other.word) || is_ordered(races, other, thread) || is_own_business(races, other, mine))
                continue;
            const Finding finding = finding_of(races, record, place, other, mine);
            if (record.event == LOAD && how.word == SINGLE) races.doubts[thread] = finding;  // it may be polling
            else report(state, finding);
            return;
        }
        remember(races, *block, mine, overlaps);
        at = end < to ? end : to;
    }
}

}  // namespace check
