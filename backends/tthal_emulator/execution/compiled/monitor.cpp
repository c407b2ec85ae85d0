// Records of an observed launch: taken from where kernels write them, put in the order of events, handed to listeners.
#include "compiled.h"

namespace tthal {
namespace {

constexpr uint32_t ROOM = 1024;
static_assert(RECORD_CAPACITY <= ROOM);

tthal_record& next_record(tthal_launch& launch, const tthal_kernel& kernel) {
    if (launch.record_count == ROOM) tthal_tell(&launch);
    tthal_record& record = launch.records[launch.record_count++];
    record.kernel = static_cast<uint32_t>(&kernel - launch.kernels);
    record.serial = launch.serial++;
    return record;
}

}  // namespace

void collect_records(tthal_launch& launch, const tthal_kernel& kernel) {
    Monitor& monitor = monitor_of(kernel);
    // The kernel can have written anything there.
    const uint32_t count = monitor.record_count <= RECORD_CAPACITY ? monitor.record_count : RECORD_CAPACITY;
    if (launch.record_count + count > ROOM) tthal_tell(&launch);
    const uint32_t index = static_cast<uint32_t>(&kernel - launch.kernels);
    tthal_record* const kept = launch.records + launch.record_count;
    const uint32_t serial = launch.serial;  // in a register: what is written below might be it
    for (uint32_t i = 0; i < count; i++) {
        __builtin_memcpy(&kept[i], &monitor.records[i], sizeof(MonitorRecord));
        kept[i].kernel = index;
        kept[i].serial = serial + i;
    }
    launch.serial = serial + count;
    launch.record_count += count;
    monitor.record_count = 0;
}

void announce(tthal_launch& launch, const tthal_kernel& kernel, MonitorEvent event, uint32_t id, uint32_t local,
              uint32_t value) {
    if (!launch.is_heard[static_cast<uint8_t>(event)]) return;
    tthal_record& record = next_record(launch, kernel);
    record.event = static_cast<uint8_t>(event);
    record.noc = record.flags = 0;
    record.id = static_cast<uint8_t>(id);
    record.local = local;
    record.value = value;
    record.remote = 0;
    record.size = record.extra = record.site = 0;
}

void announce(tthal_launch& launch, const tthal_kernel& kernel, MonitorEvent event, const NocTransfer& transfer) {
    if (!launch.is_heard[static_cast<uint8_t>(event)]) return;
    tthal_record& record = next_record(launch, kernel);
    __builtin_memcpy(&record, &transfer, sizeof transfer);
    record.event = static_cast<uint8_t>(event);
    record.flags = static_cast<uint8_t>(transfer.flags | static_cast<uint8_t>(transfer.operation) << 4);
}

}  // namespace tthal

using namespace tthal;

// Hands on what was collected.
extern "C" void tthal_tell(tthal_launch* launch) {
    const uint32_t count = launch->record_count;
    launch->record_count = 0;
    if (count == 0) return;
    for (uint32_t i = 0; i < launch->listener_count; i++) {
        const tthal_listener& listener = launch->listeners[i];
        if (listener.listen(listener.env, launch->records, count)) launch->stop = true;
    }
}

extern "C" bool tthal_gather(void* env, const tthal_record* records, uint32_t count) {
    tthal_gatherer& gatherer = *static_cast<tthal_gatherer*>(env);
    for (uint32_t i = 0; i < count; i++) {
        if (gatherer.count >= gatherer.capacity) gatherer.full();
        gatherer.records[gatherer.count++] = records[i];
    }
    if (gatherer.capacity <= count) gatherer.full();
    return false;
}

// An event of a transfer that Python carries out.
extern "C" void tthal_announce(tthal_launch* launch, uint32_t index, uint8_t event, const uint8_t* transfer) {
    NocTransfer copy;
    __builtin_memcpy(&copy, transfer, sizeof copy);
    announce(*launch, launch->kernels[index], static_cast<MonitorEvent>(event), copy);
}

// What a kernel announced so far comes before what Python announces next.
extern "C" void tthal_collect(tthal_launch* launch, uint32_t index) {
    collect_records(*launch, launch->kernels[index]);
}

// The host function `records`: the caller has no room for more, or asks for the time.
extern "C" void* tthal_records(void* env, void* caller, void* values, size_t count) {
    tthal_launch& launch = *static_cast<tthal_launch*>(env);
    tthal_processor& processor = caller_of(launch, caller);
    if (processor.kernel == nullptr || !launch.observed) return launch.records_on_host(env, caller, values, count);
    collect_records(launch, *processor.kernel);
    if (launch.record_count == 0) return nullptr;
    const uint32_t last = launch.record_count - 1;
    if (launch.records[last].event != static_cast<uint8_t>(MonitorEvent::CLOCK)) return nullptr;
    tthal_tell(&launch);
    monitor_of(*processor.kernel).clock = launch.records[last].remote;
    return nullptr;
}
