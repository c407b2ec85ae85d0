// Profiler zones. Nothing records them in a build without the profiler, on hardware and here.
#pragma once

#define DeviceZoneScopedN(name) static_assert(sizeof(name) > 0)
#define DeviceZoneScopedMainN(name) static_assert(sizeof(name) > 0)
#define DeviceZoneScopedMainChildN(name) static_assert(sizeof(name) > 0)
#define DeviceZoneScopedSumN1(name) static_assert(sizeof(name) > 0)
#define DeviceZoneScopedSumN2(name) static_assert(sizeof(name) > 0)
#define DeviceTimestampedData(name, data) static_cast<void>(data)
#define DeviceRecordEvent(event) static_cast<void>(event)
