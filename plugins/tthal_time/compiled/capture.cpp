// Turns the records of a launch into actions, while the launch goes on. A processor that moves data is one thread; the
// compute processor is three, as on the card: UNPACK, MATH and PACK, which hand SrcA and SrcB and the halves of DST on
// through queues of their own. Layout of the tables: capture.py.
#include "solver.h"

namespace timing {

// A record as the device writes it: tthal/observer.py, RECORD.
struct Record {
    uint8_t event, noc, flags, id;
    uint32_t local;
    uint64_t remote;
    uint32_t size, value, extra, site, kernel, serial;
};
static_assert(sizeof(Record) == 40);

// Numbers of tthal.observer.EventKind.
enum Event : uint8_t {
    QUEUED_READ = 0,
    QUEUED_WRITE,
    QUEUED_MULTICAST,
    QUEUED_INLINE,
    QUEUED_INLINE_MULTICAST,
    QUEUED_ATOMIC,
    QUEUED_ATOMIC_MULTICAST,
    READ_BARRIER_CALL = 16,
    WRITE_BARRIER_CALL,
    WRITE_FLUSH_CALL,
    POSTED_FLUSH_CALL,
    ATOMIC_BARRIER_CALL,
    CB_RESERVED = 32,
    CB_PUSHED,
    CB_WAITED,
    CB_POPPED,
    SEMAPHORE_SET,
    SEMAPHORE_REACHED,
    DST_SECTION,
    TILE_OPERAND,
    TILE_RESULT,
    TILE_OPERATION,
    PAGE_ADDRESS,
    VECTOR_OPERATION = 52,
    TURN = 64,
    ARRIVED_EVENT = 68,
    ENDED = 69,
};
enum DstCall : uint8_t { ACQUIRE, COMMIT, SECTION_WAIT, SECTION_RELEASE };
enum TransferFlag : uint8_t { POSTED_TRANSFER = 1, INCLUDE_SOURCE = 2, LINKED_TRANSFER = 4 };

constexpr uint32_t SLOTS = 5, COMPUTE = 2, BUFFERS = 64, SLOT_LIMIT = 256, OPERATIONS = 64, PENDING = 16;
constexpr uint32_t ADDRESS_BITS = 36, PLACES = 4096, MATMUL = 2;
enum Engine : uint32_t { UNPACK, MATH, PACK };

struct List {
    Action* actions;
    uint64_t size, capacity;
};

// A small write that was not seen to arrive yet, whose value decides how long somebody waits.
struct Small {
    uint64_t action, remote;
    uint32_t list, slot, is_known;
};

struct Processor {
    // Compute: what the current call has read so far.
    uint32_t operation, site, operands, bytes, first_cb, second, calls_open;
    uint32_t acquired, committed, waited;
    uint32_t pending_count, has_address;
    uint64_t remote;  // of the last command
    Small pending[PENDING];
};

// A function of the vector unit, by the hash of its name.
struct VectorFunction {
    uint64_t name;
    double cycles;
};

struct Capture {
    void* (*allocate)(void*, size_t);
    const int32_t* nodes;      // per NoC and place: the node, or -1
    const uint32_t* channels;  // per NoC and place: the DRAM channel, or NONE
    const uint32_t* cores;     // per node: the core, or NONE
    const double* costs;       // see COSTS of capture.py
    const double* math;        // cycles of a call, by operation
    List* lists;               // 5 per core
    Processor* processors;
    uint32_t* addresses;  // of the words that somebody waits for or changes; a word's slot is its place here
    uint32_t* values;     // per slot and core, as the functional run goes
    Small* last;          // per slot and core: the last write of an unknown value
    const VectorFunction* functions;
    uint32_t core_count, slot_count, function_count, padding;
    double unknown_function;
    uint64_t unmeasured;      // calls of functions that were not measured
    uint64_t polls, unknown;  // turns given away; events that have no cost
    uint64_t limit, total;    // of actions, all lists together
};

enum Cost : uint32_t {
    READ_ISSUE,
    WRITE_ISSUE,
    NEW_ADDRESS,
    READ_BARRIER_COST,
    WRITE_BARRIER_COST,
    CB_CALL,
    SEMAPHORE_CALL,
    UNPACK_RATE,
    UNPACK_CALL,
    PACK_RATE,
    PACK_CALL,
    MATH_CALL,
    SEMAPHORE_WAIT_COST,
    NEXT_ADDRESS,
    SECTION_CALL,
    PRODUCT,
    PACKET,
};

namespace {

struct Translator {
    Capture& capture;

