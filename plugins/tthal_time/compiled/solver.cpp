// Carries the actions out; see solver.h.
#include "simulation.h"

namespace timing {

namespace {

// Kinds as bits of a set: nobody foresees an action's kind, and one jump by it costs more than the rest.
template <typename... Kinds>
constexpr uint32_t set_of(Kinds... kinds) {
    return ((1u << kinds) | ...);
}
bool is_in(uint32_t set, uint8_t kind) { return set >> kind & 1; }

constexpr uint32_t WORKING = set_of(WORK, HAND_ON, TAKE_UP);
constexpr uint32_t BARRIERS = set_of(READ_BARRIER, WRITE_BARRIER, WRITE_FLUSH, ATOMIC_BARRIER);
constexpr uint32_t TAKING = set_of(QUEUE_WAIT, TAKE_UP), GIVING = set_of(QUEUE_RESERVE, HAND_ON);
constexpr uint32_t TAKEN = set_of(QUEUE_POP, TAKE_UP), GIVEN = set_of(QUEUE_PUSH, HAND_ON);
constexpr uint32_t ONE_PAGE = set_of(HAND_ON, TAKE_UP);
// Nobody else sees anything of such an action, and once it may begin, nothing that others do changes that: pages stay
// until their only reader takes them, and transfers that are over stay over.
constexpr uint32_t PRIVATE = BARRIERS | set_of(WORK, CODE, QUEUE_WAIT, QUEUE_RESERVE, COUNTER_WAIT, ZONE);

}  // namespace

// The current action is over, or one of its repetitions.
void Solver::next(uint32_t index, double time) {
    Thread& thread = job.threads[index];
    const Action& action = action_of(thread);
    thread.sums[action.kind].count++;
    thread.tiles += is_in(WORKING, action.kind) & ((action.bytes | action.value) != 0);
    thread.pushed += action.kind == QUEUE_PUSH ? action.count : 0;
    thread.popped += action.kind == QUEUE_POP ? action.count : 0;
    sites.add(thread, index, action.site, time - thread.asked, action.cycles);
    if (job.keep) {
        const double began = later(thread.asked, time - action.cycles);
        keep({index, action.kind, action.noc, action.flags, 0, action.site, action.node, action.bytes, action.count,
              action.channel, action.value, thread.asked, thread.state == SENDING ? thread.since : began, time});
    }
    thread.state = READY;
    thread.since = thread.asked = time;
    if (++thread.repetition >= action.repeat) {
        thread.repetition = 0;
        thread.position++;
        __builtin_prefetch(&thread.actions[thread.position + 3]);
    }
}

void Solver::keep(const Span& span) {
    spans.push(span);
    if (spans.size == SPANS) keep_spans();
}

void Solver::keep_spans() {
    if (job.keep && spans.size) job.keep(spans.items, static_cast<uint32_t>(spans.size));
    spans.size = 0;
}

void Solver::park(uint32_t index, uint32_t* waiting) {
    Thread& thread = job.threads[index];
    thread.state = WAITING;
    if (waiting == nullptr) return;  // what ends its transfers wakes it
    thread.next_waiting = *waiting;
    *waiting = index;
}

void Solver::wake(uint32_t* waiting, double time) {
    uint32_t index = *waiting;
    *waiting = NONE;
    while (index != NONE) {
        Thread& thread = job.threads[index];
        const uint32_t following = thread.next_waiting;
        thread.state = READY;
        agenda.add(time, THREAD, index);
        index = following;
    }
}

// What arrives at a node changes the word there that it was sent to.
void Solver::arrive(uint32_t node, uint32_t effect, uint32_t value, bool add, double time) {
    if (effect == NONE || job.cores[node] == NONE) return;
    take_effect(effect * job.core_count + job.cores[node], value, add, time);
}

void Solver::take_effect(uint32_t counter, uint32_t value, bool add, double time) {
    if (counter >= job.counter_count) return;
    Counter& changed = job.counters[counter];
    changed.value = add ? changed.value + value : value;
    changed.changes++;
    wake(&changed.waiting, time);
}

void Solver::served(uint32_t index, double time) {
    if (!(index & ANSWERED)) return network.send(index, time);
    const uint32_t cast = index & ~ANSWERED, thread = casts[cast].thread;
    event_done(cast);
    completed(thread, time, &Thread::writes);
}

// Whether an action may begin, and if not, who is told when that may have changed.
bool Solver::may_begin(const Thread& thread, const Action& action, uint32_t*& waiting) {
    const uint8_t kind = action.kind;
    if (is_in(TAKING | GIVING, kind)) {
        Queue& queue = job.queues[action.channel < job.queue_count ? action.channel : 0];
        const uint32_t there = queue.pushed - queue.popped, count = is_in(ONE_PAGE, kind) ? 1 : action.count;
        waiting = &queue.waiting;
        return is_in(TAKING, kind) ? there >= count : there + count <= queue.capacity;
    }
    if (is_in(BARRIERS, kind)) {
        if (kind == READ_BARRIER) return thread.reads == 0;
        if (kind == WRITE_BARRIER) return thread.writes == 0;
        return (kind == WRITE_FLUSH ? thread.unsent : thread.atomics) == 0;
    }
    if (kind != COUNTER_WAIT) return true;
    Counter& counter = job.counters[action.channel < job.counter_count ? action.channel : 0];
    waiting = &counter.waiting;
    if (action.flags & CHANGES) return counter.changes >= action.value;
    return action.flags & AT_LEAST ? counter.value >= action.value : counter.value == action.value;
}

// What others see of an action, at its end; false: it is not over yet.
bool Solver::take_part(uint32_t index, const Action& action, double time) {
    const uint8_t kind = action.kind;
    if (is_in(TAKEN | GIVEN, kind)) {
        Queue& queue = job.queues[action.channel < job.queue_count ? action.channel : 0];
        (is_in(TAKEN, kind) ? queue.popped : queue.pushed) += is_in(ONE_PAGE, kind) ? 1 : action.count;
        wake(&queue.waiting, time);
    } else if (kind == READ || kind == WRITE || kind == ATOMIC) {
        if (!transfer(index, action, time)) return false;
        Thread& thread = job.threads[index];
        thread.sums[kind].waited += time - thread.since;
    } else if (kind == MULTICAST) {
        multicast(index, action, time, false);
        return false;
    } else if (kind == COUNTER_SET) {
        take_effect(action.channel, action.value, action.flags & ADD, time);
    }
    return true;
}

// Gives a thread its next actions. While the launch goes on this waits for them, so that what is solved never depends on
// who is faster.
bool Solver::more(uint32_t index) {
    if (job.lists == nullptr) return job.more(index);
    const List& list = job.lists[job.listed[index]];
    for (uint32_t looks = 0;; looks++) {
        const uint32_t progress = acquire(job.progress);  // before what it says is looked at
        const uint64_t there = acquire(list.published);
        if (there > list.reading * RUN + job.threads[index].end) {
            if (looks > LOOKS) release(job.waits, 0u);
            return take_more(index, there);
        }
        if (progress != GOES_ON) return false;
        if (looks < LOOKS) {
            pause();
        } else {
            release(job.waits, 1u);
            job.sleep(NAP);
        }
    }
}

// `there`: how many there are of all of its actions.
bool Solver::take_more(uint32_t index, uint64_t there) {
    Thread& thread = job.threads[index];
    List& list = job.lists[job.listed[index]];
    const Lock lock(list, job.sleep);
    if (thread.end == RUN) {
        list.reading++;
        thread.position = 0;
    }
    const uint64_t begin = list.reading * RUN;
    thread.end = there - begin < RUN ? there - begin : RUN;
    thread.actions = list.reading < list.run_count ? list.runs[list.reading] : list.actions;
    return thread.actions != nullptr || job.more(index);
}

// Carries out a thread's next action, and moves `time` to its end. What is private a thread does ahead of all others,
// in one go; false: it has to wait for something, or until `time` has come for all.
inline __attribute__((always_inline)) bool Solver::step_once(uint32_t index, double& time) {
    Thread& thread = job.threads[index];
    if (thread.position >= thread.end && (thread.done || thread.whole || !more(index))) {
        if (!thread.done) thread.finish = time;
        thread.done = 1;
        return false;
    }
    const Action& action = action_of(thread);
    if (thread.state == SENDING) {  // the network took it
        thread.sums[action.kind].waited += time - thread.since;
        next(index, time);
        return true;
    }
    const bool ahead = time > job.time, alone = is_in(PRIVATE, action.kind);
    if (thread.state == READY) {
        uint32_t* waiting = nullptr;
        const bool holds = !(ahead && action.kind == COUNTER_WAIT) && may_begin(thread, action, waiting);
        if (!holds && ahead) return agenda.add(time, THREAD, index), false;
        if (!holds) return park(index, waiting), false;
        Sum& sum = thread.sums[action.kind];
        sum.waited += time - thread.since;  // its own cycles begin
        sum.busy += action.cycles;
        time += action.cycles;
        thread.since = time;
        if (alone) return next(index, time), true;
        thread.state = ISSUED;
        if (time > job.time) return agenda.add(time, THREAD, index), false;
    }
    if (!take_part(index, action, time)) return false;
    next(index, time);
    return true;
}

// A thread goes on until it waits for something or for its own cycles.
void Solver::step(uint32_t index, double time) {
    while (step_once(index, time)) {
    }
}

// What happens next asks for it.
void Solver::foresee(const Calendar::Entry& next) const {
    const uint32_t what = next.what & ((1u << WHAT_BITS) - 1);
    if (what == THREAD) {
        const char* thread = reinterpret_cast<const char*>(&job.threads[next.index]);
        __builtin_prefetch(thread);
        __builtin_prefetch(thread + 64);
    } else if (what == ARRIVED || what == SERVED || what == HEAD) {
        __builtin_prefetch(&network.packets.items[next.index & ~ANSWERED]);
    }
}

void Solver::run() {
    for (uint32_t i = 0; i < job.thread_count; i++) agenda.add(0, THREAD, i);
    while (!agenda.is_empty() && job.events < job.event_limit && acquire(job.progress) != GIVEN_UP) {
        network.move_heads();
        if (agenda.calendar.is_empty()) continue;
        job.events++;
        const Event event = agenda.calendar.take();
        if (!agenda.calendar.is_empty()) foresee(agenda.calendar.next());
        job.time = event.time;
        if (event.what == THREAD) {
            step(event.index, event.time);
            continue;
        }
        switch (event.what & ((1u << WHAT_BITS) - 1)) {
            case HEAD: network.head(event.index, event.what >> WHAT_BITS, event.time); break;
            case RELEASE: network.release(event.index, event.time); break;
            case ARRIVED: arrived(event.index, event.time); break;
            case SERVED: served(event.index, event.time); break;
            case MULTICAST_ARRIVED: cast_arrived(event.index, event.time); break;
            case PATH_FREE: path_free(event.index, event.time); break;
            default: break;
        }
    }
    network.hand_over();
    keep_spans();
    sites.hand_over(job);
}

}  // namespace timing

extern "C" uint64_t tthal_time_size(uint32_t which) {
    using namespace timing;
    const uint64_t sizes[] = {sizeof(Job),     sizeof(Chip), sizeof(Action), sizeof(Thread), sizeof(Queue),
                              sizeof(Counter), sizeof(Bank), sizeof(Site),   sizeof(Span),   sizeof(List)};
    return sizes[which];
}

// Tells a solver in another thread how far the launch is that it solves.
extern "C" void tthal_time_progress(timing::Job* job, uint32_t progress) { timing::release(job->progress, progress); }

// Carries out all actions; `time` is when the last of it was over. False: out of memory, or events, or nothing can go on.
extern "C" bool tthal_time_solve(timing::Job* job) {
    timing::Solver solver(*job);
    solver.run();
    timing::release(job->waits, 1u);
    bool complete = true;
    for (uint32_t i = 0; i < job->thread_count; i++) {
        timing::Thread& thread = job->threads[i];
        if (thread.done) continue;
        complete = false;
        if (thread.position < thread.end && thread.since < job->time)
            thread.sums[solver.action_of(thread).kind].waited += job->time - thread.since;
    }
    return complete;
}
