// The profiler's zones and records. Observers hear of them (tthal profile, `time=on`); without one, nothing makes them.
#pragma once

#include "tthal/border/monitor.h"

namespace tthal {

__attribute__((always_inline)) inline void mark(ZoneMark what, uint32_t name, uint64_t data = 0) {
    if (is_announced(MonitorEvent::ZONE)) announce(MonitorEvent::ZONE, site(), static_cast<uint32_t>(what), 0, name, 0, data);
}

class Zone {
public:
    __attribute__((always_inline)) explicit Zone(uint32_t name, bool active = true) : name(name), active(active) {
        if (active) mark(ZoneMark::BEGIN, name);
    }
    __attribute__((always_inline)) ~Zone() {
        if (active) mark(ZoneMark::END, name);
    }
    Zone(const Zone&) = delete;
    Zone& operator=(const Zone&) = delete;

private:
    uint32_t name;
    bool active;
};

}  // namespace tthal

#define TTHAL_JOINED(a, b) a##b
#define TTHAL_NUMBERED(a, b) TTHAL_JOINED(a, b)
#define TTHAL_ZONE(...) const ::tthal::Zone TTHAL_NUMBERED(tthal_zone_, __COUNTER__)(__VA_ARGS__)

#define DeviceZoneScopedN(name) TTHAL_ZONE(::tthal::name_hash(name))
#define DeviceZoneScopedNIf(name, active) TTHAL_ZONE(::tthal::name_hash(name), active)
#define DeviceZoneScopedMainN(name) DeviceZoneScopedN(name)
#define DeviceZoneScopedMainChildN(name) DeviceZoneScopedN(name)
#define DeviceZoneScopedSumN1(name) DeviceZoneScopedN(name)
#define DeviceZoneScopedSumN2(name) DeviceZoneScopedN(name)
#define DeviceZoneSetCounter(counter) static_cast<void>(counter)
#define DeviceTimestampedData(name, data) \
    ::tthal::mark(::tthal::ZoneMark::DATA, ::tthal::name_hash(name), static_cast<uint64_t>(data))
#define DeviceRecordEvent(event) \
    ::tthal::mark(::tthal::ZoneMark::DATA, ::tthal::name_hash("event"), static_cast<uint64_t>(event))
#define DeviceValidateProfiler(condition) static_cast<void>(condition)
#define DeviceProfilerInit() static_assert(true)
#define DeviceTraceOnlyProfilerInit() static_assert(true)
#define DeviceIncrementTraceCount() static_assert(true)

#define StartPerfCounters() static_assert(true)
#define StopPerfCounters() static_assert(true)
#define RecordPerfCounters() static_assert(true)

// What the NoC's functions record; kernels with transfers of their own do it, too.
#define RECORD_NOC_EVENT(type, posted, noc) static_assert(true)
#define RECORD_NOC_EVENT_WITH_ADDR(type, local, remote, size, vc, posted, noc) static_assert(true)
#define RECORD_NOC_EVENT_WITH_ID(type, local, id, generator, offset, size, vc, posted, noc) static_assert(true)
#define RECORD_SCOPED_LOCK_EVENT(type, address, size) static_assert(true)
#define NOC_TRACE_QUICK_PUSH_IF_LINKED(command_buffer, linked) static_cast<void>(linked)

#define SYNC_WAIT(name, key) static_cast<void>(key)
#define SYNC_SIGNAL(name, key) static_cast<void>(key)
#define SYNC_SIGNAL_NOC_ADDR(name, address, noc) static_cast<void>(address)
