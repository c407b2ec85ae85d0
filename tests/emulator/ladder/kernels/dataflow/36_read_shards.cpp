// Reads the pages of every n-th shard of a tensor of any number of dimensions, one by one.
#include "api/dataflow/dataflow_buffer.h"
#include "api/dataflow/noc.h"
#include "api/tensor/noc_traits.h"
#include "experimental/kernel_args.h"

void kernel_main() {
    const TensorAccessor tensor(tensor::src);
    DataflowBuffer in(dfb::in);
    const Noc noc;
    for (uint32_t shard = get_arg(args::start_shard_id); shard < get_arg(args::num_shards);
         shard += get_arg(args::num_cores)) {
        for (const auto& page : tensor.shard_pages(shard)) {
            in.reserve_back(1);
            noc.async_read(page, in, in.get_entry_size(), {}, {});
            noc.async_read_barrier();
            in.push_back(1);
        }
    }
}
