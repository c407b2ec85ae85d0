// 64-bit NoC addresses and the address generators of interleaved buffers (host-api.md §4, device-api.md §4).
#pragma once

#include "tthal/language/attributes.h"
#include "tthal/border/formats.h"
#include "tthal/dataflow/noc_reads.h"
#include "tthal/dataflow/noc_writes.h"

constexpr uint32_t NOC_ADDR_LOCAL_BITS = tthal::NOC_ADDRESS_BITS;
constexpr uint32_t NOC_ADDR_NODE_ID_BITS = tthal::NOC_NODE_BITS;
constexpr uint32_t NOC_ADDR_COORD_SHIFT = NOC_ADDR_LOCAL_BITS;

// The tables that address generators use: [NoC][bank], y << 6 | x, and what is added to an address in a bank.
inline auto& dram_bank_to_noc_xy = tthal::processor().dram_bank_xy;
inline auto& l1_bank_to_noc_xy = tthal::processor().l1_bank_xy;
inline auto& bank_to_dram_offset = tthal::processor().dram_bank_offset;
inline auto& bank_to_l1_offset = tthal::processor().l1_bank_offset;

#define NOC_XY_ADDR(x, y, addr) \
    ((((uint64_t)(y)) << (NOC_ADDR_LOCAL_BITS + NOC_ADDR_NODE_ID_BITS)) | (((uint64_t)(x)) << NOC_ADDR_LOCAL_BITS) | \
     ((uint64_t)(addr)))
#define NOC_MULTICAST_ADDR(x_start, y_start, x_end, y_end, addr) \
    ((((uint64_t)(x_start)) << (NOC_ADDR_LOCAL_BITS + 2 * NOC_ADDR_NODE_ID_BITS)) | \
     (((uint64_t)(y_start)) << (NOC_ADDR_LOCAL_BITS + 3 * NOC_ADDR_NODE_ID_BITS)) | NOC_XY_ADDR(x_end, y_end, addr))
#define NOC_XY_ENCODING(x, y) (((uint32_t)(y) << NOC_ADDR_NODE_ID_BITS) | ((uint32_t)(x)))

// Coordinates are virtual and the same on both NoCs, so there is nothing to mirror.
#define DYNAMIC_NOC_X(noc, x) (x)
#define DYNAMIC_NOC_Y(noc, y) (y)

namespace tthal {

inline uint64_t noc_address(uint32_t xy, uint64_t address) {
    return static_cast<uint64_t>(xy) << NOC_ADDR_LOCAL_BITS | address;
}

constexpr uint32_t align_up(uint32_t value, uint32_t alignment) { return (value + alignment - 1) & ~(alignment - 1); }

}  // namespace tthal

constexpr uint32_t align(uint32_t value, uint32_t alignment) { return (value + alignment - 1) / alignment * alignment; }
constexpr uint32_t align_power_of_2(uint32_t value, uint32_t alignment) { return tthal::align_up(value, alignment); }
constexpr bool is_power_of_2(uint32_t value) { return value != 0 && (value & (value - 1)) == 0; }

namespace interleaved_addr_gen {

template <bool DRAM>
constexpr uint32_t num_banks() {
    return DRAM ? NUM_DRAM_BANKS : NUM_L1_BANKS;
}

template <bool DRAM>
constexpr uint32_t get_bank_offset_index(uint32_t id) {
    return id / num_banks<DRAM>();
}

template <bool DRAM>
constexpr uint32_t get_bank_index(uint32_t id, uint32_t bank_offset_index) {
    return id - bank_offset_index * num_banks<DRAM>();
}

template <bool DRAM>
inline uint32_t get_noc_xy(uint32_t bank, uint8_t noc = tthal::default_noc()) {
    return DRAM ? tthal::processor().dram_bank_xy[noc][bank] : tthal::processor().l1_bank_xy[noc][bank];
}

template <bool DRAM>
inline uint32_t get_bank_offset(uint32_t bank) {
    return DRAM ? tthal::processor().dram_bank_offset[bank] : tthal::processor().l1_bank_offset[bank];
}

template <bool DRAM>
constexpr uint32_t get_allocator_alignment() {
    return DRAM ? DRAM_ALIGNMENT : L1_ALIGNMENT;
}

template <bool DRAM>
constexpr uint32_t get_aligned_page_size(uint32_t page_size) {
    return tthal::align_up(page_size, get_allocator_alignment<DRAM>());
}

// The NoC address of page `id` of an interleaved buffer whose pages lie `stride` bytes apart in a bank.
template <bool DRAM>
inline uint64_t page_address(uint32_t base, uint32_t stride, uint32_t id, uint32_t offset, uint8_t noc) {
    const uint32_t slot = get_bank_offset_index<DRAM>(id);
    const uint32_t bank = get_bank_index<DRAM>(id, slot);
    const uint64_t address =
        tthal::noc_address(get_noc_xy<DRAM>(bank, noc), base + get_bank_offset<DRAM>(bank) + slot * stride + offset);
    if (tthal::is_announced(tthal::MonitorEvent::PAGE_ADDRESS))
        tthal::announce_often(tthal::MonitorEvent::PAGE_ADDRESS, 0, DRAM, base, id, stride, address);
    return address;
}

}  // namespace interleaved_addr_gen

