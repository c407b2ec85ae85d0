// Does nothing, with the usual header.
#include "dataflow_api.h"

void kernel_main() {}
