// What the pages of circular buffers tell: whoever waits for some has heard of the pushes, or pops, that it takes for them.
#include "races.h"

namespace check {
namespace {

enum Side : uint32_t { PUSHED, POPPED };
constexpr Before NO_PAGES = {true, 0};

History& side_of(const State& state, const Record& record, Side side) {
    const Races& races = *state.races;
    const uint32_t core = core_of(record), place = state.cores[core].buffers.places[record.id % CIRCULAR_BUFFERS];
    const uint64_t number = (static_cast<uint64_t>(core) * races.buffer_places + place) * 2 + side;
    return races.buffer_histories[number];
}

// How many pages went by as far as a kernel knows.
uint32_t pages_known(const Races& races, uint32_t thread, const History& history) {
    const uint32_t known = newest_known(races, thread, history);
    if (known != NOTHING) return told_at(races, history, known).value;
    return oldest(history) != 0 ? told_at(races, history, oldest(history)).value : 0;
}

// Two that pop, or push, take turns where their own pointers agree; and where something tells each of its turn.
void check_turns(State& state, const Record& record, uint32_t thread, const History& history) {
    const Races& races = *state.races;
    if (history.count == 0 || state.cores[core_of(record)].buffers[record.id % CIRCULAR_BUFFERS].exempt) return;
    const Told& last = told_at(races, history, history.count - 1);
    if (last.thread == thread || knows(races, thread, last.thread, last.epoch)) return;
    report(state, record.event == CB_PUSHED ? Kind::TWO_PRODUCERS : Kind::TWO_CONSUMERS, record,
           races.kernel_of[last.thread], last.site);
}

}  // namespace

void move_pages(State& state, const Record& record, uint32_t thread) {
    Races& races = *state.races;
    History &pushed = side_of(state, record, PUSHED), &popped = side_of(state, record, POPPED);
    if (record.event == CB_PUSHED || record.event == CB_POPPED) {
        History& side = record.event == CB_PUSHED ? pushed : popped;
        check_turns(state, record, thread, side);
        return tell(races, thread, side, NO_PAGES, {false, true, record.value, 0}, record.site);
    }
    if (record.event == CB_WAITED)
        return await(races, thread, pushed, NO_PAGES, pages_known(races, thread, popped) + record.value, true);
    const CircularBuffer& buffer = state.cores[core_of(record)].buffers[record.id % CIRCULAR_BUFFERS];
    const uint32_t room = buffer.page_size != 0 ? buffer.size / buffer.page_size : 0;
    const uint32_t needed = pages_known(races, thread, pushed) + record.value;
    if (room == 0 || needed > room) await(races, thread, popped, NO_PAGES, needed - room, true);
}

}  // namespace check
