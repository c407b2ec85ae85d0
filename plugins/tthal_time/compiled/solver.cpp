// Carries the actions out; see solver.h.
#include "network.h"
#include "sites.h"

namespace timing {
namespace {

double later(double a, double b) { return a > b ? a : b; }

// Of the hops from one place of a ring to another, those that end between `first` and `last`.
uint32_t within(uint32_t noc, uint32_t from, uint32_t first, uint32_t last, uint32_t size) {
    const uint32_t hops = noc == 0 ? (last + size - from) % size : (from + size - last) % size;
    const uint32_t span = noc == 0 ? (last + size - first) % size : (first + size - last) % size;
    return hops < span + 1 ? hops : span + 1;
}

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
    void each_node(const Action& action, Do what);
};

enum State : uint32_t { READY, ISSUED, SENDING, WAITING };

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
    wake(&changed.waiting, time);
}

// Puts a transfer that was issued on its way; true: the network took it at once, else the thread waits until it does.
bool Solver::transfer(uint32_t index, const Action& action, double time) {
    Thread& thread = job.threads[index];
    const uint32_t place = network.make();
    if (place == NONE) return false;
    Packet& packet = network.packets[place];
    packet.noc = action.noc;
    packet.flags = action.flags;
    packet.wraps = 0;
    packet.taken = packet.released = 0;
    packet.from = packet.at = thread.node;
    packet.to = action.node;
    packet.owner = index;
    packet.bytes = action.bytes;
    packet.channel = action.channel;
    packet.effect = action.effect;
    packet.value = action.value;
    packet.site = action.site;
    packet.sent = time;
    thread.moved += action.bytes;
    if (action.channel < job.channel_count) thread.moved_dram += action.bytes;
    if (action.kind == READ) {
        packet.load = Load::READ_REQUEST;
        packet.flits = packet.absorb = 1;
        thread.reads++;
    } else {
        packet.load = action.kind == WRITE ? Load::WRITE : Load::ATOMIC;
        packet.flits = network.flits(action.bytes);
        packet.absorb = later(packet.flits, action.bytes / chip.write_rate);
        if (!(action.flags & POSTED)) (action.kind == WRITE ? thread.writes : thread.atomics)++;
        thread.unsent++;
    }
    thread.state = SENDING;
    packet.is_taken = packet.is_late = 0;
    network.head(place, time);
    return network.packets[place].is_taken;
}

void Solver::completed(uint32_t index, double time, uint32_t Thread::* outstanding) {
    Thread& thread = job.threads[index];
    thread.*outstanding -= 1;
    if (thread.state != WAITING || thread.position >= thread.end) return;
    const uint8_t kind = action_of(thread).kind;
    if (kind >= READ_BARRIER && kind <= ATOMIC_BARRIER) {
        thread.state = READY;
        agenda.add(time, THREAD, index);
    }
}

// When a DRAM bank answers; it takes one request after the other, and data flows while it does. A bank that both reads
// and writes keeps turning, which costs it a part of its rate.
double Solver::from_dram(const Packet& packet, double time) {
    const bool is_read = packet.load == Load::READ_REQUEST;
    const bool is_small = !is_read && packet.bytes < chip.dram_small_write;
    double interval = is_read ? chip.dram_read_interval : chip.dram_write_interval;
    if (is_small) interval = chip.dram_small_write_interval;
    Bank& bank = job.channels[packet.channel];
    const double start = later(is_read ? time : time - packet.absorb, bank.free);
    const bool turns = start < bank.until[is_read ? 1 : 0] + chip.dram_turning;
    bank.free = start + later(interval, packet.bytes / (turns ? chip.dram_mixed_rate : chip.dram_rate));
    bank.until[is_read ? 0 : 1] = bank.free;
    bank.busy += bank.free - start;
    bank.bytes[is_read ? 0 : 1] += packet.bytes;
    if (is_read) return later(start, bank.free - packet.bytes / chip.read_rate) + chip.dram_read_latency;
    return later(time, bank.free - interval) + chip.dram_write_latency;
}

// A packet is at its end: it takes effect there, and is answered.
void Solver::arrived(uint32_t index, double time) {
    Packet& packet = network.packets[index];
    if (packet.load == Load::READ_DATA || packet.load == Load::ACKNOWLEDGEMENT) {
        const bool is_data = packet.load == Load::READ_DATA;
        if (is_data && job.keep) keep_transfer(packet, READ, packet.from, time);
        network.forget(index);
        return completed(packet.owner, time,
                         is_data                ? &Thread::reads
                         : (packet.flags & ADD) ? &Thread::atomics
                                                : &Thread::writes);
    }
    const bool is_read = packet.load == Load::READ_REQUEST;
    if (!is_read && job.keep) keep_transfer(packet, packet.load == Load::ATOMIC ? ATOMIC : WRITE, packet.to, time);
    arrive(packet.to, packet.effect, packet.value, packet.flags & ADD, time);
    if (!is_read) job.threads[packet.owner].unsent--;
    if (packet.flags & POSTED) return network.forget(index);
    const double ready =
        packet.channel < job.channel_count ? from_dram(packet, time) : time + (is_read ? chip.response : 0);
    const uint32_t back = packet.from;
    packet.from = packet.at = packet.to;
    packet.to = back;
    packet.wraps = 0;
    packet.taken = packet.released = 0;
    if (packet.load == Load::ATOMIC) packet.flags |= ADD;
    else packet.flags &= static_cast<uint8_t>(~ADD);
    packet.load = is_read ? Load::READ_DATA : Load::ACKNOWLEDGEMENT;
    packet.flits = is_read ? network.flits(packet.bytes) : 1;
    packet.absorb = is_read ? later(packet.flits, packet.bytes / chip.read_rate) : 1;
    agenda.add(ready, SERVED, index);
}

