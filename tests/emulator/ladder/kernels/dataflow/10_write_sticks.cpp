// Writes the entries of a dataflow buffer to the rows of a tensor.
#include "api/dataflow/dataflow_buffer.h"
#include "api/dataflow/noc.h"
#include "api/tensor/noc_traits.h"
#include "experimental/kernel_args.h"

void kernel_main() {
    const uint32_t first = get_arg(args::start_id), count = get_arg(args::num_sticks);
    const TensorAccessor rows(tensor::output);
    DataflowBuffer in(dfb::dst);
    const Noc noc;
    for (uint32_t row = first; row < first + count; row++) {
        in.wait_front(1);
        noc.async_write(in, rows, get_arg(args::stick_size), {}, {.page_id = row});
        noc.async_writes_flushed();
        in.pop_front(1);
    }
    noc.async_write_barrier();
}
