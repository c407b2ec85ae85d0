// Devices: opening and closing, what they are, raw memory.
#include <signal.h>

#include <array>
#include <mutex>
#include <set>

#include "guard.hpp"

using namespace guard;
using vendor::BufferType;
using vendor::CoreCoord;

// A second unit mesh on an open chip succeeds and the later close throws, so ids are kept apart here.
static std::mutex open_mutex;
static std::set<int32_t> open_ids;

// Opening a device starts OpenMPI, which takes SIGABRT, SIGBUS, SIGFPE and SIGSEGV for itself. They are given back: a
// debugger, faulthandler or another runtime in this process (wasmtime needs SIGSEGV) was there first.
class KeptSignalHandlers {
public:
    KeptSignalHandlers() {
        for (int number = 1; number < kCount; number++) {
            sigaction(number, nullptr, &actions_[number]);
        }
    }
    ~KeptSignalHandlers() {
        for (int number = 1; number < kCount; number++) {
            if (number != SIGKILL && number != SIGSTOP) {
                sigaction(number, &actions_[number], nullptr);
            }
        }
    }

private:
    static constexpr int kCount = 32;
    std::array<struct sigaction, kCount> actions_{};
};

TTM_API int ttm_device_open(const ttm_device_config* config, ttm_device** device) {
    return call([&] {
        std::lock_guard<std::mutex> lock(open_mutex);
        require(open_ids.count(config->device_id) == 0, "the device is already open in this process");
        const KeptSignalHandlers kept;
        auto mesh = vendor::MeshDevice::create_unit_mesh(config->device_id, config->l1_small_size,
                                                         config->trace_region_size, config->num_queues,
                                                         vendor::DispatchCoreConfig{}, {}, config->worker_l1_size);
        *device = new ttm_device{std::move(mesh), config->device_id};
        open_ids.insert(config->device_id);
    });
}

TTM_API int ttm_device_close(ttm_device* device) {
    std::lock_guard<std::mutex> lock(open_mutex);
    open_ids.erase(device->id);
    int status = call([&] { device->mesh->close(); });
    int freed = call([&] { delete device; });
    return status != TTM_OK ? status : freed;
}

TTM_API int ttm_device_describe(ttm_device* device, ttm_device_info* info) {
    return call([&] {
        const auto& mesh = *device->mesh;
        const auto& allocator = *mesh.allocator();
        const auto grid = mesh.compute_with_storage_grid_size();
        info->arch = static_cast<int32_t>(mesh.arch());
        info->cluster_type = static_cast<int32_t>(vendor::GetClusterType());
        info->grid_x = static_cast<uint32_t>(grid.x);
        info->grid_y = static_cast<uint32_t>(grid.y);
        info->l1_size = static_cast<uint32_t>(mesh.l1_size_per_core());
        info->num_queues = mesh.num_hw_cqs();
        info->l1_banks = allocator.get_num_banks(BufferType::L1);
        info->dram_banks = allocator.get_num_banks(BufferType::DRAM);
        info->l1_base = allocator.get_base_allocator_addr(vendor::HalMemType::L1);
        info->dram_base = allocator.get_base_allocator_addr(vendor::HalMemType::DRAM);
        info->l1_bank_size = allocator.get_bank_size(BufferType::L1);
        info->dram_bank_size = allocator.get_bank_size(BufferType::DRAM);
        info->dram_size = mesh.dram_size_per_channel();
        info->l1_alignment = allocator.get_alignment(BufferType::L1);
        info->dram_alignment = allocator.get_alignment(BufferType::DRAM);
        info->max_circular_buffers = tt::tt_metal::hal::get_arch_num_circular_buffers();
        info->max_noc_burst = tt::tt_metal::hal::get_noc_max_burst_size_bytes();
    });
}

static ttm_core as_core(const CoreCoord& core) {
    return ttm_core{static_cast<uint32_t>(core.x), static_cast<uint32_t>(core.y)};
}