// From the command to the arrival of its data, here or there.
void Solver::keep_transfer(const Packet& packet, uint8_t kind, uint32_t node, double time) {
    keep({packet.owner, kind, packet.noc, packet.flags, 1, packet.site, node, packet.bytes, 1, packet.channel,
          packet.value, packet.sent, packet.sent, time});
}

// Every node of the rectangle between the two corners, in the direction of the NoC.
template <typename Do>
void Solver::each_node(const Action& action, Do what) {
    const uint32_t w = chip.width, h = chip.height;
    const uint32_t first = action.noc == 0 ? action.node : action.last,
                   last = action.noc == 0 ? action.last : action.node;
    for (uint32_t y = first / w;; y = (y + 1) % h) {
        for (uint32_t x = first % w;; x = (x + 1) % w) {
            what(y * w + x);
            if (x == last % w) break;
        }
        if (y == last / w) break;
    }
}

bool Solver::path_is_free(uint32_t thread, const Action& action) {
    bool is_free = true;
    each_node(action, [&](uint32_t node) {
        const uint32_t owner = path_owner[action.noc * network.nodes + node];
        if (owner != NONE && owner != thread) is_free = false;
    });
    return is_free;
}

void Solver::set_path(const Action& action, uint32_t owner) {
    each_node(action, [&](uint32_t node) { path_owner[action.noc * network.nodes + node] = owner; });
}

// How many hops to the rectangle's last router lie within its columns or rows, and how many do not.
void Solver::measure(const Action& action, uint32_t from, uint32_t& inside, uint32_t& outside) {
    const uint32_t w = chip.width, h = chip.height;
    inside = within(action.noc, from % w, action.node % w, action.last % w, w) +
             within(action.noc, from / w, action.node / w, action.last / w, h);
    outside = network.hops(action.noc, from, action.last) - inside;
}

// A multicast reserves its path before its data goes, unless the one before it was linked with it. One that waits for
// another's path comes as near as it can in the meantime.
void Solver::multicast(uint32_t index, const Action& action, double time, bool waited) {
    Thread& thread = job.threads[index];
    if (!thread.linked && !waited && path_waiting.size && !path_is_free(NONE, action)) {
        path_waiting.push(index);
        return;
    }
    if (!thread.linked && !path_is_free(index, action)) {
        path_waiting.push(index);
        return;
    }
    set_path(action, index);
    uint32_t inside, outside;
    measure(action, thread.node, inside, outside);
    const uint32_t hops = inside + outside;
    const bool is_linked = action.flags & LINKED;
    double reservation = thread.linked ? 0 : chip.path_base + chip.path_hop * hops;
    if (waited) reservation -= chip.path_outside * outside;
    const double length = later(network.flits(action.bytes), action.bytes / chip.write_rate);
    double& port = network.port_free(action.noc, thread.node, true);
    double start = later(time, port);
    if (!thread.linked) start = later(start, thread.path_free);
    const double sent = start + reservation + length, there = sent + 2 * chip.niu + hops * chip.hop;
    port = sent + (is_linked ? chip.linked_gap : 0);
    thread.path_free = sent;
    const double back = there + chip.niu + network.hops(action.noc, action.last, thread.node) * chip.hop;
    double& in = network.port_free(action.noc, thread.node, false);
    const double answers = action.count + (action.flags & LOOPBACK ? length : 0);
    in = later(back, in + answers + (is_linked ? chip.linked_gap : 0));
    thread.writes++;
    thread.linked = is_linked;
    thread.moved += static_cast<uint64_t>(action.bytes) * action.count;
    const uint32_t cast = unused_casts.size ? unused_casts[--unused_casts.size] : static_cast<uint32_t>(casts.size);
    if (cast == casts.size) casts.push({});
    casts[cast] = {action, index, is_linked ? 2u : 3u, start};
    thread.cast = cast;
    thread.sums[MULTICAST].waited += start - thread.since;
    agenda.add(there, MULTICAST_ARRIVED, cast);
    agenda.add(in + chip.niu, SERVED, cast | ANSWERED);
    if (!is_linked) agenda.add(sent + chip.path_inside * inside, PATH_FREE, cast);
    next(index, start);
    agenda.add(start, THREAD, index);
}

// Whoever waited longest takes it.
void Solver::path_free(uint32_t cast, double time) {
    const Cast freed = casts[cast];
    event_done(cast);
    if (job.threads[freed.thread].cast != cast) return;
    set_path(freed.action, NONE);
    const size_t count = path_waiting.size;
    path_waiting.size = 0;
    for (size_t i = 0; i < count; i++) {
        const uint32_t index = path_waiting[i];
        multicast(index, action_of(job.threads[index]), time, true);
    }
}

void Solver::event_done(uint32_t cast) {
    if (--casts[cast].events == 0) unused_casts.push(cast);
}

void Solver::cast_arrived(uint32_t cast, double time) {
    const Cast arrived = casts[cast];
    const Action& action = arrived.action;
    const uint32_t source = action.flags & LOOPBACK ? NONE : job.threads[arrived.thread].node;
    event_done(cast);
    if (job.keep)
        keep({arrived.thread, MULTICAST, action.noc, action.flags, 1, action.site, action.node, action.bytes,
              action.count, action.last, action.value, arrived.sent, arrived.sent, time});
    each_node(action, [&](uint32_t node) {
        if (node != source) arrive(node, action.effect, action.value, action.flags & ADD, time);
    });
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

}  // namespace
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
    for (uint32_t i = 0; i < job->thread_count; i++)
        if (!job->threads[i].done) return false;
    return true;
}
