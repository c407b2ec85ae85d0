// A launch of made-up records that is captured in one thread and solved in another, as the two go in a process of their
// own, which test_two_threads.py has a compiler's sanitizer look at. Prints what the solver finds; wrong is what differs
// between launches that have room for all of it and launches in which runs make room for each other.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "capture.h"

using namespace timing;

extern "C" bool tthal_time_capture(void*, Record*, uint32_t);
extern "C" void tthal_time_capture_forget(List*, uint32_t, void (*)(void*), bool);
extern "C" void tthal_time_progress(Job*, uint32_t);
extern "C" bool tthal_time_solve(Job*);

constexpr uint32_t CORES = 4, LISTS = CORES * SLOTS, THREADS = 2 * CORES, ROUNDS = 1500, ROOM = 3 * RUN;

List lists[LISTS];
Job job;
Thread threads[THREADS];
uint32_t listed[THREADS];
std::map<std::pair<uint32_t, uint64_t>, std::vector<Action>> file;
std::vector<Action> lent[THREADS];
std::mutex file_lock;

bool write_run(uint32_t list, uint64_t number, const Action* run) {
    const std::lock_guard<std::mutex> guard(file_lock);
    file[{list, number}].assign(run, run + RUN);
    return true;
}

bool read_run(uint32_t thread) {
    const std::lock_guard<std::mutex> guard(file_lock);
    lent[thread] = file.at({listed[thread], lists[listed[thread]].reading});
    threads[thread].actions = lent[thread].data();
    return true;
}

double no_clock(uint32_t) { return -1; }
int nap(uint32_t microseconds) { return usleep(microseconds); }

Record record(EventKind event, uint32_t kernel, uint32_t value) {
    Record made;
    memset(&made, 0, sizeof made);
    made.event = event;
    made.kernel = kernel;
    made.value = value;
    made.site = static_cast<uint32_t>(event);
    return made;
}

// One processor of a core reads and hands pages on, the other takes them and works.
std::vector<Record> kernel_of(uint32_t core, bool reads, std::mt19937& random) {
    std::vector<Record> made;
    const uint32_t kernel = core * SLOTS + (reads ? 1 : 0);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        Record transfer = record(reads ? EventKind::QUEUED_READ : EventKind::QUEUED_WRITE, kernel, 0);
        transfer.size = 512;
        transfer.remote = static_cast<uint64_t>(random() % 100) << ADDRESS_BITS;
        made.push_back(record(EventKind::EXECUTED, kernel, random() % 40));
        made.push_back(record(reads ? EventKind::CB_RESERVED : EventKind::CB_WAITED, kernel, 1));
        made.push_back(transfer);
        made.push_back(record(reads ? EventKind::READ_BARRIER : EventKind::WRITE_BARRIER, kernel, 0));
        made.push_back(record(reads ? EventKind::CB_PUSHED : EventKind::CB_POPPED, kernel, 1));
    }
    return made;
}

// Runs it once; returns when every thread was over.
std::vector<double> launch(uint32_t seed, uint64_t room, uint64_t kept, double& last) {
    static int32_t nodes[2 * PLACES];
    static uint32_t channels[2 * PLACES], core_of[120], phases[CORES], addresses[SLOT_LIMIT];
    static double costs[64], math[OPERATIONS * VARIANTS * PHASES], unpack[OPERATIONS];
    static Word words[SLOT_LIMIT * CORES];
    static double flits[2 * 4 * 120];
    for (uint32_t i = 0; i < 2 * PLACES; i++) nodes[i] = static_cast<int32_t>(i % 120), channels[i] = NONE;
    for (double& each : costs) each = 3;
    costs[PACKET] = 8192;
    for (uint32_t& each : core_of) each = NONE;
    std::vector<Processor> processors(LISTS);
    memset(processors.data(), 0, LISTS * sizeof(Processor));
    Capture capture;
    memset(&capture, 0, sizeof capture);
    capture.allocate = realloc, capture.spill = write_run, capture.clock = no_clock, capture.sleep = nap;
    capture.nodes = nodes, capture.channels = channels, capture.cores = core_of, capture.costs = costs;
    capture.math = math, capture.unpack = unpack, capture.phases = phases, capture.lists = lists;
    capture.processors = processors.data(), capture.addresses = addresses, capture.words = words;
    capture.core_count = CORES, capture.width = 10, capture.height = 12;
    capture.room = room, capture.kept = kept, capture.solver = &job;

    Chip chip{10, 12, 32, 8192, 9, 3, 32, 32, 16, 1, 1, 1, 1, 1, 16, 8, 10, 8, 8, 0, 8, 100, 50, 5};
    Queue queues[CORES * (BUFFERS + 2)];
    for (Queue& queue : queues) queue = {2, 0, 0, NONE};
    memset(&job, 0, sizeof job);
    memset(threads, 0, sizeof threads);
    for (uint32_t i = 0; i < THREADS; i++) {
        listed[i] = i / 2 * SLOTS + i % 2;
        threads[i].node = 11 + i;
        threads[i].last_site = threads[i].next_site = NONE;
    }
    job.chip = &chip, job.threads = threads, job.queues = queues, job.cores = core_of, job.link_flits = flits;
    job.allocate = realloc, job.release = free, job.more = read_run, job.sleep = nap;
    job.lists = lists, job.listed = listed, job.thread_count = THREADS, job.queue_count = CORES * (BUFFERS + 2);
    job.event_limit = 1ull << 40;

    std::mt19937 program(1), random(seed);
    std::vector<std::vector<Record>> kernels;
    for (uint32_t core = 0; core < CORES; core++)
        for (bool reads : {false, true}) kernels.push_back(kernel_of(core, reads, program));
    std::thread solver([] { tthal_time_solve(&job); });
    std::vector<size_t> next(kernels.size());
    for (size_t left = kernels.size() * kernels[0].size(); left;) {
        const size_t which = random() % kernels.size();
        const size_t count = std::min<size_t>(random() % 900, kernels[which].size() - next[which]);
        tthal_time_capture(&capture, kernels[which].data() + next[which], static_cast<uint32_t>(count));
        next[which] += count;
        left -= count;
    }
    tthal_time_progress(&job, CAPTURED);
    solver.join();
    free(job.sites);
    std::vector<double> finish;
    for (const Thread& thread : threads) finish.push_back(thread.done ? thread.finish : -1);
    last = job.time;
    tthal_time_capture_forget(lists, LISTS, free, false);
    const std::lock_guard<std::mutex> guard(file_lock);
    file.clear();
    return finish;
}

int main() {
    constexpr uint64_t NO_ROOM = IN_MEMORY - ROOM;
    double last = 0, other = 0;
    const std::vector<double> wanted = launch(0, 0, ~0ull, last);
    for (double finish : wanted)
        if (finish <= 0) return 2;
    for (uint32_t seed = 1; seed < 4; seed++)
        for (uint64_t kept : {0ull, ~0ull})
            if (launch(seed, NO_ROOM, kept, other) != wanted || other != last) return 3;
    tthal_time_capture_forget(lists, LISTS, free, true);
    printf("%.3f cycles\n", last);
    return 0;
}