template <bool DRAM>
inline uint64_t get_noc_addr_from_bank_id(uint32_t bank, uint32_t address, uint8_t noc = tthal::default_noc()) {
    using namespace interleaved_addr_gen;
    const uint64_t place = tthal::noc_address(get_noc_xy<DRAM>(bank, noc), address + get_bank_offset<DRAM>(bank));
    if (bank >= num_banks<DRAM>() && tthal::is_announced(tthal::MonitorEvent::BANK_ADDRESS))
        tthal::announce(tthal::MonitorEvent::BANK_ADDRESS, 0, DRAM, address, bank, 0, place);
    return place;
}

inline uint64_t get_noc_addr(uint32_t x, uint32_t y, uint32_t address, uint8_t = tthal::default_noc()) {
    return NOC_XY_ADDR(x, y, address);
}

inline uint64_t get_noc_addr(uint32_t address, uint8_t noc = tthal::default_noc()) {
    return NOC_XY_ADDR(tthal::processor().my_x[noc], tthal::processor().my_y[noc], address);
}

inline uint64_t get_noc_addr_helper(uint32_t xy, uint32_t address) { return tthal::noc_address(xy, address); }

// The rectangle is walked from start to end, on NOC_1 against the coordinates (noc_multicast.h).
inline uint64_t get_noc_multicast_addr(uint32_t x_start, uint32_t y_start, uint32_t x_end, uint32_t y_end,
                                       uint32_t address, uint8_t = tthal::default_noc()) {
    return NOC_MULTICAST_ADDR(x_start, y_start, x_end, y_end, address);
}

template <bool DRAM>
struct InterleavedAddrGen {
    uint32_t bank_base_address;
    const uint32_t page_size;
    const uint32_t aligned_page_size = interleaved_addr_gen::get_aligned_page_size<DRAM>(page_size);

    uint64_t get_noc_addr(uint32_t id, uint32_t offset = 0, uint8_t noc = tthal::default_noc()) const {
        return interleaved_addr_gen::page_address<DRAM>(bank_base_address, aligned_page_size, id, offset, noc);
    }

    // Until 2025 generators moved whole pages themselves.
    void noc_async_read_page(uint32_t id, uint32_t target, uint32_t offset = 0,
                             uint8_t noc = tthal::default_noc()) const {
        noc_async_read(get_noc_addr(id, offset, noc), target, page_size, noc);
    }
};

template <bool DRAM>
constexpr uint32_t LOG_BASE_2_OF_ALLOCATOR_ALIGNMENT =
    __builtin_ctz(interleaved_addr_gen::get_allocator_alignment<DRAM>());

template <bool DRAM>
struct InterleavedPow2AddrGen {
    const uint32_t bank_base_address;
    const uint32_t log_base_2_of_page_size;
    const uint32_t aligned_log_base_2_of_page_size = log_base_2_of_page_size > LOG_BASE_2_OF_ALLOCATOR_ALIGNMENT<DRAM>
                                                         ? log_base_2_of_page_size
                                                         : LOG_BASE_2_OF_ALLOCATOR_ALIGNMENT<DRAM>;

    uint64_t get_noc_addr(uint32_t id, uint32_t offset = 0, uint8_t noc = tthal::default_noc()) const {
        const uint32_t stride = 1u << aligned_log_base_2_of_page_size;
        return interleaved_addr_gen::page_address<DRAM>(bank_base_address, stride, id, offset, noc);
    }
};

template <bool DRAM>
struct InterleavedPow2AddrGenFast : InterleavedPow2AddrGen<DRAM> {
    void noc_async_read_partial_page(uint32_t id, uint32_t target, uint32_t size, uint32_t offset,
                                     uint8_t noc = tthal::default_noc()) const {
        noc_async_read(this->get_noc_addr(id, offset, noc), target, size, noc);
    }
    void noc_async_read_page(uint32_t id, uint32_t target, uint32_t offset = 0,
                             uint8_t noc = tthal::default_noc()) const {
        noc_async_read_partial_page(id, target, 1u << this->aligned_log_base_2_of_page_size, offset, noc);
    }
    void noc_async_write_page(uint32_t id, uint32_t source, uint32_t size, uint32_t offset = 0,
                              uint8_t noc = tthal::default_noc()) const {
        noc_async_write(source, this->get_noc_addr(id, offset, noc), size, noc);
    }
};

template <bool DRAM, uint32_t tile_hw = 1024>
struct InterleavedAddrGenFast {
    uint32_t bank_base_address;
    uint32_t page_size;
    DataFormat data_format;

