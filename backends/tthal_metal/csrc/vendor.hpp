// The vendor's API for the shim: the real headers with TTHAL_METAL_HEADERS, our own declarations without. The few
// places where the two differ are functions of namespace vendor; everything else in the shim is written once.
#pragma once
#ifdef TTHAL_METAL_HEADERS
#include <tt-metalium/allocator.hpp>
#include <tt-metalium/buffer.hpp>
#include <tt-metalium/circular_buffer_config.hpp>
#include <tt-metalium/cluster.hpp>
#include <tt-metalium/distributed.hpp>
#include <tt-metalium/hal.hpp>
#include <tt-metalium/host_api.hpp>
#include <tt-metalium/mesh_buffer.hpp>
#include <tt-metalium/mesh_command_queue.hpp>
#include <tt-metalium/mesh_device.hpp>
#include <tt-metalium/mesh_workload.hpp>
#include <tt-metalium/program.hpp>
#include <tt-metalium/tile.hpp>
#include <tt-metalium/tt_metal.hpp>
#else
#include "declarations.hpp"
#endif

namespace vendor {
using namespace tt;
using namespace tt::tt_metal;
using namespace tt::tt_metal::distributed;

#ifdef TTHAL_METAL_HEADERS
using CoreKind = CoreType;  // in older headers at global scope, later in tt
inline Shape make_shape(std::span<const uint32_t> values) {
    return Shape(ttsl::SmallVector<uint32_t>(values.begin(), values.end()));
}
inline bool knows_shape_layout(MeshDevice&) { return true; }
inline MeshCommandQueue& transfers(MeshCommandQueue& queue) { return queue; }
// After the move the workload's own Program is the handle.
inline Program* move_into(MeshWorkload& workload, const MeshCoordinateRange& range, Program& program) {
    workload.add_program(range, std::move(program));
    return &workload.get_programs().begin()->second;
}
#else
using CoreKind = tt::CoreType;
inline Shape make_shape(std::span<const uint32_t> values) { return Shape(values); }
inline bool knows_shape_layout(MeshDevice& device) { return Shape::matches(&device.shape(), 2); }
inline MeshCommandQueueBase& transfers(MeshCommandQueue& queue) {
    return reinterpret_cast<MeshCommandQueueBase&>(queue);
}
inline Program* move_into(MeshWorkload& workload, const MeshCoordinateRange& range, Program& program) {
    Program second = program.alias();
    workload.add_program(range, std::move(program));
    program = std::move(second);
    return &program;
}
#endif
}  // namespace vendor
