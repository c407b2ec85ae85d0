// Waits for a page that nobody ever publishes.
#include "api/dataflow/dataflow_api.h"

void kernel_main() { cb_wait_front(0, 1); }
