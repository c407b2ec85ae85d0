// What Python shares with the compiled part of the emulator. Python reads the declarations below too
// (engine/generate_interface.py), so they are plain C; vectors are lent by Python, which keeps them alive.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codes.h"

// A processor as the engine sees it: libwasmtime hands it to compiled host functions as the data of its store.
typedef struct tthal_processor {
    void* owner;         // Python's Processor
    void* future;        // wasmtime_call_future_t
    void** trap_return;  // while it is parked: where a trap for it goes
    void** trap;         // where libwasmtime leaves a trap, or an error, when the run ends
    void** error;
    struct tthal_kernel* kernel;
    bool parked;  // waits in a blocking host function
    bool called;  // called the host since its last turn began
    bool ended;   // the run ended, though Python may not have seen to it yet
} tthal_processor;

// What answers at a node of a NoC; no memory where nothing does.
typedef struct tthal_node {
    uint8_t* memory;
    uint64_t size;
    uint32_t read_mask, write_mask;  // the address bits in which both ends of a transfer must agree
    uint32_t core;                   // NONE, all bits set, for DRAM
} tthal_node;

// A kernel on its processor while it runs; the C half of RunningKernel.
typedef struct tthal_kernel {
    tthal_processor* processor;
    uint8_t* block;
    uint8_t* monitor;
    uint8_t* l1;
    uint8_t* memory;  // where its address 0 lies, for addresses in its static data
    uint32_t* registers;
    uint32_t l1_size, data_low, data_end;
    uint32_t core;
    uint32_t wait_kind, wait_a, wait_b;          // kind is NONE while it does not wait
    uint32_t next;                               // the next one that waits on its core
    bool held;                                   // transfers of it are on their way, in Python's hands
    bool sending;                                // stopped with transfers that have not arrived
    bool gives_way;                              // at a switch point: others run first
    uint32_t arrival;                            // the seed by which some of its transfers are to arrive now; 0 = none
    uint32_t pages[TTHAL_MAX_CIRCULAR_BUFFERS];  // of every circular buffer; 0 = not configured
    uint32_t last_product;                       // how many products of its line there were with its latest one
} tthal_kernel;

// Something that happened in an observed launch: MonitorRecord of tthal/abi.h, and who did it, in the order of events.
typedef struct tthal_record {
    uint8_t event, noc, flags, id;
    uint32_t local;
    uint64_t remote;
    uint32_t size, value, extra, site;
    uint32_t kernel;  // index, see tthal_launch
    uint32_t serial;  // counts the launch's records
} tthal_record;

// Is told what happened, in order; true ends the launch as soon as its processor stops.
typedef struct tthal_listener {
    bool (*listen)(void* env, const tthal_record* records, uint32_t count);
    void* env;
} tthal_listener;

// Keeps records until there is no room for more: a listener for those who read them in bulk.
typedef struct tthal_gatherer {
    tthal_record* records;
    uint32_t capacity, count;
    void (*full)(void);  // must make `count` 0
} tthal_gatherer;

// Where the order of events is another than the default one.
typedef struct tthal_decision {
    uint32_t step;
    uint16_t kind, value;  // a Decision
    uint32_t kernel;       // index of the one that it was about
} tthal_decision;

// How launches choose between orders, see order.cpp; steps go on from one launch to the next.
typedef struct tthal_order {
    uint32_t strategy;  // a Strategy
    uint32_t step;
    uint64_t random;  // state of the generator
    uint32_t gives_way_in, arrives_in;  // of so many steps, one is decided otherwise when it is random
    bool reads_late;                    // whether flushes are decided, too
    bool at_accesses;                   // whether loads and stores of L1 are steps, too
    uint64_t digest;  // of what processors did that others can see, in order
    const tthal_decision* script;
    uint32_t script_count, script_next;
    tthal_decision* made;  // all that were not the default, as long as there is room
    uint32_t made_capacity, made_count;
    uint8_t* asked;  // of every step, as long as there is room: the Decision | how many choices << 2
    uint32_t asked_capacity;
    uint32_t most_kernels;  // in one launch
    uint32_t* priority;     // per kernel; the highest runs
    const uint32_t* falls;  // the steps at which the running one falls below all others
    uint32_t fall_count, fall_next;
} tthal_order;

