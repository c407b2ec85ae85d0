// Programs: kernels, circular buffers, semaphores, arguments, and the workload that runs them.
#include "guard.hpp"

using namespace guard;
using vendor::CoreCoord;

static vendor::Program& live(ttm_program* program) { return *program->live; }

static std::variant<vendor::CoreCoord, vendor::CoreRange, vendor::CoreRangeSet> core_spec(const ttm_core_range* ranges,
                                                                                          uint32_t count) {
    return range_set(ranges, count);
}

TTM_API int ttm_program_create(ttm_program** program) {
    return call([&] { *program = new ttm_program(vendor::CreateProgram()); });
}

TTM_API int ttm_program_free(ttm_program* program) {
    return call([&] { delete program; });
}

TTM_API int ttm_program_compile(ttm_program* program, ttm_device* device) {
    return call([&] {
        require_symbol(internals::program_compile != nullptr, "ProgramImpl::compile");
        internals::program_compile(&live(program).impl(), device->chip(), false);
    });
}

// The fields that data movement and compute configurations share.
template <class Config>
static void fill_common(Config& to, const ttm_kernel_config& from) {
    to.opt_level = static_cast<vendor::KernelBuildOptLevel>(from.opt_level);
    to.compile_args.assign(from.compile_args, from.compile_args + from.num_compile_args);
    for (uint32_t i = 0; i < from.num_named_args; i++) {
        to.named_compile_args[from.named_args[i]] = from.named_values[i];
    }
    for (uint32_t i = 0; i < from.num_defines; i++) {
        to.defines[from.defines[2 * i]] = from.defines[2 * i + 1];
    }
    for (uint32_t i = 0; i < from.num_include_paths; i++) {
        to.compiler_include_paths.emplace_back(from.include_paths[i]);
    }
}

static vendor::DataMovementConfig data_movement(const ttm_kernel_config& from) {
    vendor::DataMovementConfig config;
    config.processor = static_cast<vendor::DataMovementProcessor>(from.processor);
    config.noc = static_cast<vendor::NOC>(from.noc);
    config.noc_mode = static_cast<vendor::NOC_MODE>(from.noc_mode);
    fill_common(config, from);
    return config;
}

static vendor::ComputeConfig compute(const ttm_kernel_config& from) {
    vendor::ComputeConfig config;
    config.math_fidelity = static_cast<decltype(config.math_fidelity)>(from.math_fidelity);
    config.fp32_dest_acc_en = from.fp32_dest_acc_en != 0;
    config.dst_full_sync_en = from.dst_full_sync_en != 0;
    config.bfp8_pack_precise = from.bfp8_pack_precise != 0;
    config.math_approx_mode = from.math_approx_mode != 0;
    for (uint32_t i = 0; i < from.num_unpack_to_dest_mode; i++) {
        using Mode = typename decltype(config.unpack_to_dest_mode)::value_type;
        config.unpack_to_dest_mode.push_back(static_cast<Mode>(from.unpack_to_dest_mode[i]));
    }
    fill_common(config, from);
    return config;
}

using KernelConfig = std::variant<vendor::DataMovementConfig, vendor::ComputeConfig>;

static KernelConfig kernel_config(const ttm_kernel_config& from) {
    if (from.is_compute) {
        return compute(from);
    }
    return data_movement(from);
}

TTM_API int ttm_kernel_create(ttm_program* program, const ttm_kernel_config* config, uint32_t* kernel) {
    return call([&] {
        const auto cores = core_spec(config->cores, config->num_ranges);
        *kernel = vendor::CreateKernel(live(program), config->path, cores, kernel_config(*config));
    });
}

TTM_API int ttm_kernel_create_from_source(ttm_program* program, const ttm_kernel_config* config, const char* source,
                                          uint32_t* kernel) {
    return call([&] {
        const auto cores = core_spec(config->cores, config->num_ranges);
        *kernel = vendor::CreateKernelFromString(live(program), source, cores, kernel_config(*config));
    });
}

