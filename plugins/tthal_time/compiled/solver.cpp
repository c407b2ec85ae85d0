// Carries the actions out; see solver.h.
#include "simulation.h"

namespace timing {

// The current action is over, or one of its repetitions.
void Solver::next(uint32_t index, double time) {
    Thread& thread = job.threads[index];
    const Action& action = action_of(thread);
    thread.sums[action.kind].count++;
    if (action.kind == WORK || action.kind == HAND_ON || action.kind == TAKE_UP) thread.tiles += action.bytes || action.value;
    else if (action.kind == QUEUE_PUSH) thread.pushed += action.count;
    else if (action.kind == QUEUE_POP) thread.popped += action.count;
    sites.add(index, action.site, time - thread.asked, action.cycles);
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
    if (!(index & ANSWERED)) return network.head(index, time);
    const uint32_t cast = index & ~ANSWERED, thread = casts[cast].thread;
    event_done(cast);
    completed(thread, time, &Thread::writes);
}

// A thread goes on until it waits for something or for its own cycles.
void Solver::step(uint32_t index, double time) {
    while (step_once(index, time)) {
    }
}

// Whether an action may begin, and if not, who is told when that may have changed.
bool Solver::may_begin(const Thread& thread, const Action& action, uint32_t*& waiting) {
    Queue& queue = job.queues[action.channel < job.queue_count ? action.channel : 0];
    Counter& counter = job.counters[action.channel < job.counter_count ? action.channel : 0];
    switch (action.kind) {
        case READ_BARRIER: return thread.reads == 0;
        case WRITE_BARRIER: return thread.writes == 0;
        case WRITE_FLUSH: return thread.unsent == 0;
        case ATOMIC_BARRIER: return thread.atomics == 0;
        case QUEUE_WAIT: waiting = &queue.waiting; return queue.pushed - queue.popped >= action.count;
        case TAKE_UP: waiting = &queue.waiting; return queue.pushed != queue.popped;
        case QUEUE_RESERVE: waiting = &queue.waiting; return queue.pushed - queue.popped + action.count <= queue.capacity;
        case HAND_ON: waiting = &queue.waiting; return queue.pushed - queue.popped < queue.capacity;
        case COUNTER_WAIT:
            waiting = &counter.waiting;
            if (action.flags & CHANGES) return counter.changes >= action.value;
            return action.flags & AT_LEAST ? counter.value >= action.value : counter.value == action.value;
        default: return true;
    }
}

// What others see of an action, at its end; false: it is not over yet.
bool Solver::take_part(uint32_t index, const Action& action, double time) {
    Thread& thread = job.threads[index];
    Queue& queue = job.queues[action.channel < job.queue_count ? action.channel : 0];
    switch (action.kind) {
        case READ:
        case WRITE:
        case ATOMIC:
            if (!transfer(index, action, time)) return false;
            thread.sums[action.kind].waited += time - thread.since;
            break;
        case MULTICAST: multicast(index, action, time, false); return false;
        case QUEUE_POP:
        case TAKE_UP:
            queue.popped += action.kind == TAKE_UP ? 1 : action.count;
            wake(&queue.waiting, time);
            break;
        case QUEUE_PUSH:
        case HAND_ON:
            queue.pushed += action.kind == HAND_ON ? 1 : action.count;
            wake(&queue.waiting, time);
            break;
        case COUNTER_SET: take_effect(action.channel, action.value, action.flags & ADD, time); break;
        default: break;
    }
    return true;
}

// Nobody else sees anything of such an action, and once it may begin, nothing that others do changes that: pages stay
// until their only reader takes them, and transfers that are over stay over.
bool is_private(uint8_t kind) {
    return kind == WORK || kind == CODE || (kind >= READ_BARRIER && kind <= ATOMIC_BARRIER) || kind == QUEUE_WAIT ||
           kind == QUEUE_RESERVE || kind == COUNTER_WAIT || kind == ZONE;
}

// Carries out a thread's next action, and moves `time` to its end. What is private a thread does ahead of all others,
// in one go; false: it has to wait for something, or until `time` has come for all.
bool Solver::step_once(uint32_t index, double& time) {
    Thread& thread = job.threads[index];
    if (thread.position >= thread.end && (thread.done || thread.whole || !job.more(index))) {
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
    const bool ahead = time > job.time, alone = is_private(action.kind);
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

void Solver::run() {
    for (uint32_t i = 0; i < job.thread_count; i++) agenda.add(0, THREAD, i);
    while (!agenda.is_empty() && job.events < job.event_limit) {
        const Agenda::Entry event = agenda.take();
        job.time = event.time;
        job.events++;
        switch (event.what) {
            case THREAD: step(event.index, event.time); break;
            case HEAD: network.head(event.index, event.time); break;
            case RELEASE: network.release(event.index, event.time); break;
            case ARRIVED: arrived(event.index, event.time); break;
            case SERVED: served(event.index, event.time); break;
            case MULTICAST_ARRIVED: cast_arrived(event.index, event.time); break;
            case PATH_FREE: path_free(event.index, event.time); break;
            default: break;
        }
    }
    keep_spans();
    sites.hand_over(job);
}

}  // namespace timing

extern "C" uint64_t tthal_time_size(uint32_t which) {
    using namespace timing;
    const uint64_t sizes[] = {sizeof(Job),   sizeof(Chip),    sizeof(Action), sizeof(Thread),
                              sizeof(Queue), sizeof(Counter), sizeof(Bank),   sizeof(Site),   sizeof(Span)};
    return sizes[which];
}

// Carries out all actions; `time` is when the last of it was over. False: out of memory, or events, or nothing can go on.
extern "C" bool tthal_time_solve(timing::Job* job) {
    timing::Solver solver(*job);
    solver.run();
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