// A device's launches, one after the other; the C half of the scheduler. A kernel's index says on which processor it runs.
typedef struct tthal_launch {
    bool (*poll)(void* future);
    void* (*context_of)(void* caller);
    void* (*data_of)(void* context);
    void* (*move)(void* to, const void* from, size_t size);  // libc's memmove, made for this machine
    int (*sleep)(unsigned microseconds);                     // libc's usleep; nothing where it has none
    void* (*noc_on_host)(void* env, void* caller, void* values, size_t count);
    void* (*matmul_on_host)(void* env, void* caller, void* values, size_t count);
    void* (*records_on_host)(void* env, void* caller, void* values, size_t count);
    void (*wait_on_host)(void*, void*, const void*, size_t, void*, size_t, void**, void*);
    const tthal_node* nodes[2];  // per NoC, 4096 of them: y << 6 | x
    tthal_kernel* kernels;       // one per processor of the device
    uint32_t kernel_count, core_count;
    uint32_t* ready;  // a ring, as long as `kernels`; so are the next ones
    uint32_t ready_first, ready_count;
    uint32_t* polling;  // those that look again when nobody else can run
    uint32_t polling_count;
    uint32_t* sending;  // those that stopped with transfers, in that order
    uint32_t sending_count;
    uint32_t* waiting;  // per core: the first one that waits there
    uint32_t* dirty;    // cores whose waiting processors must be looked at
    uint32_t dirty_count;
    bool* is_dirty;
    tthal_order order;
    uint8_t* workspace;   // of matrix products, one piece for each line of them, see products.cpp
    uint32_t line_count;  // at least one
    void (*multiply)(const void* product, void* scratch);  // tthal_multiply, once a kernel that multiplies is loaded
    void (**wake_worker)(void);                            // by line; nothing when this thread does all products
    uint64_t moved;        // bytes, about, since Python last had time to look at the clock
    uint32_t live;         // kernels that have not ended
    uint32_t first_turns;  // kernels that have not run yet, first come, first served
    uint32_t current;      // who runs, or ran last
    uint64_t progress;     // counts what brings the launch on
    bool observed;         // kernels and compiled code write records
    uint8_t observes;      // what kernels are told of that: Observed
    uint64_t heard;        // and a bit for every kind of event that somebody listens for
    bool stop;             // a listener wants the launch to end
    bool on_host;          // Python carries out all transfers, so that every event is told as it happens
    tthal_listener listeners[8];
    uint32_t listener_count;
    bool is_heard[256];     // by kind of event: whether anybody listens for it
    tthal_record* records;  // a ring's worth of records that were not handed on yet, see monitor.cpp
    uint32_t record_count, serial;
} tthal_launch;

// A stack for host functions and compiled kernels; one processor's until its run ends, then another's.
typedef struct tthal_stack {
    struct tthal_stacks* owner;
    struct tthal_stack* next;  // the next free one
    uint8_t* top;
    size_t size;
} tthal_stack;

typedef struct tthal_stacks {
    tthal_stack* free;
    tthal_stack* (*make)(size_t size);  // nothing when there is no memory for another
    void* (*new_error)(const char* message);
} tthal_stacks;

// Pages of an interleaved buffer on their way between host memory, where rows of them may be apart, and the banks. Page
// `p` lies in bank `p % bank_count` at slot `p / bank_count`, and in host memory at row `p / across`, column `p % across`.
typedef struct tthal_pages {
    uint8_t* host;
    uint8_t** banks;  // where each bank's first page lies
    uint64_t bank_count, slot_step;
    uint64_t first, last;  // the pages to move
    uint64_t across;
    int64_t row_step, column_step;  // bytes of host memory from one to the next
    uint64_t count[3];              // a page is so many runs, in device memory one after the other
    int64_t step[3];                // bytes of host memory from one to the next
    uint64_t run;                   // bytes; all of these are multiples of 16
    bool to_device;
} tthal_pages;

size_t tthal_layout(void);
unsigned tthal_vector_form(void);
void tthal_multiply(const void* product, void* scratch);
void* tthal_new_stack(void* env, size_t size, bool zeroed, void* stack);
void tthal_begin(tthal_launch* launch, const uint32_t* kernels, uint32_t count);
tthal_stop_reason tthal_run(tthal_launch* launch, uint32_t turns);
void tthal_mark_dirty(tthal_launch* launch, uint32_t core);
void tthal_make_ready(tthal_launch* launch, uint32_t kernel);
bool tthal_reads_late(tthal_launch* launch, uint32_t kernel);
void tthal_wait(void* env, void* caller, const void* arguments, size_t count, void* results, size_t result_count,
                void** trap, void* continuation);
void* tthal_noc(void* env, void* caller, void* values, size_t count);
void tthal_move_pages(const tthal_pages* pages);
void tthal_work(tthal_launch* launch, uint32_t line);
void tthal_finish(tthal_launch* launch);
void tthal_tell(tthal_launch* launch);
bool tthal_gather(void* gatherer, const tthal_record* records, uint32_t count);
void tthal_announce(tthal_launch* launch, uint32_t kernel, uint8_t event, const uint8_t* transfer);
void tthal_collect(tthal_launch* launch, uint32_t kernel);
void* tthal_records(void* env, void* caller, void* values, size_t count);
void* tthal_matmul(void* env, void* caller, void* values, size_t count);