    uint64_t get_noc_addr(uint32_t id, uint32_t offset = 0, uint8_t noc = tthal::default_noc()) const {
        const uint32_t stride = interleaved_addr_gen::get_aligned_page_size<DRAM>(page_size);
        return interleaved_addr_gen::page_address<DRAM>(bank_base_address, stride, id, offset, noc);
    }

    void noc_async_read_tile(uint32_t id, uint32_t target, uint32_t offset = 0,
                             uint8_t noc = tthal::default_noc()) const {
        noc_async_read(get_noc_addr(id, offset, noc), target, page_size, noc);
    }
    void noc_async_write_tile(uint32_t id, uint32_t source, uint8_t noc = tthal::default_noc()) const {
        noc_async_write(source, get_noc_addr(id, 0, noc), page_size, noc);
    }
};

// What an address generator offers, for templates that take several kinds.
template <typename T>
inline constexpr bool has_get_noc_addr_v = requires(const T& generator) { generator.get_noc_addr(0u, 0u, uint8_t{0}); };
template <typename T>
inline constexpr bool has_page_size_v = requires(const T& generator) { generator.page_size; };
template <typename T>
inline constexpr bool has_get_aligned_page_size_v = requires(const T& generator) { generator.get_aligned_page_size(); };
template <typename T>
inline constexpr bool has_log_base_2_of_page_size_v =
    requires(const T& generator) { generator.log_base_2_of_page_size; };
template <typename T>
inline constexpr bool has_required_addrgen_traits_v =
    has_get_noc_addr_v<T> && (has_get_aligned_page_size_v<T> || has_page_size_v<T> || has_log_base_2_of_page_size_v<T>);

template <bool DRAM, uint32_t page_size>
inline auto get_interleaved_addr_gen(uint32_t base) {
    if constexpr (is_power_of_2(page_size))
        return InterleavedPow2AddrGen<DRAM>{.bank_base_address = base,
                                            .log_base_2_of_page_size = __builtin_ctz(page_size)};
    else return InterleavedAddrGen<DRAM>{.bank_base_address = base, .page_size = page_size};
}

template <bool DRAM, bool is_size_pow2>
inline auto get_interleaved_addr_gen(uint32_t base, uint32_t page_size, uint32_t log2_page_size) {
    if constexpr (is_size_pow2)
        return InterleavedPow2AddrGen<DRAM>{.bank_base_address = base, .log_base_2_of_page_size = log2_page_size};
    else return InterleavedAddrGen<DRAM>{.bank_base_address = base, .page_size = page_size};
}

// `size` is the page size, or its logarithm when it is a power of two.
template <bool DRAM, bool is_size_pow2>
inline auto get_interleaved_addr_gen(uint32_t base, uint32_t size) {
    return get_interleaved_addr_gen<DRAM, is_size_pow2>(base, size, size);
}

template <typename AddrGen>
    requires requires(const AddrGen& generator) { generator.get_noc_addr(0u); }
inline uint64_t get_noc_addr(uint32_t id, const AddrGen& generator, uint32_t offset = 0,
                             uint8_t noc = tthal::default_noc()) {
    return generator.get_noc_addr(id, offset, noc);
}

inline uint64_t get_dram_noc_addr(uint32_t id, uint32_t page_size, uint32_t base, uint32_t offset = 0,
                                  uint8_t noc = tthal::default_noc()) {
    const uint32_t stride = interleaved_addr_gen::get_aligned_page_size<true>(page_size);
    return interleaved_addr_gen::page_address<true>(base, stride, id, offset, noc);
}

inline uint64_t get_l1_noc_addr(uint32_t id, uint32_t page_size, uint32_t base, uint32_t offset = 0,
                                uint8_t noc = tthal::default_noc()) {
    const uint32_t stride = interleaved_addr_gen::get_aligned_page_size<false>(page_size);
    return interleaved_addr_gen::page_address<false>(base, stride, id, offset, noc);
}

inline bool is_l1_address(uint64_t address) { return (address & 0xFFFFFFFF) < tthal::processor().l1_size; }

namespace tthal {

constexpr uint64_t LOCAL_ADDRESS_MASK = (uint64_t{1} << NOC_ADDR_LOCAL_BITS) - 1;

inline bool is_local_core(uint32_t x, uint32_t y, uint8_t noc = default_noc()) {
    return x == processor().my_x[noc] && y == processor().my_y[noc];
}

inline bool is_local_address(uint64_t address, uint8_t noc = default_noc()) {
    return is_local_core(address >> NOC_ADDR_LOCAL_BITS & 0x3F, address >> (NOC_ADDR_LOCAL_BITS + 6) & 0x3F, noc);
}

// The L1 address that a NoC address leads to, on this very core.
inline uint32_t local_address(uint64_t address, uint8_t noc = default_noc()) {
    if (!is_local_address(address, noc)) misuse(Misuse::NOT_LOCAL, address >> 32, address);
    return static_cast<uint32_t>(address & LOCAL_ADDRESS_MASK);
}

}  // namespace tthal
