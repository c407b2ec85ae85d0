// Turns the records of a launch into actions, while the launch goes on. A processor that moves data is one thread; the
// compute processor is three, as on the card: UNPACK, MATH and PACK, which hand SrcA and SrcB and the halves of DST on
// through queues of their own (engines.cpp). Layout of the tables: capture.py.
#pragma once

#include "memory.h"
#include "tthal/observer.h"

namespace timing {

using tthal::ADDRESS_BITS, tthal::Awaited, tthal::DstCall, tthal::EventKind, tthal::FormatUnit, tthal::Record, tthal::SetUp;
using tthal::SLOTS, tthal::TileOperation, tthal::ZoneMark;

constexpr uint32_t COMPUTE = tthal::COMPUTE_SLOT, PLACES = 1u << 2 * tthal::NODE_BITS;
constexpr uint32_t BUFFERS = 64, SLOT_LIMIT = 256, OPERATIONS = 64, PENDING = 16;
constexpr uint64_t IN_MEMORY = 1 << 21;  // actions of all lists together: 100 MB
constexpr uint32_t VARIANTS = 16, PHASES = 5;
constexpr uint32_t VECTORS_OF_TILE = 32;
constexpr uint32_t SPIN = 500;  // instructions: a turn that ends after fewer was spent on something else
constexpr uint32_t LOADS_OF_SPIN = 16;  // at least, for every store
constexpr uint32_t LOOP_OF_SPIN = 8;    // instructions at most, for every load
enum Engine : uint32_t { UNPACK, MATH, PACK };

constexpr bool is(uint32_t number, TileOperation operation) { return number == static_cast<uint32_t>(operation); }
constexpr bool is_reduction(uint32_t number) {
    return is(number, TileOperation::REDUCE) || is(number, TileOperation::TILIZE_REDUCE);
}

// A small write that was not seen to arrive yet, whose value decides how long somebody waits.
struct Small {
    uint64_t remote;
    uint32_t slot, value;
    uint32_t first, last, left_out;  // nodes: corners as NoC 0 walks, and the one inside that does not get it
    uint32_t adds;
};

// A word that somebody waits for, as the functional run goes: what it is as far as records tell, and how often it
// changed. Loose: kernels store there in ways that no record tells of, so that waits go by how often it changed.
struct Word {
    uint32_t value, changes, is_loose, padding;
};

struct Processor {
    // Compute: what the current call has read so far: how many tiles of the first and of the second operand, and the
    // bytes of the last of each.
    uint32_t operation, site, first_cb, calls_open;
    uint32_t tiles[2], bytes[2];
    uint32_t acquired, committed, waited, variant;
    uint32_t pending_count, has_address;
    uint32_t spent, yielded;  // turns in which it waited for nothing, since its own code was last counted
    uint32_t heard, heard_changes;  // since then: the word of its core that changed, and how often that has changed
    double own;                // cycles of its own code since the last command
    double free[3];            // of an engine: cycles in which its processor goes on while it works
    double included;           // cycles of its own code that the last command's cost contains, and that are left of them
    uint64_t remote;  // of the last command
    // When the model was last asked for the time: what it said, the cycles of all actions, and how many there were.
    double clock_time, clock_cycles;
    uint64_t clock_position;
    Small pending[PENDING];
};

// A function of the vector unit, by the hash of its name: what a tile takes, and how often and how long it ran. Behind
// those that were measured come others, as kernels call them.
struct VectorFunction {
    uint64_t name;
    double cycles;
    uint64_t calls;
    double took;
};

struct Capture {
    void* (*allocate)(void*, size_t);
    bool (*spill)(uint32_t list, uint64_t number, const Action* run);  // a run goes to the file
    double (*clock)(uint32_t list);  // when all of a list is over, or a negative number
    const int32_t* nodes;      // per NoC and place: the node, or -1
    const uint32_t* channels;  // per NoC and place: the DRAM channel, or NONE
    const uint32_t* cores;     // per node: the core, or NONE
    const double* costs;       // see COSTS of capture.py
    const double* math;        // cycles of a call (of a product: of a tile), by operation, variant and fidelity phases
    const double* unpack;      // cycles of a call by operation, where they do not follow from its bytes
    const uint32_t* phases;    // of fidelity, per core
    List* lists;               // 5 per core
    Processor* processors;
    uint32_t* addresses;  // of the words that somebody waits for or changes; a word's slot is its place here
    Word* words;          // per slot and core
    VectorFunction* functions;
    uint32_t core_count, slot_count, function_count, function_limit;
    double unknown_function, begin;  // begin: of the launch, by the device's clock
    uint64_t polls, unknown;  // turns given away; events that have no cost
    uint64_t total, lost;     // actions, and those for which there was no place
    uint64_t room;            // actions that there is memory for
    Job* solver;              // of another thread that solves what is captured, or null
    int (*sleep)(uint32_t microseconds);
    uint64_t kept;  // of a launch with more actions, those that are solved are forgotten where there is no room
    uint32_t width, height;   // of the tori
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
    UNPACK_BOTH_RATE,
    UNPACK_CALL,
    PACK_RATE,
    PACK_ADD_RATE,
    PACK_UNTILIZE_RATE,
    PACK_CALL,
    PACK_SECTION,
    MATH_CALL,
    UNPACK_SET_UP,
    TILIZE_SET_UP,
    MATH_SET_UP,
    VECTOR_SET_UP,
    VECTOR_CALL,
    STARTUP_COST,
    UNPACK_FORMAT,
    PACK_FORMAT,
    SEMAPHORE_WAIT_COST,
    NEXT_ADDRESS,
    SECTION_CALL,
    INSTRUCTION,
    L1_LOAD,
    L1_STORE,
    DIVISION,
    COPY_ALIKE,
    COPY_SHIFTED,
    ISSUE_LOOP,
    ZONE_COST,
    PACKET,
    PAGE_ADDRESS_COST,
};

// Whether it takes its cycles whatever others do.
inline bool is_own_work(const Action& action) {
    return action.kind == WORK || action.kind == CODE || action.kind == ZONE;
}

struct Translator {
    Capture& capture;