TTM_API int ttm_semaphore_create(ttm_program* program, const ttm_core_range* cores, uint32_t num_ranges,
                                 uint32_t initial_value, uint32_t id) {
    return call([&] {
        std::variant<vendor::CoreRange, vendor::CoreRangeSet> where = range_set(cores, num_ranges);
        const uint32_t given = vendor::CreateSemaphore(live(program), where, initial_value);
        require(given == id, "the library gave the semaphore another id than the program counts on");
    });
}

TTM_API int ttm_semaphore_create_with_id(ttm_program* program, const ttm_core_range* cores, uint32_t num_ranges,
                                         uint32_t initial_value, uint32_t id) {
    return call([&] {
        require_symbol(internals::add_semaphore != nullptr, "ProgramImpl::add_semaphore");
        const auto where = range_set(cores, num_ranges);
        const int worker = static_cast<int>(vendor::CoreKind::WORKER);
        internals::add_semaphore(&live(program).impl(), &where, id, initial_value, worker);
    });
}

TTM_API int ttm_cb_create(ttm_program* program, const ttm_core_range* cores, uint32_t num_ranges, uint32_t total_size,
                          const ttm_cb_format* formats, uint32_t num_formats, uint64_t* cb) {
    return call([&] {
        std::map<uint8_t, tt::DataFormat> data_formats;
        for (uint32_t i = 0; i < num_formats; i++) {
            require(formats[i].index < 64, "a circular buffer index is below 64");
            data_formats[static_cast<uint8_t>(formats[i].index)] = static_cast<tt::DataFormat>(formats[i].data_format);
        }
        vendor::CircularBufferConfig config(total_size, data_formats);
        for (uint32_t i = 0; i < num_formats; i++) {
            const auto index = static_cast<uint8_t>(formats[i].index);
            config.set_page_size(index, formats[i].page_size);
            if (formats[i].tile_height != 0) {
                const std::array<uint32_t, 2> shape{formats[i].tile_height, formats[i].tile_width};
                config.set_tile_dims(index, vendor::Tile(shape, false));
            }
        }
        *cb = vendor::CreateCircularBuffer(live(program), core_spec(cores, num_ranges), config);
    });
}

TTM_API int ttm_cb_describe(ttm_program* program, uint64_t cb, ttm_cb_info* info) {
    return call([&] {
        const auto& config = vendor::GetCircularBufferConfig(live(program), cb);
        const auto address = config.globally_allocated_address();
        *info = ttm_cb_info{};
        info->total_size = config.total_size();
        info->is_bound = address.has_value();
        info->bound_address = address.value_or(0);
        for (uint32_t index = 0; index < 64; index++) {
            if (config.buffer_indices().count(static_cast<uint8_t>(index)) == 0) {
                continue;
            }
            const uint32_t row = info->num_indices++;
            const auto format = config.data_formats()[index];
            info->indices[row] = index;
            info->page_sizes[row] = config.page_sizes()[index].value_or(0);
            info->data_formats[row] = format ? static_cast<uint32_t>(*format) : 255;
        }
    });
}

TTM_API int ttm_cb_set_total_size(ttm_program* program, uint64_t cb, uint32_t total_size) {
    return call([&] { vendor::UpdateCircularBufferTotalSize(live(program), cb, total_size); });
}

TTM_API int ttm_cb_set_page_size(ttm_program* program, uint64_t cb, uint32_t index, uint32_t page_size) {
    return call([&] {
        require(index < 64, "a circular buffer index is below 64");
        vendor::UpdateCircularBufferPageSize(live(program), cb, static_cast<uint8_t>(index), page_size);
    });
}

TTM_API int ttm_cb_bind(ttm_program* program, uint64_t cb, ttm_buffer* buffer, uint32_t address_offset) {
    return call([&] {
        const vendor::Buffer& local = *buffer->buffer->get_reference_buffer();
        vendor::UpdateDynamicCircularBufferAddress(live(program), cb, local, address_offset);
    });
}

