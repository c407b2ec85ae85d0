// One run of the solver: its state, and what its parts do. Threads are in solver.cpp, what they send in packets.cpp and
// multicasts.cpp; all of it goes by one Agenda.
#pragma once

#include "network.h"
#include "sites.h"

namespace timing {

// A multicast that is on its way; `events`: how many are still to come of it.
struct Cast {
    Action action;
    uint32_t thread, events;
    double sent;
};

constexpr uint32_t ANSWERED = 1u << 31, SPANS = 1024;

struct Solver {
    Job& job;
    const Chip& chip;
    Agenda agenda;
    Network network;
    Array<Cast> casts;
    Array<uint32_t> unused_casts;
    Sites sites;
    Array<Span> spans;
    Array<uint32_t> path_owner;    // per NoC and node: the thread that multicasts there, or NONE
    Array<uint32_t> path_waiting;  // threads, in the order in which they asked

    explicit Solver(Job& job)
        : job(job),
          chip(*job.chip),
          agenda(job),
          network(job, agenda),
          casts(job),
          unused_casts(job),
          sites(job),
          spans(job),
          path_owner(job),
          path_waiting(job) {
        for (uint32_t i = 0; i < 2 * chip.width * chip.height; i++) path_owner.push(NONE);
    }

    const Action& action_of(const Thread& thread) const { return thread.actions[thread.position]; }
    void run();
    bool more(uint32_t index);
    bool take_more(uint32_t index, uint64_t there);
    void foresee(const Calendar::Entry& next) const;
    void step(uint32_t index, double time);
    bool step_once(uint32_t index, double& time);
    bool may_begin(const Thread& thread, const Action& action, uint32_t*& waiting);
    bool take_part(uint32_t index, const Action& action, double time);
    void next(uint32_t index, double time);
    void keep(const Span& span);
    void keep_transfer(const Packet& packet, uint8_t kind, uint32_t node, double time);
    void keep_spans();
    void event_done(uint32_t cast);
    void park(uint32_t index, uint32_t* waiting);
    void wake(uint32_t* waiting, double time);
    bool transfer(uint32_t index, const Action& action, double time);
    void arrived(uint32_t index, double time);
    double from_dram(const Packet& packet, double time);
    void served(uint32_t index, double time);
    void completed(uint32_t index, double time, uint32_t Thread::* outstanding);
    void arrive(uint32_t node, uint32_t effect, uint32_t value, bool add, double time);
    void take_effect(uint32_t counter, uint32_t value, bool add, double time);
    void multicast(uint32_t index, const Action& action, double time, bool waited);
    void measure(const Action& action, uint32_t from, uint32_t& inside, uint32_t& outside);
    void path_free(uint32_t cast, double time);
    void cast_arrived(uint32_t cast, double time);
    bool path_is_free(uint32_t thread, const Action& action);
    void set_path(const Action& action, uint32_t owner);
    template <typename Do>
    void each_node(const Action& action, Do what) const;
};

enum State : uint32_t { READY, ISSUED, SENDING, WAITING };

}  // namespace timing
