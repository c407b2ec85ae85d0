// Functions that the library exports but its headers do not declare. All are weak: a library without one only loses
// what it is used for (TTM_NOT_IN_LIBRARY). The names are mangled because the classes are private to the vendor.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

namespace internals {

// detail::ProgramImpl::compile(IDevice*, bool): compile now, not at the first launch, so that errors come from load.
void program_compile(void* program, void* device,
                     bool force_slow_dispatch) asm("_ZN2tt8tt_metal6detail11ProgramImpl7compileEPNS0_7IDeviceEb")
    __attribute__((weak));

// detail::ProgramImpl::add_semaphore(CoreRangeSet const&, unsigned int id, unsigned int initial value, CoreType)
void add_semaphore(void* program, const void* core_range_set, unsigned id, unsigned initial_value, int core_type) asm(
    "_ZN2tt8tt_metal6detail11ProgramImpl13add_semaphoreERKNS0_12CoreRangeSetEjjNS_8CoreTypeE") __attribute__((weak));

// detail::ProgramImpl::allocate_circular_buffers(IDevice const*) and validate_circular_buffer_region(IDevice const*)
void allocate_circular_buffers(void* program, const void* device) asm(
    "_ZN2tt8tt_metal6detail11ProgramImpl25allocate_circular_buffersEPKNS0_7IDeviceE") __attribute__((weak));
void validate_circular_buffer_region(void* program, const void* device) asm(
    "_ZN2tt8tt_metal6detail11ProgramImpl31validate_circular_buffer_regionEPKNS0_7IDeviceE") __attribute__((weak));

// detail::ProgramImpl::get_circular_buffer(unsigned long) const and CircularBufferImpl::address() const
std::shared_ptr<void> get_circular_buffer(const void* program, unsigned long handle) asm(
    "_ZNK2tt8tt_metal6detail11ProgramImpl19get_circular_bufferEm") __attribute__((weak));
uint32_t circular_buffer_address(const void* circular_buffer) asm("_ZNK2tt8tt_metal18CircularBufferImpl7addressEv")
    __attribute__((weak));

// MetalContext::instance(ContextId) -> get_cluster() -> Cluster::get_soc_desc(int) const ->
// metal_SocDescriptor::get_preferred_worker_core_for_dram_view(int, uint8_t) const: what the firmware's bank tables hold
struct Coordinate {
    std::size_t x, y;
};
void* metal_context(int context) asm("_ZN2tt8tt_metal12MetalContext8instanceEN4ttsl10StrongTypeIiNS0_12ContextIdTagEEE")
    __attribute__((weak));
void* cluster(void* metal_context) asm("_ZN2tt8tt_metal12MetalContext11get_clusterEv") __attribute__((weak));
const void* soc_descriptor(const void* cluster, int chip) asm("_ZNK2tt7Cluster12get_soc_descEi") __attribute__((weak));
Coordinate dram_endpoint(const void* soc_descriptor, int view,
                         uint8_t noc) asm("_ZNK19metal_SocDescriptor39get_preferred_worker_core_for_dram_viewEih")
    __attribute__((weak));

}  // namespace internals
