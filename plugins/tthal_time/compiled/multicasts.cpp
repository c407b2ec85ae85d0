// Multicasts: the path that they reserve, who waits for it, and what arrives at every node of their rectangle.
#include "simulation.h"

namespace timing {

namespace {

// Of the hops from one place of a ring to another, those that end between `first` and `last`.
uint32_t within(uint32_t noc, uint32_t from, uint32_t first, uint32_t last, uint32_t size) {
    const uint32_t hops = noc == 0 ? (last + size - from) % size : (from + size - last) % size;
    const uint32_t span = noc == 0 ? (last + size - first) % size : (first + size - last) % size;
    return hops < span + 1 ? hops : span + 1;
}

}  // namespace

// Every node of the rectangle between the two corners, in the direction of the NoC.
template <typename Do>
void Solver::each_node(const Action& action, Do what) const {
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

}  // namespace timing
