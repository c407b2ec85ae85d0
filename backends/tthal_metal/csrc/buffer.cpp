// Buffers: placement, sharding, transfers in host page order.
#include "guard.hpp"

using namespace guard;
using vendor::TensorMemoryLayout;

// A two-dimensional shard layout counted in pages: with a page of 1x1 "elements", shapes and pages are one unit.
static vendor::BufferShardingArgs shard_by_spec(const ttm_buffer_config& config) {
    require(config.rank == 2, "height, width and block sharding need shapes of rank 2");
    const std::array<uint32_t, 2> tensor{config.tensor_shape[0], config.tensor_shape[1]};
    const std::array<uint32_t, 2> shard{config.shard_shape[0], config.shard_shape[1]};
    const auto orientation = static_cast<vendor::ShardOrientation>(config.orientation);
    vendor::ShardSpec spec{range_set(config.shard_grid, config.shard_grid_size), shard, orientation};
    return vendor::BufferShardingArgs(vendor::ShardSpecBuffer{spec, {1, 1}, tensor},
                                      static_cast<TensorMemoryLayout>(config.layout));
}

static vendor::BufferShardingArgs shard_by_distribution(const ttm_buffer_config& config, vendor::MeshDevice& mesh) {
    require(config.rank >= 1 && config.rank <= 8, "N-dimensional sharding takes shapes of rank 1 to 8");
    if (!vendor::knows_shape_layout(mesh)) {
        throw Refused{TTM_NOT_IN_LIBRARY, "this libtt_metal.so keeps shapes in a form the shim does not know"};
    }
    return vendor::BufferShardingArgs(vendor::BufferDistributionSpec(
        vendor::make_shape({config.tensor_shape, config.rank}), vendor::make_shape({config.shard_shape, config.rank}),
        range_set(config.shard_grid, config.shard_grid_size), static_cast<vendor::ShardOrientation>(config.orientation),
        static_cast<vendor::ShardDistributionStrategy>(config.strategy)));
}

TTM_API int ttm_buffer_create(ttm_device* device, const ttm_buffer_config* config, ttm_buffer** buffer) {
    return call([&] {
        vendor::DeviceLocalBufferConfig local;
        local.page_size = config->page_size;
        local.buffer_type = static_cast<vendor::BufferType>(config->buffer_type);
        if (config->bottom_up >= 0) {
            local.bottom_up = config->bottom_up != 0;
        }
        const auto layout = static_cast<TensorMemoryLayout>(config->layout);
        if (layout != TensorMemoryLayout::INTERLEAVED) {
            local.sharding_args = layout == TensorMemoryLayout::ND_SHARDED
                                      ? shard_by_distribution(*config, *device->mesh)
                                      : shard_by_spec(*config);
        }
        const vendor::MeshBufferConfig whole = vendor::ReplicatedBufferConfig{config->size};
        std::optional<uint64_t> address;
        if (config->has_address) {
            address = config->address;
        }
        auto created = vendor::MeshBuffer::create(whole, local, device->mesh.get(), address);
        *buffer = new ttm_buffer{device->mesh, std::move(created), config->size};
    });
}

TTM_API int ttm_buffer_describe(ttm_buffer* buffer, ttm_buffer_info* info) {
    return call([&] {
        const auto* local = buffer->buffer->get_reference_buffer();
        info->address = local->address();
        info->size = buffer->size;
        info->page_size = local->page_size();
        info->aligned_page_size = local->aligned_page_size();
        info->aligned_size_per_bank = local->aligned_size_per_bank();
        info->num_device_pages = static_cast<uint32_t>(local->num_dev_pages());
    });
}

TTM_API int ttm_buffer_write(ttm_buffer* buffer, uint32_t queue, const void* data, size_t size, int blocking) {
    return call([&] {
        require(size == buffer->size, "the data is not as long as the buffer");
        auto& commands = vendor::transfers(buffer->mesh->mesh_command_queue(static_cast<uint8_t>(queue)));
        commands.enqueue_write_mesh_buffer(buffer->buffer, data, blocking != 0);
    });
}

TTM_API int ttm_buffer_read(ttm_buffer* buffer, uint32_t queue, void* data, size_t size) {
    return call([&] {
        require(size == buffer->size, "the space is not as long as the buffer");
        auto& commands = vendor::transfers(buffer->mesh->mesh_command_queue(static_cast<uint8_t>(queue)));
        commands.enqueue_read_mesh_buffer(data, buffer->buffer, true);
    });
}

TTM_API int ttm_buffer_free(ttm_buffer* buffer) {
    int status = call([&] { buffer->buffer->deallocate(); });
    int freed = call([&] { delete buffer; });
    return status != TTM_OK ? status : freed;
}
