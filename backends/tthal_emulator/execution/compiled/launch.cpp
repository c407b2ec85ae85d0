// Turns of processors: who runs next, who waits for what, and who is woken. What is rare or needs words, such as errors,
// ends, polling and deadlock, goes back to scheduler.py.
#include "compiled.h"

namespace tthal {
namespace {

uint32_t load(const uint8_t* from) {
    uint32_t value;
    __builtin_memcpy(&value, from, sizeof value);
    return value;
}

uint32_t mail_under_way(const tthal_kernel& kernel, uint32_t sender, uint32_t receiver) {
    const Mailboxes& boxes = reinterpret_cast<const CoreRegisters*>(kernel.registers)->mailboxes;
    return boxes.written[sender][receiver] - boxes.taken[sender][receiver];
}

bool has_mailbox_room(const tthal_kernel& kernel, uint32_t sender) {
    uint32_t words = 0;
    for (uint32_t receiver = 0; receiver < MAILBOX_THREADS; receiver++)
        words += mail_under_way(kernel, sender, receiver);
    return words < MAILBOX_DEPTH;
}

// The kernel's own questions, see tthal/dataflow/circular_buffers.h: compute processors count for themselves.
bool has_pages(const tthal_launch& launch, const tthal_kernel& kernel) {
    const CircularBufferCounters& counters =
        reinterpret_cast<const CoreRegisters*>(kernel.registers)->circular_buffers[kernel.wait_a];
    const LocalCBInterface& own = block_of(kernel).circular_buffers[kernel.wait_a];
    const bool counts = static_cast<uint32_t>(&kernel - launch.kernels) % SLOTS == COMPUTE_SLOT;
    if (static_cast<Wait>(kernel.wait_kind) == Wait::CB_PAGES)
        return ((counters.received - (counts ? own.tiles_acked : counters.acked)) & COUNTER_MASK) >= kernel.wait_b;
    const uint32_t filled = (counts ? own.tiles_received : counters.received) - counters.acked;
    return ((kernel.pages[kernel.wait_a] - filled) & COUNTER_MASK) >= kernel.wait_b;
}

}  // namespace

bool may_go_on(const tthal_launch& launch, const tthal_kernel& kernel) {
    const Wait kind = static_cast<Wait>(kernel.wait_kind);
    if (kind == Wait::CB_PAGES || kind == Wait::CB_SPACE) return has_pages(launch, kernel);
    if (kind == Wait::MAILBOX_WORD) return mail_under_way(kernel, kernel.wait_a, kernel.wait_b) != 0;
    if (kind == Wait::MAILBOX_ROOM) return has_mailbox_room(kernel, kernel.wait_a);
    if (kind == Wait::SEMAPHORE_EQUAL) return load(kernel.l1 + kernel.wait_a) == kernel.wait_b;
    if (kind == Wait::SEMAPHORE_AT_LEAST) return load(kernel.l1 + kernel.wait_a) >= kernel.wait_b;
    return true;
}

namespace {

bool is_known_wait(const tthal_kernel& kernel, uint32_t kind, uint32_t a, uint32_t b) {
    switch (static_cast<Wait>(kind)) {
        case Wait::CB_PAGES:
        case Wait::CB_SPACE: return a < MAX_CIRCULAR_BUFFERS;
        case Wait::SEMAPHORE_EQUAL:
        case Wait::SEMAPHORE_AT_LEAST: return a < kernel.l1_size && kernel.l1_size - a >= 4;
        case Wait::MAILBOX_WORD: return a < MAILBOX_THREADS && b < MAILBOX_THREADS;
        case Wait::MAILBOX_ROOM: return a < MAILBOX_THREADS;
        case Wait::YIELD:
        case Wait::PRODUCTS:
        case Wait::SWITCH: return true;
    }
    return false;
}

void make_next(tthal_launch& launch, uint32_t index) {
    launch.ready_first = (launch.ready_first + launch.kernel_count - 1) % launch.kernel_count;
    launch.ready[launch.ready_first] = index;
    launch.ready_count++;
}

// One who is woken by its own core runs next, while that core's memory is in the caches. Others get their turn when one of
// them waits for another core, or has spent its fuel. Before that all have had a first turn, as processors start together.
bool stays_on_core(const tthal_launch& launch, uint32_t core) {
    return launch.first_turns == 0 && core == launch.kernels[launch.current].core;
}

void wake(tthal_launch& launch, uint32_t core) {
    uint32_t* link = &launch.waiting[core];
    while (*link != NONE) {
        const uint32_t index = *link;
        tthal_kernel& kernel = launch.kernels[index];
        if (may_go_on(launch, kernel)) {
            *link = kernel.next;
            if (launch.observed) announce(launch, kernel, MonitorEvent::WAKE, kernel.wait_kind);
            if (stays_on_core(launch, core)) make_next(launch, index);
            else tthal_make_ready(&launch, index);
        } else {
            link = &kernel.next;
        }
    }
}

void wake_dirty(tthal_launch& launch) {
    for (uint32_t i = 0; i < launch.dirty_count; i++) {
        launch.is_dirty[launch.dirty[i]] = false;
        wake(launch, launch.dirty[i]);
    }
    launch.dirty_count = 0;
}

// Those who wait on a core are woken in the order in which they began to.
void append_waiting(tthal_launch& launch, uint32_t index) {
    tthal_kernel& kernel = launch.kernels[index];
    uint32_t* link = &launch.waiting[kernel.core];
    while (*link != NONE) link = &launch.kernels[*link].next;
    kernel.next = NONE;
    *link = index;
}

uint32_t next_ready(tthal_launch& launch) {
    const uint32_t size = launch.kernel_count;
    uint32_t& first = launch.ready[launch.ready_first];
    if (launch.ready_count > 1 && is_exploring(launch)) {
        const uint32_t chosen = decide(launch, Decision::PICK, first, launch.ready_count) % launch.ready_count;
        uint32_t& other = launch.ready[(launch.ready_first + chosen) % size];
        const uint32_t swapped = first;
        first = other;
        other = swapped;
    }
    launch.ready_first = (launch.ready_first + 1) % size;
    launch.ready_count--;
    return first;
}

bool is_switch(const tthal_kernel& kernel) { return kernel.wait_kind == static_cast<uint32_t>(Wait::SWITCH); }

void note_sending(tthal_launch& launch, tthal_kernel& kernel, uint32_t index) {
    if (kernel.sending) return;
    kernel.sending = true;
    launch.sending[launch.sending_count++] = index;
}

// Those who poll see what there is now, not only what there is when nobody else can go on.
void look_again(tthal_launch& launch) {
    for (uint32_t i = 0; i < launch.polling_count; i++) tthal_make_ready(&launch, launch.polling[i]);
    launch.polling_count = 0;
}

void put_aside(tthal_launch& launch, uint32_t index) {
    const tthal_kernel& kernel = launch.kernels[index];
    const Wait kind = static_cast<Wait>(kernel.wait_kind);
    if (is_switch(kernel)) {
        if (!kernel.gives_way) return make_next(launch, index);
        tthal_make_ready(&launch, index);
        look_again(launch);
    } else if (kind == Wait::PRODUCTS) {
        tthal_make_ready(&launch, index);  // after all others: until its turn comes there is time for the products
    } else if (kind == Wait::YIELD) {
        launch.polling[launch.polling_count++] = index;
    } else {
        append_waiting(launch, index);
        launch.progress++;
    }
}

// What happened in a turn, in order: what the kernel announced, then how the turn ended.
void announce_turn(tthal_launch& launch, const tthal_kernel& kernel, bool ended) {
    collect_records(launch, kernel);
    if (ended) announce(launch, kernel, MonitorEvent::ENDED, 0);
    else if (kernel.wait_kind == NONE || is_switch(kernel)) announce(launch, kernel, MonitorEvent::TURN, 0);
    else announce(launch, kernel, MonitorEvent::WAIT, kernel.wait_kind, kernel.wait_a, kernel.wait_b);
    tthal_tell(&launch);
}

// Before every turn: a kernel before can have written anything there.
void prepare_monitor(const tthal_launch& launch, const tthal_kernel& kernel) {
    Monitor& monitor = monitor_of(kernel);
    monitor.record_count = 0;
    monitor.observed = launch.observes;
    monitor.record_room = launch.observes == OBSERVED_RECORDS ? RECORD_CAPACITY : 0;
    monitor.heard = launch.heard;
    monitor.announced = launch.observes & OBSERVED_SWITCHES ? ~0ull : launch.heard;
}

bool is_resumed(void* processor) { return !static_cast<tthal_processor*>(processor)->parked; }

}  // namespace
}  // namespace tthal

