// The profiler's zones and records. Nothing makes them in a build without the profiler, on hardware and here.
#pragma once

#define DeviceZoneScopedN(name) static_assert(sizeof(name) > 0)
#define DeviceZoneScopedNIf(name, active) static_cast<void>(active)
#define DeviceZoneScopedMainN(name) static_assert(sizeof(name) > 0)
#define DeviceZoneScopedMainChildN(name) static_assert(sizeof(name) > 0)
#define DeviceZoneScopedSumN1(name) static_assert(sizeof(name) > 0)
#define DeviceZoneScopedSumN2(name) static_assert(sizeof(name) > 0)
#define DeviceZoneSetCounter(counter) static_cast<void>(counter)
#define DeviceTimestampedData(name, data) static_cast<void>(data)
#define DeviceRecordEvent(event) static_cast<void>(event)
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
