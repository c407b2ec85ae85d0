// How devices of a mesh hang together, with the host's numbers (libtt_metal 0.81.1): kernels for one device include the
// name, and ask only whether they are alone. Packets between devices are not emulated.
#pragma once

#include <cstdint>

namespace tt::tt_fabric {

enum class Topology { NeighborExchange = 0, Linear, Ring, Mesh, Torus };

constexpr bool is_2D_topology(Topology shape) { return shape >= Topology::Mesh; }
constexpr bool is_ring_or_torus(Topology shape) { return shape == Topology::Ring || shape == Topology::Torus; }

}  // namespace tt::tt_fabric