using namespace tthal;

extern "C" size_t tthal_layout(void) {
    return sizeof(tthal_processor) + (sizeof(tthal_node) << 16) + (sizeof(tthal_kernel) << 32) +
           (sizeof(tthal_launch) << 48);
}

extern "C" void tthal_mark_dirty(tthal_launch* launch, uint32_t core) {
    if (core >= launch->core_count || launch->is_dirty[core]) return;
    launch->is_dirty[core] = true;
    launch->dirty[launch->dirty_count++] = core;
}

extern "C" void tthal_make_ready(tthal_launch* launch, uint32_t index) {
    launch->ready[(launch->ready_first + launch->ready_count++) % launch->kernel_count] = index;
}

// All `kernels` are ready, in this order; nobody waits for anything.
extern "C" void tthal_begin(tthal_launch* launch, const uint32_t* kernels, uint32_t count) {
    launch->ready_first = launch->ready_count = launch->polling_count = launch->sending_count = 0;
    launch->dirty_count = 0;
    launch->progress = 0;
    launch->record_count = launch->serial = 0;
    launch->stop = false;
    launch->moved = 0;
    launch->current = kernels[0];
    launch->live = launch->first_turns = count;
    for (uint32_t core = 0; core < launch->core_count; core++) {
        launch->waiting[core] = NONE;
        launch->is_dirty[core] = false;
    }
    begin_order(*launch, kernels, count);
    const bool executed = launch->is_heard[static_cast<uint8_t>(MonitorEvent::EXECUTED)];
    launch->observes = (launch->observed ? OBSERVED_RECORDS | (executed ? OBSERVED_EXECUTED : 0) : 0) |
                       (is_exploring(*launch) ? OBSERVED_SWITCHES : 0) |
                       (is_exploring(*launch) && launch->order.at_accesses ? OBSERVED_ACCESSES : 0);
    launch->heard = 0;
    for (uint32_t event = 0; event < 64; event++)
        launch->heard |= static_cast<uint64_t>(launch->is_heard[event]) << event;
    for (uint32_t i = 0; i < count; i++) {
        tthal_kernel& kernel = launch->kernels[kernels[i]];
        kernel.wait_kind = NONE;
        kernel.held = kernel.sending = kernel.gives_way = false;
        kernel.arrival = 0;
        forget_products(*launch, kernel);
        tthal_make_ready(launch, kernels[i]);
    }
}

