// Names something that does not exist.
#include "api/dataflow/dataflow_api.h"

void kernel_main() { this_function_does_not_exist(42); }
