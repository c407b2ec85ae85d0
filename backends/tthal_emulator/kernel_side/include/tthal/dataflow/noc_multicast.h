// Multicast: one write to every core of a rectangle. The sender is left out unless the call says "loopback"; the
// number of destinations is the number of cores that receive (device-api.md §4).
#pragma once

#include "tthal/dataflow/noc_commands.h"

#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

namespace tthal {

inline void push_multicast(uint8_t noc, uint32_t source, uint64_t destinations, uint32_t size, uint32_t num_dests,
                           bool linked, uint8_t flags = 0, uint32_t exclude_region = 0) {
    noc_push(NocOperation::WRITE_MULTICAST, noc, destinations, source, size, num_dests,
             flags | (linked ? NOC_FLAG_LINKED : 0), commands_of(noc).write.transaction_id, exclude_region);
}

}  // namespace tthal

template <uint32_t max_page_size = NOC_MAX_BURST_SIZE + 1>
inline void noc_async_write_multicast(uint32_t source, uint64_t destinations, uint32_t size, uint32_t num_dests,
                                      bool linked = false, uint8_t noc = tthal::default_noc(),
                                      uint8_t = NOC_MULTICAST_WRITE_VC) {
    if constexpr (max_page_size <= NOC_MAX_BURST_SIZE) tthal::require_one_packet(size);
    tthal::push_multicast(noc, source, destinations, size, num_dests, linked);
}

template <bool enable_noc_tracing = true>
inline void noc_async_write_multicast_one_packet(uint32_t source, uint64_t destinations, uint32_t size,
                                                 uint32_t num_dests, bool linked = false,
                                                 uint8_t noc = tthal::default_noc()) {
    tthal::require_one_packet(size);
    tthal::push_multicast(noc, source, destinations, size, num_dests, linked);
}

inline void noc_async_write_multicast_loopback_src(uint32_t source, uint64_t destinations, uint32_t size,
                                                   uint32_t num_dests, bool linked = false,
                                                   uint8_t noc = tthal::default_noc()) {
    tthal::push_multicast(noc, source, destinations, size, num_dests, linked, tthal::NOC_FLAG_INCLUDE_SOURCE);
}

// ---- a rectangle without one of its corners: the region begins at a core and reaches to the edge of the chip in the
// given directions, 0 = towards lower, 1 = towards higher coordinates of NoC 0

#define EXCLUDE_ENABLED 1
#define EXCLUDE_ENABLED_OFFSET 22
#define EXCLUDE_DIRECTION_Y_OFFSET 21
#define EXCLUDE_DIRECTION_X_OFFSET 20
#define EXCLUDE_START_Y_OFFSET 14
#define EXCLUDE_START_X_OFFSET 8
static_assert(tthal::ExcludeRegion{.start_x = 1, .start_y = 1, .x_up = 1, .y_up = 1, .enabled = 1}.packed() ==
              (1 << EXCLUDE_START_X_OFFSET | 1 << EXCLUDE_START_Y_OFFSET | 1 << EXCLUDE_DIRECTION_X_OFFSET |
               1 << EXCLUDE_DIRECTION_Y_OFFSET | EXCLUDE_ENABLED << EXCLUDE_ENABLED_OFFSET));
#define DYNAMIC_NOC_DIRECTION(noc, direction) ((noc) == 1 ? 1 - (direction) : (direction))

inline uint32_t get_noc_exclude_region(uint32_t x_start, uint32_t y_start, uint32_t x_direction, uint32_t y_direction,
                                       uint8_t = tthal::default_noc()) {
    return EXCLUDE_ENABLED << EXCLUDE_ENABLED_OFFSET | y_direction << EXCLUDE_DIRECTION_Y_OFFSET |
           x_direction << EXCLUDE_DIRECTION_X_OFFSET | y_start << EXCLUDE_START_Y_OFFSET |
           x_start << EXCLUDE_START_X_OFFSET;
}

inline void noc_async_write_multicast_exclude_region(uint32_t source, uint64_t destinations, uint32_t size,
                                                     uint32_t num_dests, uint32_t exclude_region, bool linked = false,
                                                     uint8_t noc = tthal::default_noc()) {
    tthal::push_multicast(noc, source, destinations, size, num_dests, linked, tthal::NOC_FLAG_EXCLUDE, exclude_region);
}

#pragma clang attribute pop
