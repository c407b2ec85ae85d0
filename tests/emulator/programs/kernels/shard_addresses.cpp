// Writes down the NoC address of every page and of every shard of a tensor that is described by compile-time words.
#include "dataflow_api.h"

void kernel_main() {
    const auto tensor = TensorAccessor(TensorAccessorArgs<0>(), get_arg_val<uint32_t>(0));
    volatile uint64_t* out = reinterpret_cast<volatile uint64_t*>(get_arg_val<uint32_t>(1));
    for (uint32_t page = 0; page < tensor.dspec().tensor_volume(); page++) *out++ = tensor.get_noc_addr(page);
    for (uint32_t shard = 0; shard < tensor.dspec().num_shards(); shard++) *out++ = tensor.get_shard_noc_addr(shard);
    std::array<uint32_t, 3> last;
    for (uint32_t i = 0; i < 3; i++) last[i] = tensor.dspec().tensor_shape()[i] - 1;
    *out++ = tensor.get_noc_addr(last, 4);
    *out++ = tensor.is_local_page(0);
}
