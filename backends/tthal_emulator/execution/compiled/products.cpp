// Matrix products: kernels hand them in and go on, other threads do them. Each has a line of its own, in which it does
// the products of some cores in the order in which they came; so those of one kernel stay in order. The thread of the
// kernels does them itself when there is no other, when the other lags behind, or when somebody needs the result at once.
// Nobody can tell who did a product: a kernel touches its DST only after all of its products are done.
#include "multiply/product.h"
#include "compiled.h"

namespace tthal {
namespace {

typedef float Tile[ELEMENTS];

constexpr uint32_t JOBS = 128, ARENA_SIZE = 512 << 10, LAGGING = 128 << 10;
constexpr uint32_t LINE = 64;
constexpr uint32_t IDLE_LOOKS = 4096;  // how often the worker looks for more before it goes to sleep
// Some microseconds of looking: where kernels bring products more slowly, as under checks, it lets them gather.
constexpr uint32_t LOOKS = 128, NAP = 50;

struct Job {
    Product product;
    uint32_t arena_end;  // where its copy of the operands ends
};

// How far a line has come: products since the device was opened, and bytes of their operands. Both run on and on.
struct Progress {
    uint32_t products, bytes;
};

// A ring of jobs and one of their operands. `added` belongs to the thread of the kernels, `done` to whoever is `busy`;
// `seen_done` is the kernels' last look at it, because each look fetches it from the other thread.
struct Workspace {
    alignas(LINE) uint32_t added;
    uint32_t added_bytes;
    Progress seen_done;
    alignas(LINE) uint64_t done;  // a Progress, changed at once
    alignas(LINE) uint8_t busy;
    alignas(LINE) uint8_t awake;
    alignas(LINE) Job jobs[JOBS];
    alignas(LINE) uint8_t scratch[SCRATCH_SIZE],
        own_scratch[SCRATCH_SIZE];  // of whoever is busy, and of the kernels' thread
    alignas(LINE) uint8_t arena[ARENA_SIZE];
};
static_assert(sizeof(Workspace) <= TTHAL_WORKSPACE_SIZE);

Workspace& workspace_at(const tthal_launch& launch, uint32_t line) {
    return *reinterpret_cast<Workspace*>(launch.workspace + line * uint64_t(TTHAL_WORKSPACE_SIZE));
}

uint32_t line_of(const tthal_launch& launch, const tthal_kernel& kernel) { return kernel.core % launch.line_count; }

Workspace& workspace_of(const tthal_launch& launch, const tthal_kernel& kernel) {
    return workspace_at(launch, line_of(launch, kernel));
}

template <typename T>
T acquire(const T& value) {
    return __atomic_load_n(&value, __ATOMIC_ACQUIRE);
}
template <typename T>
void release(T& place, T value) {
    __atomic_store_n(&place, value, __ATOMIC_RELEASE);
}

void relax() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

Progress look(Workspace& space) {
    const uint64_t done = acquire(space.done);
    return space.seen_done = {static_cast<uint32_t>(done), static_cast<uint32_t>(done >> 32)};
}

bool is_done(Workspace& space, const tthal_kernel& kernel) {
    const auto reached = [&](const Progress& done) {
        return static_cast<int32_t>(done.products - kernel.last_product) >= 0;
    };
    if (reached(space.seen_done) || reached(look(space))) return true;
    return space.seen_done.products == space.added;  // its latest one was so long ago that the count came around
}

// Does the oldest product, unless there is none or another thread is at it.
bool do_one(const tthal_launch& launch, Workspace& space) {
    if (acquire(space.added) == static_cast<uint32_t>(acquire(space.done))) return false;
    if (__atomic_exchange_n(&space.busy, 1, __ATOMIC_ACQUIRE)) return false;
    const uint32_t place = static_cast<uint32_t>(space.done);
    const bool found = acquire(space.added) != place;
    if (found) {
        const Job& job = space.jobs[place % JOBS];
        launch.multiply(&job.product, space.scratch);
        release(space.done, static_cast<uint64_t>(job.arena_end) << 32 | (place + 1));
    }
    release<uint8_t>(space.busy, 0);
    return found;
}

void wait_for_more(const tthal_launch& launch, uint32_t looks) {
    if (launch.sleep != nullptr && looks % LOOKS == LOOKS - 1) launch.sleep(NAP);
    else relax();
}

// Where the next job goes.
Job& free_job(const tthal_launch& launch, Workspace& space) {
    while (space.added - space.seen_done.products >= JOBS && space.added - look(space).products >= JOBS)
        if (!do_one(launch, space)) relax();
    return space.jobs[space.added % JOBS];
}

// Room for operands in the arena; a piece never wraps around.
bool find_room(const Workspace& space, uint32_t size, uint32_t& begin) {
    begin = space.added_bytes;
    if (begin % ARENA_SIZE + size > ARENA_SIZE) begin += ARENA_SIZE - begin % ARENA_SIZE;
    return begin + size - space.seen_done.bytes <= ARENA_SIZE;
}

bool lags(const Workspace& space, const Progress& done) { return space.added_bytes - done.bytes > LAGGING; }

void copy_tiles(const tthal_launch& launch, uint8_t* to, const uint8_t* from, uint32_t tiles, uint64_t stride,
                uint32_t bytes) {
    if (stride == bytes) launch.move(to, from, tiles * bytes);
    else
        for (uint32_t tile = 0; tile < tiles; tile++) launch.move(to + tile * bytes, from + tile * stride, bytes);
}

// The address of tile after tile in L1, or nothing when they do not all lie there.
const uint8_t* tiles_at(const tthal_kernel& kernel, uint32_t address, uint32_t tiles, uint64_t stride, uint32_t bytes) {
    const uint64_t end = address + (tiles - 1) * stride + bytes;
    return bytes != 0 && end <= kernel.l1_size ? kernel.l1 + address : nullptr;
}

// DST's tiles, which lie in the kernel's static data.
float* dst_at(const tthal_kernel& kernel, uint32_t address, uint32_t tiles) {
    const bool legal = address % 16 == 0 && address >= kernel.data_low && address <= kernel.data_end &&
                       kernel.data_end - address >= tiles * sizeof(Tile);
    return legal ? reinterpret_cast<float*>(kernel.memory + address) : nullptr;
}

bool read_arguments(const tthal_kernel& kernel, const RawValue* arguments, Product& product) {
    const ProductShape shape = ProductShape::unpacked(arguments[5].u32);
    const ProcessorBlock& block = block_of(kernel);
    product.exact = block.numerics & NUMERICS_EXACT;
    product.minus_one_quirk = block.numerics & NUMERICS_MINUS_ONE_QUIRK;
    product.stride0 = arguments[1].u32;
    product.stride1 = arguments[3].u32;
    product.format0 = shape.format0;
    product.format1 = shape.format1;
    product.rows = shape.rows;
    product.columns = shape.columns;
    product.transpose = shape.transpose;
    product.is_32_bit = block.fp32_dest != 0;
    product.fidelity = block.math_fidelity;
    // The fast grade's code knows the formats that SIMD inside kernels knows.
    const bool known = product.exact || (is_simd(product.format0) && is_simd(product.format1));
    if (!known || product.rows == 0 || product.columns == 0 || product.rows * product.columns > MOST_TILES)
        return false;
    product.in0 = tiles_at(kernel, arguments[0].u32, product.rows, product.stride0, bytes_of(product.format0));
    product.in1 = tiles_at(kernel, arguments[2].u32, product.columns, product.stride1, bytes_of(product.format1));
    product.dst = dst_at(kernel, arguments[4].u32, product.rows * product.columns);
    return product.in0 != nullptr && product.in1 != nullptr && product.dst != nullptr;
}

// Fetches lines that the other thread has read, so that the next product's operands need not wait for them. Past the end
// of the arena this does nothing.
void own_soon(const uint8_t* place, uint32_t size) {
#if defined(__x86_64__)
    for (uint32_t at = 0; at < size; at += LINE) asm volatile("prefetchw %0" : : "m"(place[at]));
#endif
}

// Copies the operands, so that the kernel may give their pages away, and leaves the product, which stands where the next
// job goes, to whoever comes first.
void add(const tthal_launch& launch, tthal_kernel& kernel, Workspace& space, Product& product) {
    const uint32_t bytes0 = bytes_of(product.format0), bytes1 = bytes_of(product.format1);
    const uint32_t size0 = product.rows * bytes0, size = size0 + product.columns * bytes1;
    const bool at_once = launch.wake_worker == nullptr || (lags(space, space.seen_done) && lags(space, look(space)));
    if (at_once && is_done(space, kernel)) return launch.multiply(&product, space.own_scratch);
    uint32_t begin;
    while (!find_room(space, size, begin)) {
        if (!do_one(launch, space)) relax();
        look(space);
    }
    uint8_t* const operands = space.arena + begin % ARENA_SIZE;
    copy_tiles(launch, operands, product.in0, product.rows, product.stride0, bytes0);
    copy_tiles(launch, operands + size0, product.in1, product.columns, product.stride1, bytes1);
    product.in0 = operands;
    product.in1 = operands + size0;
    product.stride0 = bytes0;
    product.stride1 = bytes1;
    space.added_bytes = begin + (size + LINE - 1) / LINE * LINE;
    space.jobs[space.added % JOBS].arena_end = space.added_bytes;
    release(space.added, kernel.last_product = space.added + 1);
    own_soon(space.arena + space.added_bytes % ARENA_SIZE, size);
    // That the worker goes to sleep at this very moment may be missed: the next product wakes it, or this thread does it.
    if (!acquire(space.awake) && !__atomic_exchange_n(&space.awake, 1, __ATOMIC_ACQ_REL))
        launch.wake_worker[line_of(launch, kernel)]();
}

}  // namespace

void forget_products(const tthal_launch& launch, tthal_kernel& kernel) {
    kernel.last_product = workspace_of(launch, kernel).added;
}

void finish_products(const tthal_launch& launch, const tthal_kernel& kernel) {
    Workspace& space = workspace_of(launch, kernel);
    while (!is_done(space, kernel))
        if (!do_one(launch, space)) relax();
}

}  // namespace tthal

