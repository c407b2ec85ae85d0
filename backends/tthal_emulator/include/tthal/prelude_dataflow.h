// All that a data-movement kernel sees before its first line; precompiled once per board (device-api.md §5, §9.7).
#pragma once

#include "tthal/standard_library.h"

#include "api/dataflow/dataflow_api.h"
#include "api/tensor/tensor_accessor.h"

using namespace tt::constants;

extern "C" void kernel_main();
