// What this shim is, how its structs lie in memory, and whether the library is the one it was written for.
#include <algorithm>
#include <cstring>
#include <new>

#include "guard.hpp"

#ifndef TTHAL_SHIM_IDENTITY
#define TTHAL_SHIM_IDENTITY "unknown"
#endif

using namespace guard;

#define STRUCT(type) {#type, 0, sizeof(type)}
#define FIELD(type, field) {#type "." #field, offsetof(type, field), sizeof(type::field)}

// clang-format off
static const ttm_layout_row kLayout[] = {
    STRUCT(ttm_layout_row), FIELD(ttm_layout_row, name), FIELD(ttm_layout_row, offset), FIELD(ttm_layout_row, size),
    STRUCT(ttm_core), FIELD(ttm_core, x), FIELD(ttm_core, y),
    STRUCT(ttm_core_range), FIELD(ttm_core_range, x0), FIELD(ttm_core_range, y0), FIELD(ttm_core_range, x1),
    FIELD(ttm_core_range, y1),
    STRUCT(ttm_device_config), FIELD(ttm_device_config, device_id), FIELD(ttm_device_config, num_queues),
    FIELD(ttm_device_config, l1_small_size), FIELD(ttm_device_config, trace_region_size),
    FIELD(ttm_device_config, worker_l1_size),
    STRUCT(ttm_device_info), FIELD(ttm_device_info, arch), FIELD(ttm_device_info, cluster_type),
    FIELD(ttm_device_info, grid_x), FIELD(ttm_device_info, grid_y), FIELD(ttm_device_info, l1_size),
    FIELD(ttm_device_info, num_queues), FIELD(ttm_device_info, l1_banks), FIELD(ttm_device_info, dram_banks),
    FIELD(ttm_device_info, l1_base), FIELD(ttm_device_info, dram_base), FIELD(ttm_device_info, l1_bank_size),
    FIELD(ttm_device_info, dram_bank_size), FIELD(ttm_device_info, dram_size), FIELD(ttm_device_info, l1_alignment), FIELD(ttm_device_info, dram_alignment),
    FIELD(ttm_device_info, max_circular_buffers), FIELD(ttm_device_info, max_noc_burst),
    STRUCT(ttm_buffer_config), FIELD(ttm_buffer_config, size), FIELD(ttm_buffer_config, page_size),
    FIELD(ttm_buffer_config, buffer_type), FIELD(ttm_buffer_config, layout), FIELD(ttm_buffer_config, bottom_up),
    FIELD(ttm_buffer_config, has_address), FIELD(ttm_buffer_config, address), FIELD(ttm_buffer_config, shard_grid),
    FIELD(ttm_buffer_config, shard_grid_size), FIELD(ttm_buffer_config, rank), FIELD(ttm_buffer_config, tensor_shape),
    FIELD(ttm_buffer_config, shard_shape), FIELD(ttm_buffer_config, orientation), FIELD(ttm_buffer_config, strategy),
    STRUCT(ttm_buffer_info), FIELD(ttm_buffer_info, address), FIELD(ttm_buffer_info, size),
    FIELD(ttm_buffer_info, page_size), FIELD(ttm_buffer_info, aligned_page_size),
    FIELD(ttm_buffer_info, aligned_size_per_bank), FIELD(ttm_buffer_info, num_device_pages),
    STRUCT(ttm_kernel_config), FIELD(ttm_kernel_config, path), FIELD(ttm_kernel_config, cores),
    FIELD(ttm_kernel_config, num_ranges), FIELD(ttm_kernel_config, is_compute), FIELD(ttm_kernel_config, opt_level),
    FIELD(ttm_kernel_config, processor), FIELD(ttm_kernel_config, noc), FIELD(ttm_kernel_config, noc_mode),
    FIELD(ttm_kernel_config, math_fidelity), FIELD(ttm_kernel_config, fp32_dest_acc_en),
    FIELD(ttm_kernel_config, dst_full_sync_en), FIELD(ttm_kernel_config, bfp8_pack_precise),
    FIELD(ttm_kernel_config, math_approx_mode), FIELD(ttm_kernel_config, unpack_to_dest_mode),
    FIELD(ttm_kernel_config, num_unpack_to_dest_mode), FIELD(ttm_kernel_config, compile_args),
    FIELD(ttm_kernel_config, num_compile_args), FIELD(ttm_kernel_config, named_args),
    FIELD(ttm_kernel_config, named_values), FIELD(ttm_kernel_config, num_named_args), FIELD(ttm_kernel_config, defines),
    FIELD(ttm_kernel_config, num_defines), FIELD(ttm_kernel_config, include_paths),
    FIELD(ttm_kernel_config, num_include_paths),
    STRUCT(ttm_cb_format), FIELD(ttm_cb_format, index), FIELD(ttm_cb_format, data_format),
    FIELD(ttm_cb_format, page_size), FIELD(ttm_cb_format, tile_height), FIELD(ttm_cb_format, tile_width),
    STRUCT(ttm_cb_info), FIELD(ttm_cb_info, total_size), FIELD(ttm_cb_info, num_indices), FIELD(ttm_cb_info, is_bound),
    FIELD(ttm_cb_info, bound_address), FIELD(ttm_cb_info, indices), FIELD(ttm_cb_info, page_sizes),
    FIELD(ttm_cb_info, data_formats),
};
// clang-format on

