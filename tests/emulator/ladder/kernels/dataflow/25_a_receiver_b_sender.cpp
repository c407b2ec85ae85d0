#include "25_operands.h"

void kernel_main() {
    const Operand a = operand(0), b = operand(1);
    for (uint32_t block = 0; block < get_arg_val<uint32_t>(0); block++) {
        a.receive();
        b.send(b_layout, block);
    }
    noc_async_write_barrier();
    noc_async_atomic_barrier();
}