    double cost(Cost which) const { return capture.costs[which]; }

    bool make_room(List& list, uint32_t list_index);
    bool grow(List& list);
    bool begin_run(List& list, uint32_t list_index);
    bool note_more(List& list);
    Action* place_for_run();
    Action* reclaim();
    bool is_solving() const;
    void publish();

    // All actions that were added before are complete.
    Action* add(uint32_t list_index, uint8_t kind, double cycles, uint32_t site) {
        List& list = capture.lists[list_index];
        if (list.size == list.capacity && !make_room(list, list_index)) {
            capture.lost++;
            return nullptr;
        }
        capture.total++;
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

    VectorFunction* known_function(uint32_t name) {
        for (uint32_t i = 0; i < capture.function_count; i++)
            if (capture.functions[i].name == name) return &capture.functions[i];
        return nullptr;
    }

    // An approximate mode's name ends with `~` (vector_unit.py). The last place stands for all for which there is none.
    VectorFunction& vector_function(uint32_t name, bool is_approximate) {
        constexpr uint32_t PRIME = 0x01000193;
        if (VectorFunction* mode = is_approximate ? known_function((name ^ '~') * PRIME) : nullptr) return *mode;
        if (VectorFunction* known = known_function(name)) return *known;
        if (capture.function_count == capture.function_limit) return capture.functions[capture.function_limit - 1];
        return capture.functions[capture.function_count++] = {name, capture.unknown_function, 0, 0};
    }

    void transfer(const Record& record, uint32_t core);
    void call_done(Processor& processor, uint32_t core);
    void operand(const Record& record, Processor& processor, uint32_t core);
    void result(const Record& record, Processor& processor, uint32_t core);
    void section_call(const Record& record, Processor& processor, uint32_t core);
    void set_up(const Record& record, Processor& processor, uint32_t core);
    void vector_operation(const Record& record, Processor& processor, uint32_t core);
    double math_cycles(const Processor& processor, uint32_t core, uint32_t operation) const;
    double unpack_cycles(const Processor& processor) const;
    void engage(uint32_t list, double cycles);
    void work(uint32_t list, double cycles, uint32_t site, uint32_t bytes = 0, uint32_t value = 0,
              uint32_t count = 0);
    void pages(const Record& record, Processor& processor, uint32_t core);
    void semaphore(const Record& record, uint32_t core);
    void arrived(const Record& record, uint32_t core);
    double own_cycles(const Record& record) const;
    void executed(const Record& record, Processor& processor);
    void computed(const Record& record, Processor& processor, uint32_t core);
    void blocked(const Record& record, Processor& processor, uint32_t core);
    void changed(uint32_t slot, uint32_t core, uint32_t value);
    void took_effect(const Small& small, uint32_t node);
    Small small_of(const Record& record, const Action& action, uint32_t core) const;
    bool has_spun(const Record& record, Processor& processor);
    void clock(Record& record, Processor& processor, uint32_t core);
    void zone(const Record& record, Processor& processor, uint32_t core);
    void take(Record& record);
};

}  // namespace timing
