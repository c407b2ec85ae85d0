// What words tell: semaphores and flags, that kernels set, add to, wait for and look at.
//
// Every word remembers what was told by it. A wait hears of the first that satisfies it, a load of all: what it found is
// not known. Of words that are stored one after the other, as of an array, 1 KB is remembered as one when there are many.
#include "races.h"

namespace check {
namespace {

constexpr uint32_t NOWHERE = ~0u, SEMAPHORE_STRIDE = 16;
static_assert(WORDS <= UINT16_MAX);
constexpr uint64_t ARRAY = 1;  // in the address of a block of words

// Words that find no place share one clock: that may hide a race, and invents none. Words of arrays take a quarter. What
// the index still holds of launches before is older than all words there are, or names the same.
uint32_t find_word(Races& races, int32_t node, uint64_t address, bool make) {
    const uint64_t key = (static_cast<uint64_t>(static_cast<uint32_t>(node)) << 32 | address) + 2;
    if (races.recent_word < races.words_used && races.words[races.recent_word] == key) return races.recent_word;
    uint64_t place = key * 0x9E3779B97F4A7C15ull >> 32;
    for (uint32_t probe = 0; probe < WORD_PROBES; probe++, place++) {
        uint16_t& number = races.word_index[place % (2 * WORDS)];
        if (number == 0 || number > races.words_used) {
            if (races.words_used == WORDS) break;
            if (!make) return NOWHERE;
            number = static_cast<uint16_t>(++races.words_used);
            races.words[number - 1] = key;
            races.word_histories[number - 1] = {};
        }
        if (races.words[number - 1] == key) return races.recent_word = number - 1;
    }
    if (make) races.words_lost = 1;
    return races.words_lost ? WORDS : NOWHERE;
}

uint64_t block_of(uint64_t address) { return (address >> BLOCK_SHIFT << BLOCK_SHIFT) | ARRAY; }

// Only of semaphores it is known what they begin with.
Before first_of(const State& state, int32_t node, uint64_t address) {
    if (node < 0 || static_cast<uint32_t>(node) >= state.core_count) return {false, 0};
    const Core& core = state.cores[node];
    if (address < core.semaphores || address >= core.semaphores_end) return {false, 0};
    const uint64_t id = (address - core.semaphores) / SEMAPHORE_STRIDE;
    if (id >= SEMAPHORES || (address - core.semaphores) % SEMAPHORE_STRIDE != 0) return {false, 0};
    return {true, core.semaphore_values[id]};
}

// What is known of a word: nothing, all that was told by words that found no place, or a history.
struct Sheet {
    History* history;
    bool is_lost;
};

Sheet sheet_of(State& state, int32_t node, uint64_t address, bool make) {
    Races& races = *state.races;
    const uint32_t place = find_word(races, node, address, make);
    if (place == NOWHERE) return {nullptr, false};
    if (place == WORDS) return {nullptr, true};
    return {&races.word_histories[place], false};
}

void hear(const Races& races, const Sheet& sheet, Clock& into) {
    if (sheet.history != nullptr) hear_all(races, *sheet.history, into);
    else if (sheet.is_lost) hear_lost(races, into);
}

// A word is set while somebody else's step of it, or other value, may come before or after: one of the two is lost.
bool is_lost(const Told& before, const Telling& now) {
    if (before.is_set && now.is_set) return before.is_known && now.is_known && before.value != now.value;
    return before.is_set || now.is_set;
}

void check_order(State& state, const Record& record, uint32_t thread, const Place& word, const History& history,
                 const Telling& telling) {
    const Races& races = *state.races;
    for (uint32_t number = history.count; number > oldest(history); number--) {
        const Told& told = told_at(races, history, number - 1);
        if (told.thread == thread || knows(races, thread, told.thread, told.epoch)) continue;
        const bool both_change = told.load_site != 0 && telling.load_site != 0;
        if (!both_change && !is_lost(told, telling)) continue;
        const uint32_t where =
            word.node < 0 ? 1u << 31 | static_cast<uint32_t>(-2 - word.node) : static_cast<uint32_t>(word.node);
        report(state,
               {static_cast<uint32_t>(both_change ? Kind::RACE_CHANGED : Kind::RACE_LOST), record.kernel, record.site,
                races.kernel_of[told.thread], told.site, telling.load_site, told.load_site, where, word.address});
        if (!both_change) return;
    }
}

void forget_load(Races& races, uint32_t thread) {
    Clock& heard = heard_by(races, thread);
    heard.begin = heard.end = 0;
    races.heard[thread].address = 0;
}

// What a load tells its kernel, as far as others have come.
void hear_loaded(State& state, int32_t core, uint32_t thread, uint32_t address, Word word) {
    Races& races = *state.races;
    const Sheet single = sheet_of(state, core, address & ~3u, false);
    const bool was_single = single.history == nullptr || single.history->count != 0;
    Clock& heard = heard_by(races, thread);
    if (word == SINGLE || was_single) hear(races, single, heard);
    if (word == SINGLE && races.arrays_used) hear(races, sheet_of(state, core, block_of(address), false), heard);
}

}  // namespace

void check_word(State& state, const Record& record, uint32_t thread, const Place& word, const Telling& telling) {
    const Sheet sheet = sheet_of(state, word.node, word.address & ~3ull, true);
    if (sheet.history != nullptr) check_order(state, record, thread, word, *sheet.history, telling);
}

void tell_word(State& state, const Record& record, uint32_t thread, const Place& word, const Telling& telling) {
    const Sheet sheet = sheet_of(state, word.node, word.address & ~3ull, true);
    if (sheet.history == nullptr) return tell_lost(*state.races, thread);
    const Before first = sheet.history->count == 0 ? first_of(state, word.node, word.address & ~3ull) : Before{};
    tell(*state.races, thread, *sheet.history, first, telling, record.site);
}

// Not counted one by one: that would make as many accesses of them.
void tell_array(State& state, const Record& record, uint32_t thread, int32_t node) {
    Races& races = *state.races;
    const bool has_room = races.words_used < WORDS / 4;
    const Sheet word = sheet_of(state, node, record.local & ~3ull, has_room);
    if (word.history != nullptr && word.history->count != 0)
        return tell(races, thread, *word.history, {}, {true, false, 0, 0}, record.site);
    const bool is_found = word.history != nullptr || word.is_lost;
    const Sheet sheet = is_found ? word : sheet_of(state, node, block_of(record.local), true);
    races.arrays_used |= !is_found;
    if (sheet.history != nullptr) add_to_all(races, *sheet.history, clock_of(races, thread));
    else join(clock_at(races.lost, races, 0), clock_of(races, thread));
}

void hear_word(State& state, uint32_t thread, int32_t node, uint64_t address) {
    const uint64_t keys[] = {address & ~3ull, block_of(address)};
    for (const uint64_t key : keys) {
        if (key & ARRAY && !state.races->arrays_used) return;
        const Sheet sheet = sheet_of(state, node, key, false);
        if (sheet.history != nullptr || sheet.is_lost) hear(*state.races, sheet, learning(*state.races, thread));
    }
}

void await_word(State& state, const Record& record, uint32_t thread) {
    Races& races = *state.races;
    const int32_t core = static_cast<int32_t>(core_of(record));
    const uint64_t address = record.local & ~3ull;
    const Sheet sheet = sheet_of(state, core, address, false);
    if (sheet.history != nullptr)
        await(races, thread, *sheet.history, first_of(state, core, address), record.value, record.id != 0);
    else if (sheet.is_lost) hear_lost(races, learning(races, thread));
}

void load_word(State& state, const Record& record, uint32_t thread, Word word) {
    // Of a load that may be part of a wait, what it heard counts when the kernel goes on, unless it is told better.
    hear_loaded(state, static_cast<int32_t>(core_of(record)), thread, record.local, word);
    state.races->heard[thread] = {record.local, record.site, word, false, 0};
}

// What came of a kernel's last load. Returns where it was, when what follows changes the word.
uint32_t end_load(State& state, const Record& record, uint32_t thread) {
    Races& races = *state.races;
    Heard& heard = races.heard[thread];
    if (heard.address == 0) return 0;
    if (is_of_machine(record)) {
        heard.is_later |= record.event == TURN;
        return 0;
    }
    const bool same = heard.address == record.local;
    if (record.event == LOAD && same) return 0;
    if (heard.is_later) hear_loaded(state, static_cast<int32_t>(core_of(record)), thread, heard.address, heard.word);
    if (record.event == SEMAPHORE_REACHED && same) {
        forget_load(races, thread);
        return 0;
    }
    if (same && (record.event == STORE || record.event == SEMAPHORE_SET)) return heard.site;
    hear_load(races, thread);
    return 0;
}

void hear_load(Races& races, uint32_t thread) {
    if (races.heard[thread].address == 0) return;
    join(learning(races, thread), heard_by(races, thread));
    forget_load(races, thread);
}

}  // namespace check
