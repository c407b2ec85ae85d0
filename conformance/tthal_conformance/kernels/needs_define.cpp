// Compiles only with the macro that its host program forgot.
#include "api/dataflow/dataflow_api.h"

#ifndef CONFORMANCE_WANTED
#error CONFORMANCE_WANTED is missing
#endif

void kernel_main() {}
