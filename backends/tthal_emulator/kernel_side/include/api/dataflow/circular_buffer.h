// A circular buffer as an object over its index (device-api.md §4).
#pragma once

#include "api/lock.h"
#include "tthal/dataflow/circular_buffers.h"
#include "tthal/dataflow/ring_endpoint.h"

// Always inlined, so that a site is the kernel's line.
#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

class CircularBuffer {
public:
    enum class AddrSelector { WRITE_PTR, READ_PTR };
    using AddrSel = AddrSelector;  // as it was called at first

    explicit constexpr CircularBuffer(uint32_t cb_id) : cb_id_(cb_id) {}

    constexpr uint32_t get_cb_id() const { return cb_id_; }

    void reserve_back(int32_t pages) const { cb_reserve_back(cb_id_, pages); }
    void push_back(int32_t pages) const { cb_push_back(cb_id_, pages); }
    void wait_front(int32_t pages) const { cb_wait_front(cb_id_, pages); }
    void pop_front(int32_t pages) const { cb_pop_front(cb_id_, pages); }
    bool pages_reservable_at_back(int32_t pages) const { return cb_pages_reservable_at_back(cb_id_, pages); }
    bool pages_available_at_front(int32_t pages) const { return cb_pages_available_at_front(cb_id_, pages); }

    template <typename Program = tthal_program>
    constexpr uint32_t get_tile_size() const {
        return ::get_tile_size<Program>(cb_id_);
    }
    template <typename Program = tthal_program>
    constexpr uint32_t get_tile_hw() const {
        return ::get_tile_hw<Program>(cb_id_);
    }
    template <typename Program = tthal_program>
    constexpr DataFormat get_dataformat() const {
        return ::get_dataformat<Program>(cb_id_);
    }

    // In the units of LocalCBInterface: on the compute processor not bytes, as on hardware (device-api.md §4).
    uint32_t get_write_ptr() const { return tthal::asked_circular_buffer(cb_id_).fifo_wr_ptr; }
    uint32_t get_read_ptr() const { return tthal::asked_circular_buffer(cb_id_).fifo_rd_ptr; }

    // Looking into a tile counted from the front; the value is a 32-bit word of it.
    uint32_t get_tile_address(uint32_t tile) const { return tthal::front_tile_address(cb_id_, tile); }
    uint32_t read_tile_value(uint32_t tile, uint32_t element) const {
        return tthal::tile_element(cb_id_, tile, element);
    }

    [[nodiscard]] auto scoped_lock() const {
        tthal::compiler_barrier();
        return Lock([] { tthal::compiler_barrier(); });
    }

private:
    uint32_t cb_id_;
};

namespace tthal {

// A circular buffer of which a transfer uses the pointer that one names, not the one it would by itself.
template <CircularBuffer::AddrSelector selector>
struct CircularBufferView {
    const CircularBuffer& cb;

    uint32_t address() const {
        return selector == CircularBuffer::AddrSelector::READ_PTR ? cb.get_read_ptr() : cb.get_write_ptr();
    }
};

}  // namespace tthal

template <CircularBuffer::AddrSelector selector>
constexpr auto use(const CircularBuffer& cb) {
    return tthal::CircularBufferView<selector>{cb};
}

template <>
struct noc_traits_t<CircularBuffer>
    : tthal::RingTraits<CircularBuffer, [](const CircularBuffer& cb) { return cb.get_read_ptr(); },
                        [](const CircularBuffer& cb) { return cb.get_write_ptr(); }> {};

template <CircularBuffer::AddrSelector selector>
struct noc_traits_t<tthal::CircularBufferView<selector>>
    : tthal::RingTraits<tthal::CircularBufferView<selector>, [](const auto& view) { return view.address(); },
                        [](const auto& view) { return view.address(); }> {};

template <>
inline constexpr bool noc_zero_l1_endpoint_v<CircularBuffer> = true;

#pragma clang attribute pop