TTM_API uint32_t ttm_shim_version(void) { return 1; }

TTM_API const char* ttm_shim_identity(void) { return TTHAL_SHIM_IDENTITY; }

TTM_API int ttm_uses_vendor_headers(void) {
#ifdef TTHAL_METAL_HEADERS
    return 1;
#else
    return 0;
#endif
}

TTM_API const char* ttm_error(void) { return last_error.c_str(); }

TTM_API const char* ttm_error_type(void) { return last_error_type.c_str(); }

TTM_API int ttm_layout_table(const ttm_layout_row** rows, size_t* count) {
    *rows = kLayout;
    *count = sizeof(kLayout) / sizeof(kLayout[0]);
    return TTM_OK;
}

#ifdef TTHAL_METAL_HEADERS
TTM_API int ttm_probe_cb_config(size_t* written, size_t* expected) {
    *written = *expected = sizeof(vendor::CircularBufferConfig);
    return TTM_OK;
}
#else
// Naming a symbol in data makes the dynamic linker resolve it at load time. This constructor's mangled name spells out
// the fields of the data-movement configuration: libraries before 0.72 lack it. BufferShardingArgs' constructors, which
// buffer.cpp calls, are out of line since 0.79 only. Neither says anything about ComputeConfig: hence the allow-list.
extern "C" char reader_config_constructor asm(
    "_ZN2tt8tt_metal24ReaderDataMovementConfigC1ESt6vectorIjSaIjEESt3mapINSt7__cxx1112basic_stringIcSt11char_traitsIcESaIc"
    "EEESB_St4lessISB_ESaISt4pairIKSB_SB_EEESt13unordered_mapISB_jSt4hashISB_ESt8equal_toISB_ESaISE_ISF_jEEENS0_"
    "19KernelBuildOptLevelES2_INSt10filesystem7__cxx114pathESaISU_EE");
extern "C" __attribute__((used)) char* const ttm_layout_anchor = &reader_config_constructor;

// How many bytes the library's constructor writes when it is given far more than it needs: the larger of two runs over
// different fills, since a byte may happen to be written with the fill's own value. The object is leaked: its real
// layout is what is in doubt.
static size_t bytes_written(unsigned char fill) {
    constexpr size_t kRoom = 16384;
    auto* memory = static_cast<unsigned char*>(::operator new(kRoom));
    std::memset(memory, fill, kRoom);
    new (memory) vendor::CircularBufferConfig(64, std::map<uint8_t, tt::DataFormat>{});
    size_t last = 0;
    for (size_t i = 0; i < kRoom; i++) {
        if (memory[i] != fill) {
            last = i + 1;
        }
    }
    return last;
}

TTM_API int ttm_probe_cb_config(size_t* written, size_t* expected) {
    return call([&] {
        *expected = vendor::CircularBufferConfig::kExtent;
        *written = std::max(bytes_written(0xA5), bytes_written(0x5A));
    });
}
#endif

TTM_API int ttm_set_root(const char* directory) {
    return call([&] { tt::tt_metal::SetRootDir(directory); });
}

TTM_API int ttm_num_devices(size_t* count) {
    return call([&] { *count = tt::tt_metal::GetNumAvailableDevices(); });
}
