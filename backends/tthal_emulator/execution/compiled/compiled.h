// What the sources of the compiled part share.
#pragma once

#include "tthal/border/abi.h"

extern "C" {
#include "interface.h"
}

namespace tthal {

constexpr uint32_t NONE = ~0u;

// Values as libwasmtime passes them: untyped 16 bytes each to synchronous functions, typed ones to asynchronous ones.
struct RawValue {
    alignas(8) uint32_t u32;
    uint8_t rest[12];
};
struct TypedValue {
    uint8_t kind;
    alignas(8) uint32_t u32;
    uint8_t rest[20];
};
struct Continuation {
    bool (*callback)(void* env);
    void* env;
    void (*finalizer)(void* env);
};
static_assert(sizeof(RawValue) == 16 && sizeof(TypedValue) == 32);

inline tthal_processor& caller_of(const tthal_launch& launch, void* caller) {
    return *static_cast<tthal_processor*>(launch.data_of(launch.context_of(caller)));
}

// The kernel's own memory: read with care, it may hold anything.
inline ProcessorBlock& block_of(const tthal_kernel& kernel) { return *reinterpret_cast<ProcessorBlock*>(kernel.block); }

inline Monitor& monitor_of(const tthal_kernel& kernel) { return *reinterpret_cast<Monitor*>(kernel.monitor); }

// Takes what an observed kernel announced since the last time; what compiled code itself has to announce follows.
void collect_records(tthal_launch& launch, const tthal_kernel& kernel);
void announce(tthal_launch& launch, const tthal_kernel& kernel, MonitorEvent event, uint32_t id, uint32_t local = 0,
              uint32_t value = 0);
void announce(tthal_launch& launch, const tthal_kernel& kernel, MonitorEvent event, const NocTransfer& transfer);

// So many bytes take some 10 ms. What moves them lets Python look at the clock then.
constexpr uint64_t MOST_MOVED = 64 << 20;
// A product of two tiles takes as long as moving so many bytes.
constexpr uint64_t PRODUCT_AS_MOVED = 64 << 10;

// ---- turns

bool may_go_on(const tthal_launch& launch, const tthal_kernel& kernel);
inline bool is_unsettled(const tthal_kernel& kernel) { return kernel.held || block_of(kernel).noc_queue_count != 0; }

// ---- orders

inline bool is_exploring(const tthal_launch& launch) {
    return launch.order.strategy != static_cast<uint32_t>(Strategy::DEFAULT);
}

void begin_order(tthal_launch& launch, const uint32_t* kernels, uint32_t count);

// Different sets of arrivals that are worth a try at one step; there are more.
constexpr uint32_t ARRIVALS = 4;

// What is decided at the next step, where there are so many choices; 0 is the default.
uint32_t decide(tthal_launch& launch, Decision kind, uint32_t kernel, uint32_t choices);

// A kernel is about to do what others can see.
void switch_point(tthal_launch& launch, tthal_kernel& kernel, uint32_t event, uint32_t place);

// ---- products

// A new kernel has no products.
void forget_products(const tthal_launch& launch, tthal_kernel& kernel);

// Waits until all matrix products of a kernel are in its DST.
void finish_products(const tthal_launch& launch, const tthal_kernel& kernel);

}  // namespace tthal
