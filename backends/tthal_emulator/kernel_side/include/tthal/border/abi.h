// The border between kernels and the host: the processor block, the core's shared registers, and the host calls.
// backends/tthal_emulator/abi.py is the host's half; tests/emulator/test_abi.py compares the two.
#pragma once

#include <stddef.h>
#include <stdint.h>

// From sizes and addresses of circular buffers to bytes; the compute processor's are in units of 16 bytes.
#ifdef TTHAL_COMPUTE
constexpr uint32_t cb_addr_shift = 4;
#else
constexpr uint32_t cb_addr_shift = 0;
#endif

namespace tthal {

constexpr uint32_t MAX_CIRCULAR_BUFFERS = 64;
constexpr uint32_t MAX_DRAM_BANKS = 16;
constexpr uint32_t MAX_L1_BANKS = 160;
constexpr uint32_t MAX_GRID_AXIS = 32;
constexpr uint32_t NOC_QUEUE_CAPACITY = 128;
constexpr uint32_t ANY_TRANSACTION_ID = 0xFF;  // of a barrier for all of them
constexpr uint32_t PRINT_CAPACITY = 4096;
constexpr uint32_t MAILBOX_THREADS = 4;  // BRISC and the three compute threads
constexpr uint32_t MAILBOX_CAPACITY = 32;
constexpr uint32_t MAILBOX_DEPTH = 4;  // words that one sender may have under way

// What firmware keeps per circular buffer and processor; kernels read and write it through get_local_cb_interface. For its
// sizes and addresses see `cb_addr_shift`.
struct LocalCBInterface {
    uint32_t fifo_size;
    uint32_t fifo_limit;  // one past the last byte
    uint32_t fifo_page_size;
    uint32_t fifo_num_pages;
    uint32_t fifo_rd_ptr;
    uint32_t fifo_wr_ptr;
    union {
        uint32_t tiles_acked_received_init;
        struct {
            uint16_t tiles_acked;
            uint16_t tiles_received;
        };
    };
    uint32_t fifo_wr_tile_ptr;  // pages that pack_tile wrote since the last push_back
};

enum class NocOperation : uint8_t {
    READ,              // remote -> local, `size` bytes
    WRITE,             // local -> remote, `size` bytes
    WRITE_MULTICAST,   // local -> every core of a rectangle
    WRITE_INLINE,      // the 32-bit `value` -> remote, byte enables in `extra`
    INLINE_MULTICAST,  // the same to every core of a rectangle, `size` destinations
    ATOMIC_INCREMENT,  // remote += value, wrapping after `size` bits
    ATOMIC_MULTICAST,  // the same on every core of a rectangle, `extra` destinations
    READ_BARRIER = 16,
    WRITE_BARRIER,
    WRITE_FLUSH,
    POSTED_FLUSH,
    ATOMIC_BARRIER,
};

enum NocFlag : uint8_t {
    NOC_FLAG_POSTED = 1,
    NOC_FLAG_INCLUDE_SOURCE = 2,
    NOC_FLAG_LINKED = 4,
    NOC_FLAG_EXCLUDE = 8,  // `extra` is the region that a multicast leaves out, see get_noc_exclude_region
};

struct NocTransfer {
    NocOperation operation;
    uint8_t noc;
    uint8_t flags;
    uint8_t transaction_id;
    uint32_t local;    // L1 address
    uint64_t remote;   // NoC address: [35:0] address, [41:36] x, [47:42] y; multicast [59:48] is the start corner
    uint32_t size;
    uint32_t value;    // inline value, increment, number of multicast destinations
    uint32_t extra;    // byte enables, exclude region, number of atomic multicast destinations
    uint32_t reserved;
};

// What a circular buffer index holds, for the unpackers and packers.
struct TileFormat {
    uint8_t format;      // DataFormat code, 255 = not configured
    uint8_t rows, columns;
    uint8_t unpack_to_dest;
    uint32_t bytes;      // of one tile
};

// Which grade of numbers a kernel computes, and on which chip.
enum NumericsFlag : uint8_t { NUMERICS_EXACT = 1, NUMERICS_BLACKHOLE = 2 };

// The private parameters of one processor: written by the host before a launch.
struct ProcessorBlock {
    uint32_t runtime_args;         // L1 address of the unique arguments
    uint32_t common_runtime_args;  // L1 address of the common arguments
    uint32_t runtime_arg_count;
    uint32_t common_runtime_arg_count;
    uint32_t semaphores;  // L1 address of semaphore 0; the others follow every 16 bytes
    uint8_t my_x[2], my_y[2];
    uint8_t my_logical_x, my_logical_y, my_relative_x, my_relative_y;
    uint32_t l1_size;
    uint32_t noc_queue_count;
    uint32_t print_count;
    uint8_t math_fidelity;  // the vendor's code: 0, 2, 3, 4
    uint8_t fp32_dest, dst_full_sync, math_on_host;
    uint8_t math_approximate, bfp8_pack_precise, noc_index;
    uint8_t numerics;  // NumericsFlag
    uint32_t noc_outstanding;  // transfers that left the queue but have not taken effect
    uint32_t waypoint;  // up to four letters, the last WAYPOINT that the kernel passed
    uint32_t in_buffers[2];  // a bit per circular buffer that lies in a buffer's memory
    // offset 0x40
    uint16_t dram_bank_xy[2][MAX_DRAM_BANKS];  // [noc][bank], y << 6 | x
    int32_t dram_bank_offset[MAX_DRAM_BANKS];
    uint16_t l1_bank_xy[2][MAX_L1_BANKS];
    int32_t l1_bank_offset[MAX_L1_BANKS];
    uint8_t logical_to_virtual_x[MAX_GRID_AXIS];
    uint8_t logical_to_virtual_y[MAX_GRID_AXIS];
    // offset 0x600
    TileFormat tiles[MAX_CIRCULAR_BUFFERS];
    uint8_t padding[0x800 - 0x600 - 8 * MAX_CIRCULAR_BUFFERS];
    // offset 0x800
    LocalCBInterface circular_buffers[MAX_CIRCULAR_BUFFERS];
    // offset 0x1000
    NocTransfer noc_queue[NOC_QUEUE_CAPACITY];
    // offset 0x2000
    char print[PRINT_CAPACITY];
};

// The stream registers that all processors of a core share.
struct CircularBufferCounters {
    uint32_t received;
    uint32_t acked;
};

// Queues of words between the threads that have mailboxes: [sender][receiver].
struct Mailboxes {
    uint32_t written[MAILBOX_THREADS][MAILBOX_THREADS];
    uint32_t taken[MAILBOX_THREADS][MAILBOX_THREADS];
    uint32_t words[MAILBOX_THREADS][MAILBOX_THREADS][MAILBOX_CAPACITY];
};

struct CoreRegisters {
    CircularBufferCounters circular_buffers[MAX_CIRCULAR_BUFFERS];
    Mailboxes mailboxes;
};

// The compiler is told where they lie: compiler/flags.py, from engine/memory_map.py.
inline ProcessorBlock& processor() { return *reinterpret_cast<ProcessorBlock*>(TTHAL_BLOCK_BASE); }
inline CoreRegisters& core_registers() { return *reinterpret_cast<CoreRegisters*>(TTHAL_REGISTERS_BASE); }

static_assert(sizeof(LocalCBInterface) == 32 && sizeof(NocTransfer) == 32 && sizeof(TileFormat) == 8);
static_assert(offsetof(ProcessorBlock, dram_bank_xy) == 0x40);
static_assert(offsetof(ProcessorBlock, tiles) == 0x600);
static_assert(offsetof(ProcessorBlock, circular_buffers) == 0x800);
static_assert(offsetof(ProcessorBlock, noc_queue) == 0x1000);
static_assert(offsetof(ProcessorBlock, print) == 0x2000);
static_assert(offsetof(CoreRegisters, mailboxes) == 8 * MAX_CIRCULAR_BUFFERS);
static_assert(sizeof(ProcessorBlock) <= TTHAL_BLOCK_SIZE && sizeof(CoreRegisters) <= TTHAL_REGISTERS_SIZE);

// Why a processor gives up the core until something changes.
enum class Wait : uint32_t {
    CB_PAGES,          // a = circular buffer, b = pages that must be there
    CB_SPACE,          // a = circular buffer, b = pages that must be free
    SEMAPHORE_EQUAL,   // a = L1 address, b = value
    SEMAPHORE_AT_LEAST,
    YIELD,             // let the others run
    MAILBOX_WORD,      // a = sender, b = receiver
    MAILBOX_ROOM,      // a = sender
    PRODUCTS,          // until the matrix products of this kernel are in its DST
};

// What a kernel may be told off for: the host makes the message.
enum class Misuse : uint32_t {
    CB_INDEX,        // a = index
    CB_TOO_MANY,     // a = index, b = pages asked for
    CB_OVER_PUSH,    // a = index, b = pages pushed
    CB_OVER_POP,     // a = index, b = pages popped
    RUNTIME_ARG,     // a = index, b = count
    COMMON_RUNTIME_ARG,
    DST_STATE,       // a = the call, b = the state it was in
    DST_INDEX,       // a = index, b = capacity
    TILE_FORMAT,     // a = circular buffer, b = format code
    NOC_TOO_LARGE,   // a = size, b = largest
    ASSERTION,       // a = line
    SHARD_PAGE,      // a = page, b = pages of the tensor
    TRANSACTION_ID,  // a = id
    NOT_LOCAL,       // a, b = NoC address
    NOC_REGISTER,    // a = register, b = value
    MAILBOX_EMPTY,   // a = sender, b = receiver
    MAILBOX_FULL,    // a = sender, b = receiver
    MAILBOX_THREAD,  // a = thread
    THREADS,         // a = ThreadTrouble, b = semaphore or value
    FORMAT_SETUP = 32,  // a = circular buffer, b = unit (SrcA, SrcB, packer) | the format it is set up for << 8
};

#ifdef __wasm__
#define TTHAL_HOST(name) extern "C" __attribute__((import_module("tt"), import_name(#name)))
TTHAL_HOST(wait) void tthal_host_wait(uint32_t kind, uint32_t a, uint32_t b);
TTHAL_HOST(noc) void tthal_host_noc(uint32_t reason);
TTHAL_HOST(print) void tthal_host_print(uint32_t address, uint32_t size);
TTHAL_HOST(misuse) void tthal_host_misuse(uint32_t what, uint32_t a, uint32_t b);
TTHAL_HOST(tile) void tthal_host_tile(uint32_t operation, uint32_t dst, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e, uint32_t f);
// dst += in0 * in1: 32x32 tiles in L1, `stride` bytes apart. shape: formats of in0 and in1 (5 bits each), rows and columns
// of tiles (5 bits each), whether in1 is transposed.
TTHAL_HOST(matmul) void tthal_host_matmul(uint32_t in0, uint32_t stride0, uint32_t in1, uint32_t stride1, uint32_t* dst, uint32_t shape);
#undef TTHAL_HOST

inline void compiler_barrier() { asm volatile("" ::: "memory"); }

[[noreturn]] inline void misuse(Misuse what, uint32_t a = 0, uint32_t b = 0) {
    tthal_host_misuse(static_cast<uint32_t>(what), a, b);
    __builtin_trap();
}
#endif

}  // namespace tthal
