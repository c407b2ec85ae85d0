// Vector clocks: every kernel counts what it tells others, and knows how far it has heard of each of them.
//
// What was told is kept in a pool, in pieces that are as long as what their tellers know: of a core's own kernels a few
// words, of all of them a row.
#include "races.h"

namespace check {
namespace {

constexpr uint32_t HEAD = sizeof(Clock) / 4, SMALLEST = 4;

bool is_empty(const Clock& clock) { return clock.begin == clock.end; }

// Where both know of a kernel, what is later counts.
void raise(Clock& into, const Clock& from) {
    uint32_t* const to = into.at + (from.begin - into.first);
    const uint32_t* const others = from.at + (from.begin - from.first);
    const uint32_t count = from.end - from.begin;
    for (uint32_t i = 0; i < count; i++)
        if (to[i] < others[i]) to[i] = others[i];
}

Clock& piece_at(const Races& races, uint32_t place) { return *reinterpret_cast<Clock*>(races.pool + place); }

uint32_t size_for(uint32_t room) {
    uint32_t size = 0;
    while (SMALLEST << size < room) size++;
    return size;
}

// A piece with room for so many words, or 0 when there are no more.
uint32_t take(Races& races, uint32_t room) {
    const uint32_t size = size_for(room), words = HEAD + (SMALLEST << size);
    uint32_t place = races.pool_free[size];
    if (place != 0) {
        races.pool_free[size] = races.pool[place];
    } else {
        if (races.pool_used + words > POOL) return 0;
        place = races.pool_used;
        races.pool_used += words;
    }
    Clock& piece = piece_at(races, place);
    piece.first = piece.begin = piece.end = 0;
    piece.room = static_cast<uint16_t>(SMALLEST << size);
    piece.uses = 1;
    return place;
}

// Somebody needs it no longer; whoever is the last gives it back.
void let_go(Races& races, uint32_t place) {
    if (place == 0 || --piece_at(races, place).uses != 0) return;
    const uint32_t size = size_for(piece_at(races, place).room);
    races.pool[place] = races.pool_free[size];
    races.pool_free[size] = place;
}

// Lets a clock of the pool have room for all between two threads, besides what it holds; false when there is none.
bool widen(Races& races, uint32_t& place, uint32_t begin, uint32_t end) {
    if (place != 0) {
        Clock& clock = piece_at(races, place);
        if (is_empty(clock)) {
            clock.first = clock.begin = clock.end = static_cast<uint16_t>(begin);
        } else {
            if (clock.begin < begin) begin = clock.begin;
            if (clock.end > end) end = clock.end;
        }
        if (begin >= clock.first && end <= clock.first + clock.room) return true;
    }
    const uint32_t made = take(races, end - begin);
    if (made == 0) return false;
    Clock& clock = piece_at(races, made);
    clock.first = clock.begin = clock.end = static_cast<uint16_t>(begin);
    if (place != 0) join(clock, piece_at(races, place));
    let_go(races, place);
    place = made;
    return true;
}

bool join(Races& races, uint32_t& place, const Clock& from) {
    if (place != 0) {  // most often what is there knows of the same kernels already
        Clock& into = piece_at(races, place);
        if (!is_empty(into) && into.begin <= from.begin && into.end >= from.end) {
            raise(into, from);
            return true;
        }
    }
    if (!widen(races, place, from.begin, from.end)) return false;
    join(piece_at(races, place), from);
    return true;
}

bool satisfies(uint32_t value, uint32_t awaited, bool more_is_enough) {
    return value == awaited || (more_is_enough && value > awaited);
}

Told* ring_of(const Races& races, const History& history) {
    return reinterpret_cast<Told*>(races.pool + history.ring + HEAD);
}

// Room for more than one, when there is any.
void make_ring(Races& races, History& history) {
    constexpr uint32_t WORDS_OF_RING = TOLD * sizeof(Told) / 4;
    history.ring = take(races, WORDS_OF_RING);
    if (history.ring == 0) return;
    Told* const ring = ring_of(races, history);
    for (uint32_t i = 0; i < TOLD; i++) ring[i].clock = 0;
    ring[0] = history.one;
}

// What was told, with the teller's own time. It has room for that: whoever knows anything knows of itself.
void hear(const Races& races, const Told& told, Clock& into) {
    join(into, piece_at(races, told.clock));
    uint32_t& time = into.at[told.thread - into.first];
    if (time < told.epoch) time = told.epoch;
}

// What a kernel knows, for many who are told the same.
uint32_t snapshot_of(Races& races, uint32_t thread) {
    uint32_t& snapshot = races.snapshots[thread];
    if (snapshot == 0 && !join(races, snapshot, clock_of(races, thread))) return 0;
    piece_at(races, snapshot).uses++;
    return snapshot;
}

// What a teller knows with what the one before knew, where that of the oldest was.
void keep_sum(Races& races, uint32_t& place, const Clock& own, const Told& before) {
    const bool is_mine = place != 0 && place != before.clock && piece_at(races, place).uses == 1;
    uint32_t kept = is_mine ? place : 0;
    if (is_mine) piece_at(races, kept).begin = piece_at(races, kept).end = 0;
    bool found = before.clock != 0 && join(races, kept, own);
    if (found) {
        const Clock& other = piece_at(races, before.clock);
        found = widen(races, kept, other.begin, other.end);
        if (found) hear(races, before, piece_at(races, kept));
    }
    if (!is_mine) let_go(races, place);
    if (!found) let_go(races, kept);
    place = found ? kept : 0;
}

}  // namespace

// When a launch begins, a kernel knows of no other, and its own time is 1.
void start(Races& races) {
    for (uint32_t thread = 0; thread < races.threads; thread++) {
        Clock& clock = clock_of(races, thread);
        clock.begin = static_cast<uint16_t>(thread);
        clock.end = static_cast<uint16_t>(thread + 1);
        clock.at[thread] = 1;
    }
}

void join(Clock& into, const Clock& from) {
    if (is_empty(from)) return;
    if (is_empty(into)) into.begin = into.end = from.begin;
    while (into.begin > from.begin) into.at[--into.begin - into.first] = 0;
    for (; into.end < from.end; into.end++) into.at[into.end - into.first] = 0;
    raise(into, from);
}

const Told& told_at(const Races& races, const History& history, uint32_t number) {
    return history.ring != 0 ? ring_of(races, history)[number % TOLD] : history.one;
}

uint32_t oldest(const History& history) {
    const uint32_t kept = history.ring != 0 ? TOLD : 1;
    return history.count > kept ? history.count - kept : 0;
}

void add_to_all(Races& races, History& history, const Clock& clock) {
    if (join(races, history.all, clock)) return;
    history.is_lost = 1;
    join(clock_at(races.lost, races, 0), clock);
}

// The first that was told becomes part of what more than one told.
static void add_to_all(Races& races, History& history, const Told& first) {
    add_to_all(races, history, piece_at(races, first.clock));
    if (history.all != 0) hear(races, first, piece_at(races, history.all));
    else hear(races, first, clock_at(races.lost, races, 0));
}

// What a kernel knows becomes part of all that was told. What it does from now on others do not know.
void tell_lost(Races& races, uint32_t thread) {
    Clock& own = clock_of(races, thread);
    join(clock_at(races.lost, races, 0), own);
    own.at[thread]++;
}

void hear_lost(const Races& races, Clock& into) { join(into, clock_at(races.lost, races, 0)); }

void hear_all(const Races& races, const History& history, Clock& into) {
    if (history.all != 0) join(into, piece_at(races, history.all));
    else if (history.count == 1 && history.one.clock != 0) hear(races, history.one, into);
    if (history.is_lost) hear_lost(races, into);
}

// What a kernel knows, which is about to become more.
Clock& learning(Races& races, uint32_t thread) {
    let_go(races, races.snapshots[thread]);
    races.snapshots[thread] = 0;
    return clock_of(races, thread);
}

// Whoever hears of something that was added hears of what was there before, too; what was set says no more than that.
void tell(Races& races, uint32_t thread, History& history, Before first, const Telling& telling, uint32_t site) {
    if (history.count == 1) {
        if (history.all == 0 && history.one.clock != 0) add_to_all(races, history, history.one);
        make_ring(races, history);
    }
    const uint32_t number = history.count++;
    const bool is_first = number == 0;
    const Told before = is_first ? Told{} : told_at(races, history, number - 1);
    const uint32_t value = is_first ? first.value : before.value;
    const bool value_known = is_first ? first.is_known : before.is_known != 0;
    Told& told = history.ring != 0 ? ring_of(races, history)[number % TOLD] : history.one;
    const Clock& own = clock_of(races, thread);
    uint32_t clock = is_first ? 0 : told.clock;
    if (telling.is_set || is_first) {
        let_go(races, clock);
        clock = snapshot_of(races, thread);
    } else {
        keep_sum(races, clock, own, before);
    }
    told = {telling.is_set ? telling.value : value + telling.value,
            own.at[thread],
            site,
            telling.load_site,
            clock,
            static_cast<uint16_t>(thread),
            telling.is_set,
            telling.is_known && (telling.is_set || value_known)};
    if (!is_first || clock == 0 || history.all != 0) add_to_all(races, history, own);
    clock_of(races, thread).at[thread]++;
}

// The newest of what was told that a kernel knows of; NOTHING when that is forgotten, or there is none.
uint32_t newest_known(const Races& races, uint32_t thread, const History& history) {
    for (uint32_t number = history.count; number > oldest(history); number--) {
        const Told& told = told_at(races, history, number - 1);
        if (knows(races, thread, told.thread, told.epoch)) return number - 1;
    }
    return NOTHING;
}

// A wait ended, which the first that satisfies it may have ended: of no later one the kernel can be sure. It cannot have
// found what is older than what it knows of.
void await(Races& races, uint32_t thread, const History& history, Before first, uint32_t value, bool more_is_enough) {
    const uint32_t known = newest_known(races, thread, history);
    if (known == NOTHING && oldest(history) == 0 && first.is_known && satisfies(first.value, value, more_is_enough))
        return;
    Clock& own = learning(races, thread);
    for (uint32_t number = known == NOTHING ? oldest(history) : known; number < history.count; number++) {
        const Told& told = told_at(races, history, number);
        if (!told.is_known || !satisfies(told.value, value, more_is_enough)) continue;
        if (told.clock == 0) break;
        return hear(races, told, own);
    }
    hear_all(races, history, own);
}

}  // namespace check
