// The lists that actions are captured in: how they grow, and what becomes of runs for which there is no room in memory.
#include "capture.h"

namespace timing {

namespace {

// What a run has outgrown, before its first action: somebody may still read there.
Action*& outgrown_of(Action* actions) { return *reinterpret_cast<Action**>(actions - 1); }

void free_run(Action* actions, void (*let_go)(void*)) {
    while (actions != nullptr) {
        Action* const older = outgrown_of(actions);
        let_go(actions - 1);
        actions = older;
    }
}

Action* new_run(Capture& capture, uint64_t size) {
    void* found = capture.allocate(nullptr, (size + 1) * sizeof(Action));
    if (found == nullptr) return nullptr;
    capture.room += size;
    Action* actions = static_cast<Action*>(found) + 1;
    outgrown_of(actions) = nullptr;
    return actions;
}

// A run is full, and has its last word to say here.
void add_up(List& list) {
    for (uint64_t i = 0; i < list.size; i++) {
        list.cycles += list.actions[i].cycles * list.actions[i].repeat;
        if (!is_own_work(list.actions[i])) list.others = list.run_count * RUN + i + 1;
    }
}

}  // namespace

// From here on, whoever solves meanwhile may read what there is.
void Translator::publish() {
    for (uint32_t i = 0; i < capture.core_count * SLOTS; i++) {
        List& list = capture.lists[i];
        const uint64_t there = list.run_count * RUN + list.size;
        if (list.published != there) release(list.published, there);
    }
}

bool Translator::make_room(List& list, uint32_t list_index) {
    return list.capacity < RUN ? grow(list) : begin_run(list, list_index);
}

bool Translator::grow(List& list) {
    const uint64_t wanted = list.capacity ? 2 * list.capacity : 64;
    Action* found = new_run(capture, wanted);
    if (found == nullptr) return false;
    for (uint64_t i = 0; i < list.size; i++) found[i] = list.actions[i];
    outgrown_of(found) = list.actions;
    capture.room -= list.capacity;
    const Lock lock(list, capture.sleep);
    list.actions = found;
    list.capacity = wanted;
    return true;
}

// A run is full: the next one goes to another place, or to its own when it goes to the file, unless it is just being read.
bool Translator::begin_run(List& list, uint32_t list_index) {
    Action* place = place_for_run();
    const Lock lock(list, capture.sleep);
    if (list.run_count == list.run_capacity && !note_more(list)) return false;
    if (place == nullptr && capture.solver != nullptr && list.reading == list.run_count) {
        place = new_run(capture, RUN);
        if (place == nullptr) return false;
    }
    if (place == nullptr && !capture.spill(list_index, list.run_count, list.actions)) return false;
    add_up(list);
    list.runs[list.run_count++] = place == nullptr ? nullptr : list.actions;
    if (place != nullptr) list.actions = place;
    list.size = 0;
    return true;
}

bool Translator::note_more(List& list) {
    const uint64_t wanted = list.run_capacity ? 2 * list.run_capacity : 16;
    void* found = capture.allocate(list.runs, wanted * sizeof(Action*));
    if (found == nullptr) return false;
    list.runs = static_cast<Action**>(found);
    list.run_capacity = wanted;
    return true;
}

// Where there is room; else where a run was that is solved: this waits for the solver, unless it waits for kernels itself.
Action* Translator::place_for_run() {
    if (capture.room + RUN <= IN_MEMORY)
        if (Action* found = new_run(capture, RUN)) return found;
    publish();
    for (;;) {
        const bool solves = is_solving();
        Action* const found = reclaim();
        if (found != nullptr || !solves) return found;
        capture.sleep(NAP);
    }
}

bool Translator::is_solving() const {
    return capture.solver != nullptr && acquire(capture.solver->progress) == GOES_ON && !acquire(capture.solver->waits);
}

// The place of a run that is solved; it goes to the file if it may be asked for again.
Action* Translator::reclaim() {
    for (uint32_t i = 0; i < capture.core_count * SLOTS; i++) {
        List& list = capture.lists[i];
        const Lock lock(list, capture.sleep);
        while (list.first < list.reading && list.runs[list.first] == nullptr) list.first++;
        if (list.first == list.reading) continue;
        Action* const run = list.runs[list.first];
        if (capture.total <= capture.kept && !capture.spill(i, list.first, run)) return nullptr;
        list.runs[list.first++] = nullptr;
        return run;
    }
    return nullptr;
}

}  // namespace timing

// For the next launch, or for good: nobody reads what is captured any more.
extern "C" void tthal_time_capture_forget(timing::List* lists, uint32_t count, void (*let_go)(void*), bool all) {
    using namespace timing;
    for (List* list = lists; list < lists + count; list++) {
        for (uint64_t i = 0; i < list->run_count; i++) free_run(list->runs[i], let_go);
        list->size = list->run_count = list->first = list->published = list->reading = list->others = 0;
        list->cycles = 0;
        if (list->actions == nullptr) continue;
        if (all) {
            free_run(list->actions, let_go);
            let_go(list->runs);
            list->actions = nullptr;
            list->runs = nullptr;
        } else {
            free_run(outgrown_of(list->actions), let_go);
            outgrown_of(list->actions) = nullptr;
        }
    }
}
