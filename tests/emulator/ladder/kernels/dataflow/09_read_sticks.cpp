// Reads rows of a tensor into a dataflow buffer, one entry a row.
#include "api/dataflow/dataflow_buffer.h"
#include "api/dataflow/noc.h"
#include "api/tensor/noc_traits.h"
#include "experimental/kernel_args.h"

void kernel_main() {
    const uint32_t first = get_arg(args::start_id), count = get_arg(args::num_sticks);
    const TensorAccessor rows(tensor::input);
    DataflowBuffer out(dfb::src);
    const Noc noc;
    for (uint32_t row = first; row < first + count; row++) {
        out.reserve_back(1);
        noc.async_read(rows, out, get_arg(args::stick_size), {.page_id = row}, {});
        noc.async_read_barrier();
        out.push_back(1);
    }
}