TTM_API int ttm_cb_place(ttm_program* program, ttm_device* device) {
    return call([&] {
        using namespace internals;
        require_symbol(allocate_circular_buffers && validate_circular_buffer_region,
                       "the placement of circular buffers");
        auto* inside = &live(program).impl();
        allocate_circular_buffers(inside, device->chip());
        validate_circular_buffer_region(inside, device->chip());
    });
}

TTM_API int ttm_cb_address(ttm_program* program, uint64_t cb, uint64_t* address) {
    return call([&] {
        using namespace internals;
        require_symbol(get_circular_buffer && circular_buffer_address, "CircularBufferImpl::address");
        const auto inside = get_circular_buffer(&live(program).impl(), cb);
        *address = circular_buffer_address(inside.get());
    });
}

TTM_API int ttm_args_set(ttm_program* program, uint32_t kernel, const uint32_t* args, size_t words) {
    return call([&] {
        size_t at = 0;
        while (at < words) {
            require(at + 3 <= words && at + 3 + args[at + 2] <= words,
                    "the argument list ends in the middle of a core");
            const vendor::CoreRange core{CoreCoord{args[at], args[at + 1]}, CoreCoord{args[at], args[at + 1]}};
            const std::span<const uint32_t> values(args + at + 3, args[at + 2]);
            vendor::SetRuntimeArgs(live(program), kernel, core, values);
            at += 3 + values.size();
        }
    });
}

static void copy_out(vendor::RuntimeArgsData& from, uint32_t* data, size_t capacity, size_t* count) {
    *count = from.size();
    for (size_t i = 0; i < from.size() && i < capacity; i++) {
        data[i] = from.data()[i];
    }
}

TTM_API int ttm_args_get(ttm_program* program, uint32_t kernel, ttm_core core, uint32_t* data, size_t capacity,
                         size_t* count) {
    return call([&] {
        auto& values = vendor::GetRuntimeArgs(live(program), kernel, CoreCoord{core.x, core.y});
        copy_out(values, data, capacity, count);
    });
}

// The library takes common arguments once; later values are written over the first ones.
TTM_API int ttm_common_args_set(ttm_program* program, uint32_t kernel, const uint32_t* args, size_t count) {
    return call([&] {
        auto& values = vendor::GetCommonRuntimeArgs(live(program), kernel);
        if (values.size() == 0) {
            vendor::SetCommonRuntimeArgs(live(program), kernel, std::span<const uint32_t>(args, count));
            return;
        }
        require(values.size() == count, "the number of common arguments cannot change");
        for (size_t i = 0; i < count; i++) {
            values.data()[i] = args[i];
        }
    });
}

TTM_API int ttm_common_args_get(ttm_program* program, uint32_t kernel, uint32_t* data, size_t capacity, size_t* count) {
    return call([&] { copy_out(vendor::GetCommonRuntimeArgs(live(program), kernel), data, capacity, count); });
}

TTM_API int ttm_workload_create(ttm_device* device, ttm_program* program, ttm_workload** workload) {
    return call([&] {
        require(program->live == &program->own, "the program already belongs to a workload");
        auto created = std::make_unique<ttm_workload>();
        created->mesh = device->mesh;
        const vendor::MeshCoordinateRange everything(device->mesh->shape());
        program->live = vendor::move_into(created->workload, everything, program->own);
        *workload = created.release();
    });
}

TTM_API int ttm_workload_enqueue(ttm_workload* workload, uint32_t queue, int blocking) {
    return call([&] {
        auto& commands = workload->mesh->mesh_command_queue(static_cast<uint8_t>(queue));
        vendor::EnqueueMeshWorkload(commands, workload->workload, blocking != 0);
    });
}

TTM_API int ttm_workload_free(ttm_workload* workload) {
    return call([&] { delete workload; });
}