extern "C" tthal_stop_reason tthal_run(tthal_launch* launch, uint32_t turns) {
    for (; turns != 0; turns--) {
        if (launch->stop) return TTHAL_STOP;
        if (launch->moved >= MOST_MOVED) {
            launch->moved = 0;
            return TTHAL_PAUSE;
        }
        wake_dirty(*launch);
        if (launch->ready_count == 0) return TTHAL_IDLE;
        const uint32_t index = launch->current = next_ready(*launch);
        tthal_kernel& kernel = launch->kernels[index];
        tthal_processor& processor = *kernel.processor;
        if (kernel.wait_kind == static_cast<uint32_t>(Wait::PRODUCTS)) finish_products(*launch, kernel);
        if (launch->first_turns != 0) launch->first_turns--;  // nobody is ready a second time before all were once
        kernel.wait_kind = NONE;
        processor.parked = processor.called = false;
        prepare_monitor(*launch, kernel);
        const bool ended = launch->poll(processor.future);
        if (launch->observed) announce_turn(*launch, kernel, ended);
        tthal_mark_dirty(launch, kernel.core);
        const bool unsettled = is_unsettled(kernel);
        if (ended) {
            processor.ended = true;
            launch->live--;
            launch->progress++;
            if (unsettled || *processor.trap != nullptr || *processor.error != nullptr) return TTHAL_ENDED;
            continue;
        }
        if (unsettled) note_sending(*launch, kernel, index);
        if (kernel.wait_kind == NONE) return TTHAL_SPENT;
        put_aside(*launch, index);
        if (unsettled && !is_switch(kernel) && is_exploring(*launch))
            kernel.arrival = decide(*launch, Decision::ARRIVE, index, ARRIVALS);
        if (kernel.arrival != 0) return TTHAL_ARRIVAL;
    }
    return TTHAL_PAUSE;
}

// The host function `wait`: parks its caller.
extern "C" void tthal_wait(void* env, void* caller, const void* arguments, size_t count, void* results,
                           size_t result_count, void** trap, void* continuation) {
    tthal_launch& launch = *static_cast<tthal_launch*>(env);
    const TypedValue* values = static_cast<const TypedValue*>(arguments);
    tthal_processor& processor = caller_of(launch, caller);
    tthal_kernel* kernel = processor.kernel;
    if (kernel == nullptr || !is_known_wait(*kernel, values[0].u32, values[1].u32, values[2].u32))
        return launch.wait_on_host(env, caller, arguments, count, results, result_count, trap, continuation);
    if (values[0].u32 == static_cast<uint32_t>(Wait::SWITCH)) {
        switch_point(launch, *kernel, values[1].u32, values[2].u32);
        processor.parked = kernel->gives_way || kernel->arrival != 0;
        if (!processor.parked) {
            *static_cast<Continuation*>(continuation) = {is_resumed, &processor, nullptr};
            return;
        }
    }
    kernel->wait_kind = values[0].u32;
    kernel->wait_a = values[1].u32;
    kernel->wait_b = values[2].u32;
    // A switch is none of the kernel's calls: one that spins is to be seen to spin.
    if (values[0].u32 != static_cast<uint32_t>(Wait::SWITCH)) processor.called = true;
    processor.parked = true;
    processor.trap_return = trap;
    *static_cast<Continuation*>(continuation) = {is_resumed, &processor, nullptr};
}

#ifdef _WIN32
extern "C" int DllMainCRTStartup(void*, unsigned long, void*) { return 1; }
#endif
