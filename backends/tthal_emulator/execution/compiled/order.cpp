// Other orders of events than the default one: where a launch may leave it, and whether it does. A decision is about
// who runs next, whether the one that runs gives way, or which of its transfers arrive early; what is not decided
// otherwise goes on as in the default order. So the decisions that were taken repeat an order, and fewer of them are a
// smaller one.
#include "compiled.h"

namespace tthal {
namespace {

constexpr uint32_t READ_LATE_IN = 2;

uint64_t draw(tthal_order& order) {  // xorshift64*
    uint64_t state = order.random;
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    order.random = state;
    return state * 0x2545F4914F6CDD1Dull;
}

bool one_in(tthal_order& order, uint32_t many) { return draw(order) < ~0ull / many; }

void keep(tthal_order& order, Decision kind, uint32_t value, uint32_t kernel) {
    if (order.made_count < order.made_capacity)
        order.made[order.made_count] = {order.step, static_cast<uint16_t>(kind), static_cast<uint16_t>(value), kernel};
    order.made_count++;
}

uint32_t scripted(tthal_order& order, Decision kind) {
    while (order.script_next < order.script_count && order.script[order.script_next].step < order.step)
        order.script_next++;
    if (order.script_next == order.script_count) return 0;
    const tthal_decision& next = order.script[order.script_next];
    return next.step == order.step && next.kind == static_cast<uint16_t>(kind) ? next.value : 0;
}

uint32_t early_arrival(tthal_order& order) {
    return one_in(order, order.arrives_in) ? 1 + static_cast<uint32_t>(draw(order) >> 48) % 0xFFFF : 0;
}

uint32_t ready_at(const tthal_launch& launch, uint32_t place) {
    return launch.ready[(launch.ready_first + place) % launch.kernel_count];
}

uint32_t priority(const tthal_launch& launch, uint32_t kernel) { return launch.order.priority[kernel]; }

// Probabilistic concurrency testing: whoever has the highest priority runs, and at a few steps the running one falls
// below all others (Burckhardt, Kothari, Musuvathi, Nagarakatte: A Randomized Scheduler with Probabilistic Guarantees
// of Finding Bugs, ASPLOS 2010).
uint32_t highest(const tthal_launch& launch) {
    uint32_t best = 0;
    for (uint32_t i = 1; i < launch.ready_count; i++)
        if (priority(launch, ready_at(launch, i)) > priority(launch, ready_at(launch, best))) best = i;
    return best;
}

bool falls(tthal_order& order) {
    while (order.fall_next < order.fall_count && order.falls[order.fall_next] < order.step) order.fall_next++;
    return order.fall_next < order.fall_count && order.falls[order.fall_next] == order.step;
}

// Whether any of those that wait could go on and is worth it: on its own core, or where something has changed.
template <class Worth>
bool any_woken(const tthal_launch& launch, const tthal_kernel& kernel, Worth worth) {
    const auto on_core = [&](uint32_t core) {
        for (uint32_t i = launch.waiting[core]; i != NONE; i = launch.kernels[i].next)
            if (worth(i) && may_go_on(launch, launch.kernels[i])) return true;
        return false;
    };
    for (uint32_t i = 0; i < launch.dirty_count; i++)
        if (on_core(launch.dirty[i])) return true;
    return on_core(kernel.core);
}

bool outranked(tthal_launch& launch, uint32_t kernel) {
    tthal_order& order = launch.order;
    if (falls(order)) order.priority[kernel] = order.fall_count - order.fall_next;
    const auto above = [&](uint32_t other) { return priority(launch, other) > priority(launch, kernel); };
    for (uint32_t i = 0; i < launch.ready_count; i++)
        if (above(ready_at(launch, i))) return true;
    for (uint32_t i = 0; i < launch.polling_count; i++)
        if (above(launch.polling[i])) return true;
    return any_woken(launch, launch.kernels[kernel], above);
}

bool others_may_run(const tthal_launch& launch, const tthal_kernel& kernel) {
    return launch.ready_count != 0 || launch.polling_count != 0 ||
           any_woken(launch, kernel, [](uint32_t) { return true; });
}

uint32_t chosen(tthal_launch& launch, Decision kind, uint32_t kernel) {
    tthal_order& order = launch.order;
    const Strategy strategy = static_cast<Strategy>(order.strategy);
    if (strategy == Strategy::SCRIPT) return scripted(order, kind);
    if (kind == Decision::ARRIVE) return early_arrival(order);
    if (kind == Decision::READ_LATE) return one_in(order, READ_LATE_IN);
    if (strategy == Strategy::PCT) return kind == Decision::PICK ? highest(launch) : outranked(launch, kernel);
    if (kind == Decision::PICK) return static_cast<uint32_t>(draw(order) % launch.ready_count);
    return one_in(order, order.gives_way_in);
}

void note(tthal_order& order, uint64_t what) {  // FNV-1a, a word at a time
    order.digest = (order.digest ^ what) * 0x100000001B3ull;
}

}  // namespace

uint32_t decide(tthal_launch& launch, Decision kind, uint32_t kernel, uint32_t choices) {
    tthal_order& order = launch.order;
    const uint32_t most = choices < 63 ? choices : 63;
    if (order.step < order.asked_capacity)
        order.asked[order.step] = static_cast<uint8_t>(static_cast<uint32_t>(kind) | most << 2);
    const uint32_t value = chosen(launch, kind, kernel);
    if (value != 0) keep(order, kind, value, kernel);
    order.step++;
    return value;
}

void begin_order(tthal_launch& launch, const uint32_t* kernels, uint32_t count) {
    tthal_order& order = launch.order;
    if (order.most_kernels < count) order.most_kernels = count;
    if (static_cast<Strategy>(order.strategy) != Strategy::PCT) return;
    for (uint32_t i = 0; i < count; i++) {  // all different, above those who fall
        const uint32_t other = static_cast<uint32_t>(draw(order) % (i + 1));
        order.priority[kernels[i]] = order.fall_count + 1 + other;
        for (uint32_t j = 0; j < i; j++)
            if (order.priority[kernels[j]] >= order.priority[kernels[i]]) order.priority[kernels[j]]++;
    }
}

// A kernel is about to do what others can see. It goes on, or it gives way; and some of its transfers may arrive.
void switch_point(tthal_launch& launch, tthal_kernel& kernel, uint32_t event, uint32_t place) {
    const uint32_t index = static_cast<uint32_t>(&kernel - launch.kernels);
    note(launch.order, static_cast<uint64_t>(index) << 40 | static_cast<uint64_t>(event) << 32 | place);
    kernel.gives_way = decide(launch, Decision::SWITCH, index, others_may_run(launch, kernel) ? 2 : 1) != 0;
    kernel.arrival = is_unsettled(kernel) ? decide(launch, Decision::ARRIVE, index, ARRIVALS) : 0;
    if (kernel.arrival != 0) note(launch.order, ~static_cast<uint64_t>(index));
}

}  // namespace tthal

using namespace tthal;

// A kernel has called a flush after which the network may still read from the sources of what it lets go.
extern "C" bool tthal_reads_late(tthal_launch* launch, uint32_t kernel) {
    return launch->order.reads_late && is_exploring(*launch) && decide(*launch, Decision::READ_LATE, kernel, 2) != 0;
}
