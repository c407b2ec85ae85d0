// What the pages of circular buffers tell: whoever waits for some has heard of the pushes, or pops, that it takes for them.
#include "races.h"

namespace check {
namespace {

enum Side : uint32_t { PUSHED, POPPED };

Sheet side_of(const Races& races, const Record& record, Side side) {
    const uint64_t number =
        (static_cast<uint64_t>(core_of(record)) * CIRCULAR_BUFFERS + record.id % CIRCULAR_BUFFERS) * 2 + side;
    races.buffer_histories[number].first_known = 1;  // nothing
    return {races.buffer_histories + number, races.buffer_rows + number * TOLD * races.threads,
            races.buffer_clocks + number * races.threads};
}

// How many pages went by as far as a kernel knows.
uint32_t pages_known(const Races& races, uint32_t thread, const History& history) {
    const uint32_t known = newest_known(races, thread, history);
    if (known != NOTHING) return history.told[known % TOLD].value;
    return history.count > TOLD ? history.told[history.count % TOLD].value : 0;
}

// Two that pop, or push, take turns where their own pointers agree; and where something tells each of its turn.
void check_turns(State& state, const Record& record, uint32_t thread, const History& history) {
    const Races& races = *state.races;
    if (history.count == 0 || state.cores[core_of(record)].buffers[record.id % CIRCULAR_BUFFERS].exempt) return;
    const Told& last = history.told[(history.count - 1) % TOLD];
    if (last.thread == thread || knows(races, thread, last.thread, last.epoch)) return;
    report(state, record.event == CB_PUSHED ? Kind::TWO_PRODUCERS : Kind::TWO_CONSUMERS, record,
           races.kernel_of[last.thread], last.site);
}

}  // namespace

void move_pages(State& state, const Record& record, uint32_t thread) {
    Races& races = *state.races;
    const Sheet pushed = side_of(races, record, PUSHED), popped = side_of(races, record, POPPED);
    if (record.event == CB_PUSHED || record.event == CB_POPPED) {
        const Sheet& side = record.event == CB_PUSHED ? pushed : popped;
        check_turns(state, record, thread, *side.history);
        return tell(races, thread, side, {false, true, record.value, 0}, record.site);
    }
    if (record.event == CB_WAITED)
        return await(races, thread, pushed, pages_known(races, thread, *popped.history) + record.value, true);
    const CircularBuffer& buffer = state.cores[core_of(record)].buffers[record.id % CIRCULAR_BUFFERS];
    const uint32_t room = buffer.page_size != 0 ? buffer.size / buffer.page_size : 0;
    const uint32_t needed = pages_known(races, thread, *pushed.history) + record.value;
    if (room == 0 || needed > room) await(races, thread, popped, needed - room, true);
}

}  // namespace check
