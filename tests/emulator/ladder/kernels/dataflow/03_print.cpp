// Prints what a page of a circular buffer holds, as each of three types.
#include "api/dataflow/dataflow_api.h"
#include "api/debug/dprint.h"

void kernel_main() {
    cb_reserve_back(0, 1);
    const uint32_t page = get_write_ptr(0);
    *reinterpret_cast<volatile float*>(page) = 1.5f;
    *reinterpret_cast<volatile int32_t*>(page + 4) = -7;
    *reinterpret_cast<volatile uint16_t*>(page + 8) = 0x4049;
    cb_push_back(0, 1);
    DPRINT("float {} integer {}\n", *reinterpret_cast<volatile float*>(page),
           *reinterpret_cast<volatile int32_t*>(page + 4));
    DPRINT << "bfloat16 " << BF16(*reinterpret_cast<volatile uint16_t*>(page + 8)) << ENDL();
}
