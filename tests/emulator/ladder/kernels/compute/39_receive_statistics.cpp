// Stage 39: waits for what the gathering core sends.
#include "api/dataflow/dataflow_api.h"
#include "experimental/kernel_args.h"

void kernel_main() {
    cb_reserve_back(dfb::ex_global, 2);
    noc_semaphore_wait(reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(sem::reduce_sender.id)), VALID);
    cb_push_back(dfb::ex_global, 2);
}