    double cost(Cost which) const { return capture.costs[which]; }

    Action* add(uint32_t list_index, uint8_t kind, double cycles, uint32_t site) {
        List& list = capture.lists[list_index];
        if (list.size == list.capacity) {
            const uint64_t wanted = list.capacity ? 2 * list.capacity : 64;
            void* found =
                capture.total < capture.limit ? capture.allocate(list.actions, wanted * sizeof(Action)) : nullptr;
            if (found == nullptr) return nullptr;
            list.actions = static_cast<Action*>(found);
            capture.total += wanted - list.capacity;
            list.capacity = wanted;
        }
        Action& action = list.actions[list.size++];
        __builtin_memset(&action, 0, sizeof action);
        action.kind = kind;
        action.cycles = cycles;
        action.site = site;
        action.repeat = 1;
        action.channel = action.effect = NONE;
        return &action;
    }

    void queue(uint32_t list, uint8_t kind, uint32_t queue_index, uint32_t count, double cycles, uint32_t site) {
        Action* action = add(list, kind, cycles, site);
        if (!action) return;
        action->channel = queue_index;
        action->count = count;
    }

    uint32_t buffer(uint32_t core, uint32_t cb) const { return core * BUFFERS + cb; }
    uint32_t source(uint32_t core) const { return capture.core_count * BUFFERS + core * 2; }
    uint32_t section(uint32_t core) const { return source(core) + 1; }

    uint32_t slot_of(uint32_t address) {
        for (uint32_t i = 0; i < capture.slot_count; i++)
            if (capture.addresses[i] == address) return i;
        if (capture.slot_count == SLOT_LIMIT) return NONE;
        capture.addresses[capture.slot_count] = address;
        return capture.slot_count++;
    }

    double vector_cycles(uint32_t name) {
        for (uint32_t i = 0; i < capture.function_count; i++)
            if (capture.functions[i].name == name) return capture.functions[i].cycles;
        capture.unmeasured++;
        return capture.unknown_function;
    }

