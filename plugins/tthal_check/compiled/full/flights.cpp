// Transfers under way, as races see them: a transfer touches its bytes at any time until a barrier of its own kernel, NoC and
// transaction id, or until a word that travels behind it on the same way has come. Of a posted write no barrier tells that
// it has arrived: a flush is about its source alone.
#include "races.h"

namespace check {
namespace {

constexpr uint32_t POSTED_KEPT = 64;  // of a kernel's posted writes; older ones are taken to have arrived

Flight& at(const Races& races, uint32_t serial) { return races.flights[serial % FLIGHTS]; }

bool covers(const Record& barrier, const Flight& flight) {
    if (barrier.extra != flight.noc) return false;
    return barrier.id == ALL_TRANSACTIONS ? !(flight.flags & UNCOUNTED) : barrier.id == flight.id;
}

bool ends(const Record& barrier, const Flight& flight, Part part) {
    if (!covers(barrier, flight)) return false;
    const bool posted = flight.flags & POSTED;
    switch (barrier.event) {
        case READ_BARRIER: return part == READ_PART || (barrier.id != ALL_TRANSACTIONS && !posted);
        case WRITE_BARRIER: return part != READ_PART ? !posted : barrier.id != ALL_TRANSACTIONS;
        case WRITE_FLUSH: return part == SOURCE_PART && (!posted || barrier.id != ALL_TRANSACTIONS);
        case POSTED_FLUSH: return part == SOURCE_PART && posted;
        default: return false;
    }
}

// Walks the flights of a chain, newest first, and lets go of those that are over: since which epoch, or 0, says `over_since`.
template <typename Over>
void walk(Races& races, uint32_t thread, uint32_t chain, Over&& over_since) {
    uint32_t* link = &races.chains[thread * CHAINS + chain];
    while (*link != 0) {
        Flight& flight = at(races, *link);
        if (flight.serial != *link) {  // its place was taken by a newer one, and so were those of all before it
            *link = 0;
            return;
        }
        if (const uint32_t epoch = over_since(flight)) {
            flight.epoch = epoch;
            *link = flight.next;
        } else {
            link = &flight.next;
        }
    }
}

bool goes_the_way_of(const Flight& flight, uint32_t noc, int32_t target) {
    return flight.noc == noc && flight.target == target;
}

// A write that is acknowledged goes behind posted ones, which have arrived when it has.
void follow_posted(Races& races, uint32_t thread, const Record& record, int32_t target) {
    walk(races, thread, POSTED_CHAIN, [&](Flight& flight) {
        if (!goes_the_way_of(flight, record.noc, target)) return false;
        flight.id = record.id;
        flight.flags = record.flags;
        return false;
    });
}

}  // namespace

uint32_t depart(Races& races, uint32_t thread, Part part, const Record& record, int32_t target) {
    if (++races.serial == 0) races.serial = 1;
    const bool posted = part == TARGET_PART && record.flags & POSTED;
    if (part == TARGET_PART && !posted && races.chains[thread * CHAINS + POSTED_CHAIN] != 0)
        follow_posted(races, thread, record, target);
    uint32_t& newest = races.chains[thread * CHAINS + (posted ? POSTED_CHAIN : part)];
    const uint32_t announced = record.size <= WORD_SIZE ? epoch_of(races, thread) : 0;  // whoever hears it has it
    at(races, races.serial) = {races.serial, newest, 0, target, record.noc, record.id, record.flags, 0, announced};
    return newest = races.serial;
}

void land(Races& races, uint32_t thread, const Record& barrier) {
    const Part parts[] = {READ_PART, SOURCE_PART, TARGET_PART};
    const uint32_t now = epoch_of(races, thread);
    for (const Part part : parts)
        walk(races, thread, part, [&](Flight& flight) {
            if (barrier.event == WRITE_FLUSH && covers(barrier, flight)) flight.flushed = 1;
            return ends(barrier, flight, part) ? now : 0;
        });
    uint32_t kept = 0;
    walk(races, thread, POSTED_CHAIN, [&](Flight& flight) {
        const bool is_flush = barrier.event == WRITE_FLUSH || barrier.event == POSTED_FLUSH;
        if (is_flush && covers(barrier, flight)) flight.flushed = 1;
        return ends(barrier, flight, TARGET_PART) || ++kept > POSTED_KEPT ? now : 0;
    });
}

// A word follows data on the same NoC to the same core, or rectangle: what hears the word may use the data, and what they
// were sent from. Where multicasts may overtake each other, as on Blackhole, only what was flushed before or linked to it is
// sure to be there.
void announce(Races& races, uint32_t thread, uint32_t noc, int32_t target) {
    const auto is_ahead = [&](const Flight& flight) {
        if (!goes_the_way_of(flight, noc, target)) return false;
        return target != RECTANGLE || flight.flushed || flight.flags & LINKED || !races.reorders_multicasts;
    };
    const uint32_t now = epoch_of(races, thread);
    const auto since_now = [&](const Flight& flight) { return is_ahead(flight) ? now : 0; };
    walk(races, thread, TARGET_PART, since_now);
    walk(races, thread, POSTED_CHAIN, since_now);
    uint32_t link = races.chains[thread * CHAINS + SOURCE_PART];
    for (; link != 0 && at(races, link).serial == link; link = at(races, link).next) {
        Flight& flight = at(races, link);
        if (is_ahead(flight) && flight.announced == 0) flight.announced = now;
    }
}

// A kernel tells a core something: of what that core's kernels sent and announced, the source has left if it knows of that.
// A multicast reads its source once, so that one of those who have it is enough.
void hear_answer(Races& races, uint32_t core, uint32_t teller) {
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        const uint32_t thread = races.thread_of[core * SLOTS + slot];
        if (thread == NO_THREAD || races.chains[thread * CHAINS + SOURCE_PART] == 0) continue;
        const uint32_t known = time_of(clock_of(races, teller), thread),
                       heard = time_of(heard_by(races, teller), thread);
        const uint32_t last = known > heard ? known : heard;
        walk(races, thread, SOURCE_PART,
             [&](const Flight& flight) { return flight.announced <= last ? flight.announced : 0; });
    }
}

const Flight* flight_of(const Races& races, const Access& access) {
    const Flight& flight = at(races, access.flight);
    return access.flight != 0 && flight.serial == access.flight ? &flight : nullptr;
}

static bool is_same_core(const Races& races, uint32_t thread, uint32_t other) {
    return races.kernel_of[thread] / SLOTS == races.kernel_of[other] / SLOTS;
}

// Whether what was done before is over for whoever does something now, or loads a word that tells of it.
bool is_ordered(const Races& races, const Access& before, uint32_t thread) {
    uint32_t epoch = before.epoch;
    if (before.flight != 0) {
        const Flight* const flight = flight_of(races, before);
        if (flight == nullptr) return true;  // long ago
        if (flight->epoch == 0 && (flight->announced == 0 || is_same_core(races, before.thread, thread))) return false;
        epoch = flight->epoch != 0 ? flight->epoch : flight->announced;
    }
    if (before.thread == thread || knows(races, thread, before.thread, epoch)) return true;
    return time_of(heard_by(races, thread), before.thread) >= epoch;
}

}  // namespace check