using namespace tthal;

// The share of a line's worker: returns when there has been nothing to do for a while. `wake_worker` makes somebody call it
// again.
extern "C" void tthal_work(tthal_launch* launch, uint32_t line) {
    Workspace& space = workspace_at(*launch, line);
    for (;;) {
        for (uint32_t looks = 0; looks < IDLE_LOOKS; looks++) {
            if (do_one(*launch, space)) looks = 0;
            else wait_for_more(*launch, looks);
        }
        release<uint8_t>(space.awake, 0);
        const bool idle = acquire(space.added) == static_cast<uint32_t>(acquire(space.done));
        if (idle || __atomic_exchange_n(&space.awake, 1, __ATOMIC_ACQ_REL)) return;
    }
}

// Does all products that are left.
extern "C" void tthal_finish(tthal_launch* launch) {
    for (uint32_t line = 0; line < launch->line_count; line++) {
        Workspace& space = workspace_at(*launch, line);
        while (look(space).products != space.added || acquire(space.busy))
            if (!do_one(*launch, space)) relax();
    }
}

// The host function `matmul`, see tthal_host_matmul.
extern "C" void* tthal_matmul(void* env, void* caller, void* values, size_t count) {
    tthal_launch& launch = *static_cast<tthal_launch*>(env);
    tthal_processor& processor = caller_of(launch, caller);
    processor.called = true;
    if (processor.kernel == nullptr || launch.multiply == nullptr)
        return launch.matmul_on_host(env, caller, values, count);
    Workspace& space = workspace_of(launch, *processor.kernel);
    Product& product = free_job(launch, space).product;
    if (!read_arguments(*processor.kernel, static_cast<RawValue*>(values), product))
        return launch.matmul_on_host(env, caller, values, count);
    launch.moved += PRODUCT_AS_MOVED * product.rows * product.columns;
    add(launch, *processor.kernel, space, product);
    return nullptr;
}