TTM_API int ttm_device_worker(ttm_device* device, ttm_core logical, ttm_core* virtual_core) {
    return call([&] {
        const CoreCoord core{logical.x, logical.y};
        *virtual_core = as_core(device->mesh->virtual_core_from_logical_core(core, vendor::CoreKind::WORKER));
    });
}

TTM_API int ttm_device_l1_bank(ttm_device* device, uint32_t bank, ttm_core* logical) {
    return call([&] { *logical = as_core(device->mesh->allocator()->get_logical_core_from_bank_id(bank)); });
}

static CoreCoord dram_endpoint(ttm_device* device, uint32_t bank, int noc) {
    using namespace internals;
    if (metal_context && cluster && soc_descriptor && internals::dram_endpoint) {
        const void* chip = soc_descriptor(cluster(metal_context(0)), device->id);
        const Coordinate endpoint = internals::dram_endpoint(chip, static_cast<int>(bank), static_cast<uint8_t>(noc));
        return CoreCoord{endpoint.x, endpoint.y};
    }
    return device->mesh->virtual_core_from_logical_core(CoreCoord{bank, 0}, vendor::CoreKind::DRAM);
}

TTM_API int ttm_device_dram_bank(ttm_device* device, uint32_t bank, int noc, ttm_core* virtual_core, int64_t* offset) {
    return call([&] {
        // Translated coordinates are the same on both networks, physical ones are mirrored on the second.
        const CoreCoord endpoint = dram_endpoint(device, bank, noc);
        *virtual_core = as_core(device->mesh->virtual_noc0_coordinate(static_cast<uint8_t>(noc), endpoint));
        *offset = device->mesh->allocator()->get_bank_offset(BufferType::DRAM, bank);
    });
}

TTM_API int ttm_device_finish(ttm_device* device, uint32_t queue) {
    return call([&] { vendor::Finish(device->queue(queue), {}); });
}

static void require_transfer(bool done) { require(done, "the library did not accept the transfer"); }

TTM_API int ttm_l1_write(ttm_device* device, ttm_core core, uint64_t address, const void* data, size_t size) {
    return call([&] {
        const std::span<const uint8_t> bytes(static_cast<const uint8_t*>(data), size);
        require_transfer(tt::tt_metal::detail::WriteToDeviceL1(device->chip(), CoreCoord{core.x, core.y},
                                                               static_cast<uint32_t>(address), bytes,
                                                               vendor::CoreKind::WORKER));
    });
}

TTM_API int ttm_l1_read(ttm_device* device, ttm_core core, uint64_t address, void* data, size_t size) {
    return call([&] {
        const std::span<uint8_t> bytes(static_cast<uint8_t*>(data), size);
        require_transfer(tt::tt_metal::detail::ReadFromDeviceL1(device->chip(), CoreCoord{core.x, core.y},
                                                                static_cast<uint32_t>(address), bytes,
                                                                vendor::CoreKind::WORKER));
    });
}

TTM_API int ttm_dram_write(ttm_device* device, uint32_t bank, uint64_t address, const void* data, size_t size) {
    return call([&] {
        const std::span<const uint8_t> bytes(static_cast<const uint8_t*>(data), size);
        require_transfer(tt::tt_metal::detail::WriteToDeviceDRAMChannel(device->chip(), static_cast<int>(bank),
                                                                        static_cast<uint32_t>(address), bytes));
    });
}

TTM_API int ttm_dram_read(ttm_device* device, uint32_t bank, uint64_t address, void* data, size_t size) {
    return call([&] {
        const std::span<uint8_t> bytes(static_cast<uint8_t*>(data), size);
        require_transfer(tt::tt_metal::detail::ReadFromDeviceDRAMChannel(device->chip(), static_cast<int>(bank),
                                                                         static_cast<uint32_t>(address), bytes));
    });
}
