// The listener when all is checked: what kernels load and store, what was never written, and races.
#include "../listen.h"
#include "races.h"

namespace check {
namespace {

void examine_all(State& state, Core& core, Processor& processor, const Record& record) {
    const uint32_t before = state.error_count;
    if (record.event == LOAD || record.event == STORE)
        check_access(state, core, record);
    else examine(state, core, processor, record);
    if (state.written != nullptr) note_written(state, core, record, state.error_count == before);
    // What follows from a mistake that has a name of its own need not be told as a race.
    if (state.races != nullptr && state.error_count == before) follow(state, record);
}

}  // namespace
}  // namespace check

using namespace check;

extern "C" uint64_t tthal_check_races_size() { return sizeof(Races); }
extern "C" uint64_t tthal_check_block_size() { return sizeof(Block); }
extern "C" void tthal_check_start_races(Races* races) { start(*races); }

extern "C" bool tthal_check_listen_to_all(void* environment, const Record* records, uint32_t count) {
    State& state = *static_cast<State*>(environment);
    each_record(state, records, count, [&](Core& core, Processor& processor, const Record& record) {
        examine_all(state, core, processor, record);
    });
    return is_to_stop(state);
}
