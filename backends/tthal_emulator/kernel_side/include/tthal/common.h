// What both kinds of kernels see: arguments, geometry constants, enumerations, coordinates (device-api.md §4, §5).
#pragma once

#include "tthal/border/abi.h"
#include "tthal/language/attributes.h"
#include "tthal/language/compile_time_args.h"
#include "tthal/border/formats.h"
#include "tthal/dataflow/noc_semaphores.h"

typedef unsigned int uint;

// ---- runtime arguments

namespace tthal {

// Lists lie one behind the other, as on a card: where no kernel has arguments of its own, the common ones are in their
// place, and public kernels read them so. A kernel that has some may not run on into those behind them.
inline bool is_common_runtime_arg(int index) {
    const uint32_t past = processor().runtime_args + 4 * index - processor().common_runtime_args;
    return processor().runtime_arg_count == 0 && past < 4 * processor().common_runtime_arg_count;
}

inline uint32_t runtime_arg(int index) {
    if (static_cast<uint32_t>(index) >= processor().runtime_arg_count && !is_common_runtime_arg(index))
        misuse(Misuse::RUNTIME_ARG, index, processor().runtime_arg_count);
    return reinterpret_cast<const uint32_t*>(processor().runtime_args)[index];
}

inline uint32_t common_runtime_arg(int index) {
    if (static_cast<uint32_t>(index) >= processor().common_runtime_arg_count)
        misuse(Misuse::COMMON_RUNTIME_ARG, index, processor().common_runtime_arg_count);
    return reinterpret_cast<const uint32_t*>(processor().common_runtime_args)[index];
}

template <typename T>
inline T from_word(uint32_t word) {
    static_assert(sizeof(T) == sizeof(uint32_t), "runtime arguments are 32-bit words");
    return __builtin_bit_cast(T, word);
}

}  // namespace tthal

inline uintptr_t get_arg_addr(int index) { return tthal::processor().runtime_args + 4 * index; }
inline uintptr_t get_common_arg_addr(int index) { return tthal::processor().common_runtime_args + 4 * index; }

template <typename T>
inline T get_arg_val(int index) {
    return tthal::from_word<T>(tthal::runtime_arg(index));
}

template <typename T>
inline T get_common_arg_val(int index) {
    return tthal::from_word<T>(tthal::common_runtime_arg(index));
}

// ---- where the kernel runs; virtual coordinates are the same on both NoCs

inline uint8_t (&my_x)[2] = tthal::processor().my_x;
inline uint8_t (&my_y)[2] = tthal::processor().my_y;

inline uint8_t get_absolute_logical_x() { return tthal::processor().my_logical_x; }
inline uint8_t get_absolute_logical_y() { return tthal::processor().my_logical_y; }
// Counted from the origin of the kernel's sub-device.
inline uint8_t get_relative_logical_x() { return tthal::processor().my_relative_x; }
inline uint8_t get_relative_logical_y() { return tthal::processor().my_relative_y; }

// The virtual coordinate of a worker; both axes are looked up by themselves.
struct coord_t {
    uint8_t x, y;
};
inline coord_t get_virtual_coord_from_worker_logical_coord(uint8_t x, uint8_t y) {
    return {tthal::processor().logical_to_virtual_x[x], tthal::processor().logical_to_virtual_y[y]};
}

// A good moment to let the others run: kernels call it while they poll.
inline void invalidate_l1_cache() { tthal::wait_until_changed(tthal::Wait::YIELD, 0, 0); }

// ---- geometry and flags (tt-metalium/constants.hpp, hostdevcommon/common_values.hpp)

namespace tt::constants {
constexpr uint32_t TILE_HEIGHT = 32, TILE_WIDTH = 32, TILE_HW = TILE_HEIGHT * TILE_WIDTH;
constexpr uint32_t FACE_HEIGHT = 16, FACE_WIDTH = 16, FACE_HW = FACE_HEIGHT * FACE_WIDTH;
}  // namespace tt::constants

constexpr uint32_t INVALID = 0, VALID = 1;

#if defined(ARCH_BLACKHOLE)
constexpr uint32_t NUM_CIRCULAR_BUFFERS = 64;
#else
constexpr uint32_t NUM_CIRCULAR_BUFFERS = 32;
#endif

namespace tt {

#define TTHAL_CB_INDICES(X) \
    X(0) \
    X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) X(20) \
        X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31) X(32) X(33) X(34) X(35) X(36) X(37) X(38) \
            X(39) X(40) X(41) X(42) X(43) X(44) X(45) X(46) X(47) X(48) X(49) X(50) X(51) X(52) X(53) X(54) X(55) \
                X(56) X(57) X(58) X(59) X(60) X(61) X(62) X(63)
#define TTHAL_CB_INDEX(i) c_##i = i,
enum CBIndex : uint8_t { TTHAL_CB_INDICES(TTHAL_CB_INDEX) SIZE = 64 };
#undef TTHAL_CB_INDEX
#undef TTHAL_CB_INDICES

// The older names: inputs from 0, dataflow from 8, outputs from 16, intermediates from 24.
enum CB : uint8_t {
    c_in0 = 0,
    c_in1,
    c_in2,
    c_in3,
    c_in4,
    c_in5,
    c_in6,
    c_in7,
    dataflow0 = 8,
    dataflow1,
    dataflow2,
    dataflow3,
    dataflow4,
    dataflow5,
    dataflow6,
    dataflow7,
    c_out0 = 16,
    c_out1,
    c_out2,
    c_out3,
    c_out4,
    c_out5,
    c_out6,
    c_out7,
    c_intermed0 = 24,
    c_intermed1,
    c_intermed2,
    c_intermed3,
    c_intermed4,
    c_intermed5,
    c_intermed6,
    c_intermed7,
};

}  // namespace tt

// ---- what a circular buffer index holds; constant expressions in kernels

template <typename Program = tthal_program>
constexpr DataFormat get_dataformat(int32_t cb_id) {
    return static_cast<DataFormat>(Program::data_format[cb_id]);
}

// A card answers for any index; observers hear of one that no circular buffer of the program has.
template <typename Program = tthal_program>
__attribute__((always_inline)) constexpr int32_t get_tile_size(int32_t cb_id) {
    if (!__builtin_is_constant_evaluated() && get_dataformat<Program>(cb_id) == DataFormat::Invalid &&
        tthal::is_announced(tthal::MonitorEvent::CB_MISSING))
        tthal::announce(tthal::MonitorEvent::CB_MISSING, tthal::site(), cb_id);
    return Program::tile_size[cb_id];
}

template <typename Program = tthal_program>
constexpr uint32_t get_tile_hw(int32_t cb_id) {
    return Program::tile_hw[cb_id];
}

template <typename Program = tthal_program>
constexpr uint32_t get_tile_num_faces(int32_t cb_id) {
    return Program::tile_faces[cb_id];
}
