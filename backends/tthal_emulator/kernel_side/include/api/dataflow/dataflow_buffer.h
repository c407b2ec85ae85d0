// The newer name of a circular buffer: a plain object over its state in the processor (device-api.md §4).
#pragma once

#include "api/core_local_mem.h"
#include "api/dataflow/circular_buffer.h"
#include "api/dataflow/dfb_binding_token.h"

// Always inlined, so that a site is the kernel's line.
#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

// Keeps entries of a dataflow buffer in use while it lives; tells where they begin.
template <bool is_write, typename ReleaseFunc>
class [[nodiscard]] DfbScopedLock {
public:
    DfbScopedLock(uint32_t address, ReleaseFunc release) : address_(address), release_(release) {}
    ~DfbScopedLock() { release_(); }
    DfbScopedLock(const DfbScopedLock&) = delete;
    DfbScopedLock& operator=(const DfbScopedLock&) = delete;

    template <typename T = uint32_t>
    [[nodiscard]] auto get_ptr() const {
        return CoreLocalMem<std::conditional_t<is_write, T, const T>>(address_);
    }

private:
    uint32_t address_;
    ReleaseFunc release_;
};

class DataflowBuffer {
    template <bool is_write>
    static auto lock(uint32_t address) {
        const auto release = [] { tthal::compiler_barrier(); };
        return DfbScopedLock<is_write, decltype(release)>(address, release);
    }

public:
    constexpr DataflowBuffer(uint16_t id) : id_(id) {}
    template <dfb::AccessPattern Producer, dfb::AccessPattern Consumer>
    constexpr DataflowBuffer(DFBBindingToken<Producer, Consumer> token) : id_(token.id) {}

    constexpr uint16_t get_id() const { return id_; }
    uint32_t get_entry_size() const { return state().fifo_page_size << cb_addr_shift; }
    uint32_t get_stride_size() const { return state().fifo_page_size << cb_addr_shift; }
    uint32_t get_total_num_entries() const { return state().fifo_num_pages; }
    uint32_t get_total_size_bytes() const { return state().fifo_size << cb_addr_shift; }
    uint32_t get_local_num_entries() const { return state().fifo_num_pages; }
    uint32_t get_local_size_bytes() const { return state().fifo_size << cb_addr_shift; }
    uint32_t get_ring_span_bytes() const { return state().fifo_size << cb_addr_shift; }
    uint32_t get_ring_span_num_entries() const { return state().fifo_num_pages; }

    void reserve_back(uint16_t entries) const { cb_reserve_back(id_, entries); }
    void push_back(uint16_t entries) const { cb_push_back(id_, entries); }
    void wait_front(uint16_t entries) const { cb_wait_front(id_, entries); }
    void pop_front(uint16_t entries) const { cb_pop_front(id_, entries); }
    bool pages_reservable_at_back(int32_t pages) const { return cb_pages_reservable_at_back(id_, pages); }
    bool pages_available_at_front(int32_t pages) const { return cb_pages_available_at_front(id_, pages); }

    // Everything that was pushed is visible already; what is on its way to others needs the NoC's barrier.
    void finish() const {}
    void write_barrier(const Noc& noc) const { noc.async_write_barrier(); }

    // Sizes are in bytes everywhere; pointers are in units of 16 bytes on the compute processor, as on hardware.
    uint32_t get_write_ptr() const { return tthal::asked_circular_buffer(id_).fifo_wr_ptr; }
    uint32_t get_read_ptr() const { return tthal::asked_circular_buffer(id_).fifo_rd_ptr; }
    void evil_set_write_ptr(uint32_t address) const { state().fifo_wr_ptr = address; }
    void evil_set_read_ptr(uint32_t address) const { state().fifo_rd_ptr = address; }

    template <typename Program = tthal_program>
    constexpr uint32_t get_tile_size() const {
        return ::get_tile_size<Program>(id_);
    }
    template <typename Program = tthal_program>
    constexpr uint32_t get_tile_hw() const {
        return ::get_tile_hw<Program>(id_);
    }
    template <typename Program = tthal_program>
    constexpr uint32_t get_tile_r_dim() const {
        return Program::tile_rows[id_];
    }
    template <typename Program = tthal_program>
    constexpr uint32_t get_tile_c_dim() const {
        return Program::tile_columns[id_];
    }
    template <typename Program = tthal_program>
    constexpr uint32_t get_tile_num_faces() const {
        return ::get_tile_num_faces<Program>(id_);
    }
    template <typename Program = tthal_program>
    constexpr uint32_t get_face_r_dim() const {
        return Program::face_rows[id_];
    }
    template <typename Program = tthal_program>
    constexpr DataFormat get_dataformat() const {
        return ::get_dataformat<Program>(id_);
    }

    // Looking into a tile counted from the front, as an array of T.
    uint32_t get_tile_address(uint32_t tile) const { return tthal::front_tile_address(id_, tile); }
    template <typename T = uint32_t>
    T read_tile_value(uint32_t tile, uint32_t element) const {
        return tthal::tile_element<T>(id_, tile, element);
    }

    [[nodiscard]] auto scoped_write_lock(uint16_t = 1) const { return lock<true>(get_write_ptr()); }
    [[nodiscard]] auto scoped_read_lock(uint16_t = 1) const { return lock<false>(get_read_ptr()); }

private:
    tthal::LocalCBInterface& state() const { return tthal::circular_buffer(id_); }

    uint16_t id_;
};

using DataflowBufferArgs = tthal::RingArgs;

template <>
struct noc_traits_t<DataflowBuffer>
    : tthal::RingTraits<DataflowBuffer, [](const DataflowBuffer& buffer) { return buffer.get_read_ptr(); },
                        [](const DataflowBuffer& buffer) { return buffer.get_write_ptr(); }> {};

template <>
inline constexpr bool noc_zero_l1_endpoint_v<DataflowBuffer> = true;

#pragma clang attribute pop
