// The plainest listener: how many events of every kind there were, in 256 counters.
#include "tthal/observer.h"

extern "C" bool benchmark_count(void* environment, const tthal::Record* records, uint32_t count) {
    uint64_t* const counts = static_cast<uint64_t*>(environment);
    for (uint32_t i = 0; i < count; i++) counts[static_cast<uint8_t>(records[i].event)]++;
    return false;
}
