// Vector clocks: every kernel counts what it tells others, and knows how far it has heard of each of them.
#include "races.h"

namespace check {
namespace {

void join(const Races& races, uint32_t* into, const uint32_t* from) {
    for (uint32_t i = 0; i < races.threads; i++)
        if (into[i] < from[i]) into[i] = from[i];
}

uint32_t* row_of(const Races& races, const Sheet& sheet, uint32_t number) {
    return sheet.rows + static_cast<uint64_t>(number % TOLD) * races.threads;
}

bool satisfies(uint32_t value, uint32_t awaited, bool more_is_enough) {
    return value == awaited || (more_is_enough && value > awaited);
}

uint32_t oldest(const History& history) { return history.count > TOLD ? history.count - TOLD : 0; }

}  // namespace

uint32_t* clock_of(const Races& races, uint32_t thread) {
    return races.clocks + static_cast<uint64_t>(thread) * races.threads;
}

bool knows(const Races& races, uint32_t thread, uint32_t other, uint32_t epoch) {
    return clock_of(races, thread)[other] >= epoch;
}

void release(Races& races, uint32_t thread, uint32_t* into) {
    uint32_t* const own = clock_of(races, thread);
    join(races, into, own);
    own[thread]++;
}

void acquire(Races& races, uint32_t thread, const uint32_t* from) { join(races, clock_of(races, thread), from); }

// Whoever hears of something that was added hears of what was there before, too; what was set says no more than that.
void tell(Races& races, uint32_t thread, const Sheet& sheet, const Telling& telling, uint32_t site) {
    History& history = *sheet.history;
    const uint32_t number = history.count++;
    const Told* const last = number != 0 ? &history.told[(number - 1) % TOLD] : nullptr;
    const uint32_t before = last != nullptr ? last->value : history.first;
    const bool before_known = last != nullptr ? last->is_known : history.first_known != 0;
    const bool is_known = telling.is_known && (telling.is_set || before_known);
    uint32_t* const row = row_of(races, sheet, number);
    const uint32_t* const own = clock_of(races, thread);
    for (uint32_t i = 0; i < races.threads; i++) row[i] = own[i];
    if (!telling.is_set && last != nullptr) join(races, row, row_of(races, sheet, number - 1));
    history.told[number % TOLD] = {telling.is_set ? telling.value : before + telling.value,
                                   own[thread],
                                   site,
                                   telling.load_site,
                                   static_cast<uint16_t>(thread),
                                   telling.is_set,
                                   is_known};
    release(races, thread, sheet.all);
}

// The newest of what was told that a kernel knows of; NOTHING when that is forgotten, or there is none.
uint32_t newest_known(const Races& races, uint32_t thread, const History& history) {
    for (uint32_t number = history.count; number > oldest(history); number--) {
        const Told& told = history.told[(number - 1) % TOLD];
        if (knows(races, thread, told.thread, told.epoch)) return number - 1;
    }
    return NOTHING;
}

// A wait ended, which the first that satisfies it may have ended: of no later one the kernel can be sure. It cannot have
// found what is older than what it knows of.
void await(Races& races, uint32_t thread, const Sheet& sheet, uint32_t value, bool more_is_enough) {
    const History& history = *sheet.history;
    const uint32_t known = newest_known(races, thread, history);
    if (known == NOTHING && history.count <= TOLD && history.first_known &&
        satisfies(history.first, value, more_is_enough))
        return;
    for (uint32_t number = known == NOTHING ? oldest(history) : known; number < history.count; number++) {
        const Told& told = history.told[number % TOLD];
        if (told.is_known && satisfies(told.value, value, more_is_enough))
            return acquire(races, thread, row_of(races, sheet, number));
    }
    acquire(races, thread, sheet.all);
}

}  // namespace check
