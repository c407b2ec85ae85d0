// Records of events, for a launch that is observed.
#include "tthal/border/monitor.h"

namespace tthal {
namespace {

MonitorRecord& next_record() {
    ProcessorBlock& block = processor();
    if (block.record_count >= RECORD_CAPACITY) {
        compiler_barrier();
        tthal_host_records();
        compiler_barrier();
    }
    return block.records[block.record_count];
}

void keep(const MonitorRecord& record) {
    next_record() = record;
    compiler_barrier();
    processor().record_count += 1;
}

}  // namespace

void announce(MonitorEvent event, uint32_t place, uint32_t id, uint32_t local, uint32_t value, uint32_t size,
              uint64_t remote, uint32_t extra) {
    keep({event, 0, 0, static_cast<uint8_t>(id), local, remote, size, value, extra, place});
}

void announce(const NocTransfer& transfer) {
    keep({static_cast<MonitorEvent>(transfer.operation), transfer.noc, transfer.flags, transfer.transaction_id,
          transfer.local, transfer.remote, transfer.size, transfer.value, transfer.extra, transfer.site});
}

}  // namespace tthal