    void transfer(const Record& record, uint32_t core);
    void call_done(Processor& processor, uint32_t core);
    void operand(const Record& record, Processor& processor, uint32_t core);
    void result(const Record& record, Processor& processor, uint32_t core);
    void section_call(const Record& record, Processor& processor, uint32_t core);
    void pages(const Record& record, Processor& processor, uint32_t core);
    void semaphore(const Record& record, uint32_t core);
    void arrived(const Record& record, uint32_t core);
    void take(const Record& record);
};

uint32_t place_of(uint64_t remote) { return static_cast<uint32_t>(remote >> ADDRESS_BITS) & (PLACES - 1); }

void Translator::transfer(const Record& record, uint32_t core) {
    static constexpr uint8_t KIND[] = {READ, WRITE, MULTICAST, WRITE, MULTICAST, ATOMIC, MULTICAST};
    const uint8_t kind = KIND[record.event];
    const bool is_inline = record.event == QUEUED_INLINE || record.event == QUEUED_INLINE_MULTICAST;
    const bool is_atomic = record.event == QUEUED_ATOMIC || record.event == QUEUED_ATOMIC_MULTICAST;
    const uint32_t place = record.noc * PLACES + place_of(record.remote);
    const uint32_t size = is_inline || is_atomic ? 4 : record.size;
    const uint32_t most = static_cast<uint32_t>(cost(PACKET));
    const uint32_t whole = size / most, rest = size % most;
    if (capture.nodes[place] < 0) return void(capture.unknown++);
    Processor& issuer = capture.processors[record.kernel];
    if (issuer.remote != record.remote && !issuer.has_address) {
        const bool elsewhere = (issuer.remote ^ record.remote) >> ADDRESS_BITS;
        add(record.kernel, WORK, cost(elsewhere ? NEW_ADDRESS : NEXT_ADDRESS), record.site);
    }
    issuer.remote = record.remote;
    issuer.has_address = 0;
    for (uint32_t part = 0; part < 2; part++) {
        const uint32_t bytes = part ? rest : most, count = part ? (rest || !size ? 1 : 0) : whole;
        if (count == 0) continue;
        Action* action = add(record.kernel, kind, cost(kind == READ ? READ_ISSUE : WRITE_ISSUE), record.site);
        if (!action) return;
        action->noc = record.noc;
        action->repeat = count;
        action->bytes = bytes;
        action->node = static_cast<uint32_t>(capture.nodes[place]);
        action->channel = capture.channels[place];
        if (record.flags & POSTED_TRANSFER) action->flags |= POSTED;
        if (record.flags & LINKED_TRANSFER) action->flags |= LINKED;
        if (record.flags & INCLUDE_SOURCE) action->flags |= LOOPBACK;
        if (kind == MULTICAST) {
            const uint32_t first =
                record.noc * PLACES + (static_cast<uint32_t>(record.remote >> (ADDRESS_BITS + 12)) & (PLACES - 1));
            action->last = action->node;
            if (capture.nodes[first] >= 0) action->node = static_cast<uint32_t>(capture.nodes[first]);
            action->count = is_inline || is_atomic ? record.extra : record.value;
            if (action->count == 0) action->count = 1;
            action->channel = NONE;
        }
        if (size != 4 || kind == READ) continue;
        const uint32_t address = static_cast<uint32_t>(record.remote), slot = slot_of(address);
        action->effect = slot;
        if (slot == NONE) continue;
        if (is_atomic) action->flags |= ADD;
        bool is_known = is_inline || is_atomic;
        action->value = is_known ? record.value : 0;
        for (uint32_t i = 0; !is_known && i < capture.slot_count; i++) {
            if (capture.addresses[i] != record.local) continue;
            action->value = capture.values[i * capture.core_count + core];
            is_known = true;
        }
        Processor& processor = capture.processors[record.kernel];
        if (processor.pending_count < PENDING)
            processor.pending[processor.pending_count++] =
                Small{capture.lists[record.kernel].size - 1, record.remote, record.kernel, slot, is_known};
    }
}

// A small write or an increment took effect: the word's value in the functional run.
void Translator::arrived(const Record& record, uint32_t) {
    Processor& processor = capture.processors[record.kernel];
    for (uint32_t i = 0; i < processor.pending_count; i++) {
        const Small small = processor.pending[i];
        if (small.remote != record.remote) continue;
        const Action& action = capture.lists[small.list].actions[small.action];
        const bool many = action.kind == MULTICAST;
        for (uint32_t core = 0; core < capture.core_count; core++) {
            if (!many && capture.cores[action.node] != core) continue;
            uint32_t& value = capture.values[small.slot * capture.core_count + core];
            value = action.flags & ADD ? value + action.value : action.value;
            if (!small.is_known) capture.last[small.slot * capture.core_count + core] = small;
        }
        for (uint32_t j = i + 1; j < processor.pending_count; j++) processor.pending[j - 1] = processor.pending[j];
        processor.pending_count--;
        return;
    }
}

void Translator::semaphore(const Record& record, uint32_t core) {
    const uint32_t slot = slot_of(record.local);
    if (slot == NONE) return void(capture.unknown++);
    const uint32_t counter = slot * capture.core_count + core;
    const bool is_set = record.event == SEMAPHORE_SET;
    Action* action = add(record.kernel, is_set ? COUNTER_SET : COUNTER_WAIT,
                         cost(is_set ? SEMAPHORE_CALL : SEMAPHORE_WAIT_COST), record.site);
    if (!action) return;
    action->channel = counter;
    action->value = record.value;
    if (!is_set && record.id) action->flags |= AT_LEAST;
    uint32_t& value = capture.values[counter];
    if (is_set) {
        value = record.value;
        capture.last[counter].is_known = 1;
        return;
    }
    const bool holds = record.id ? value >= record.value : value == record.value;
    // A write whose value no record tells: it must have been what the wait ended with.
    if (!holds && !capture.last[counter].is_known) {
        const Small& small = capture.last[counter];
        capture.lists[small.list].actions[small.action].value = record.value;
        value = record.value;
    }
}

// All that a call reads is known: UNPACK hands it to MATH.
void Translator::call_done(Processor& processor, uint32_t core) {
    if (!processor.calls_open) return;
    processor.calls_open = 0;
    const uint32_t list = core * SLOTS + COMPUTE;
    const double read = processor.bytes / cost(UNPACK_RATE) + cost(UNPACK_CALL);
    double cycles = capture.math[processor.operation % OPERATIONS];
    if (processor.operation == MATMUL) {
        const uint32_t rows = processor.operands - processor.second;
        cycles = rows * processor.second * cost(PRODUCT);
    }
    queue(list + UNPACK, QUEUE_RESERVE, source(core), 1, 0, processor.site);
    if (Action* action = add(list + UNPACK, WORK, read, processor.site)) action->bytes = processor.bytes;
    queue(list + UNPACK, QUEUE_PUSH, source(core), 1, 0, processor.site);
    queue(list + MATH, QUEUE_WAIT, source(core), 1, 0, processor.site);
    if (Action* action = add(list + MATH, WORK, cycles + cost(MATH_CALL), processor.site))
        action->value = processor.operation + 1;
    queue(list + MATH, QUEUE_POP, source(core), 1, 0, processor.site);
}

void Translator::operand(const Record& record, Processor& processor, uint32_t core) {
    const bool same = processor.calls_open && processor.operation == record.value && processor.site == record.site;
    const bool again = same && processor.second && record.id == processor.first_cb;
    const bool single = record.value != MATMUL && processor.operands >= 2;
    if (!same || again || single) call_done(processor, core);
    if (!processor.calls_open) {
        processor.calls_open = 1;
        processor.operation = record.value;
        processor.site = record.site;
        processor.operands = processor.bytes = processor.second = 0;
        processor.first_cb = record.id;
    }
    processor.operands++;
    processor.bytes += record.size;
    if (record.id != processor.first_cb) processor.second++;
}

void Translator::section_call(const Record& record, Processor& processor, uint32_t core) {
    const uint32_t list = core * SLOTS + COMPUTE, site = record.site;
    call_done(processor, core);
    if (record.id == ACQUIRE) {
        queue(list + MATH, QUEUE_RESERVE, section(core), 1, cost(SECTION_CALL), site);
        processor.acquired = 1;
        processor.committed = processor.waited = 0;
    } else if (record.id == COMMIT) {
        if (processor.acquired && !processor.committed)
            queue(list + MATH, QUEUE_PUSH, section(core), 1, cost(SECTION_CALL), site);
        processor.committed = 1;
    } else if (record.id == SECTION_WAIT) {
        if (!processor.waited) queue(list + PACK, QUEUE_WAIT, section(core), 1, 0, site);
        processor.waited = 1;
    } else if (record.id == SECTION_RELEASE && processor.acquired) {
        if (!processor.committed) queue(list + MATH, QUEUE_PUSH, section(core), 1, 0, site);
        if (!processor.waited) queue(list + PACK, QUEUE_WAIT, section(core), 1, 0, site);
        queue(list + PACK, QUEUE_POP, section(core), 1, 0, site);
        processor.acquired = 0;
    }
}

void Translator::result(const Record& record, Processor& processor, uint32_t core) {
    const uint32_t list = core * SLOTS + COMPUTE;
    call_done(processor, core);
    if (processor.acquired && !processor.committed) {
        queue(list + MATH, QUEUE_PUSH, section(core), 1, 0, record.site);
        processor.committed = 1;
    }
    if (processor.acquired && !processor.waited) {
        queue(list + PACK, QUEUE_WAIT, section(core), 1, 0, record.site);
        processor.waited = 1;
    }
    if (Action* action = add(list + PACK, WORK, record.size / cost(PACK_RATE) + cost(PACK_CALL), record.site))
        action->bytes = record.size;
}

void Translator::pages(const Record& record, Processor& processor, uint32_t core) {
    static constexpr uint8_t KIND[] = {QUEUE_RESERVE, QUEUE_PUSH, QUEUE_WAIT, QUEUE_POP};
    const bool computes = record.kernel % SLOTS == COMPUTE;
    const bool packs = record.event == CB_RESERVED || record.event == CB_PUSHED;
    if (computes) call_done(processor, core);
    const uint32_t list = computes ? record.kernel + (packs ? PACK : UNPACK) : record.kernel;
    queue(list, KIND[record.event - CB_RESERVED], buffer(core, record.id), record.value, cost(CB_CALL), record.site);
}

void Translator::take(const Record& record) {
    const uint32_t core = record.kernel / SLOTS;
    if (core >= capture.core_count) return;
    Processor& processor = capture.processors[record.kernel];
    if (record.event <= QUEUED_ATOMIC_MULTICAST) return transfer(record, core);
    switch (record.event) {
        case READ_BARRIER_CALL: add(record.kernel, READ_BARRIER, cost(READ_BARRIER_COST), record.site); break;
        case WRITE_BARRIER_CALL: add(record.kernel, WRITE_BARRIER, cost(WRITE_BARRIER_COST), record.site); break;
        case ATOMIC_BARRIER_CALL: add(record.kernel, ATOMIC_BARRIER, cost(WRITE_BARRIER_COST), record.site); break;
        case WRITE_FLUSH_CALL:
        case POSTED_FLUSH_CALL: add(record.kernel, WRITE_FLUSH, cost(WRITE_BARRIER_COST), record.site); break;
        case CB_RESERVED:
        case CB_PUSHED:
        case CB_WAITED:
        case CB_POPPED: pages(record, processor, core); break;
        case SEMAPHORE_SET:
        case SEMAPHORE_REACHED: semaphore(record, core); break;
        case PAGE_ADDRESS:
            processor.has_address = 1;
            add(record.kernel, WORK, cost(NEW_ADDRESS), record.site);
            break;
        case TILE_OPERAND: operand(record, processor, core); break;
        case TILE_RESULT: result(record, processor, core); break;
        case TILE_OPERATION:
            call_done(processor, core);
            if (Action* action =
                    add(core * SLOTS + COMPUTE + MATH, WORK, capture.math[record.value % OPERATIONS], record.site))
                action->value = record.value + 1;
            break;
        case VECTOR_OPERATION:
            call_done(processor, core);
            add(core * SLOTS + COMPUTE + MATH, WORK, vector_cycles(record.value), record.site);
            break;
        case DST_SECTION: section_call(record, processor, core); break;
        case ARRIVED_EVENT:
            if (record.size <= 4 || processor.pending_count) arrived(record, core);
            break;
        case TURN: capture.polls++; break;
        case ENDED:
            if (record.kernel % SLOTS == COMPUTE) call_done(processor, core);
            break;
        default: break;
    }
}

}  // namespace
}  // namespace timing

extern "C" uint64_t tthal_time_capture_size(uint32_t which) {
    using namespace timing;
    const uint64_t sizes[] = {sizeof(Capture), sizeof(List), sizeof(Processor), sizeof(Small)};
    return sizes[which];
}

extern "C" bool tthal_time_capture(void* environment, const timing::Record* records, uint32_t count) {
    timing::Translator translator{*static_cast<timing::Capture*>(environment)};
    for (uint32_t i = 0; i < count; i++) translator.take(records[i]);
    return false;
}
