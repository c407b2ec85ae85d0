// Says hello from the data-movement processor that runs it; each of the two drives a NoC of its own.
#include "api/dataflow/dataflow_api.h"
#include "api/debug/dprint.h"

void kernel_main() {
    DPRINT << "hello from core " << (uint32_t)get_absolute_logical_x() << "," << (uint32_t)get_absolute_logical_y()
           << ", NoC " << (uint32_t)noc_index << ENDL();
}
