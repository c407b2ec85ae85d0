// All that a data-movement kernel sees before its first line; precompiled once per board (device-api.md §5, §9.7).
#pragma once

// Kernels say `.template f(…)` of functions that need no template arguments, which the vendor's compiler lets pass.
#pragma clang diagnostic ignored "-Wmissing-template-arg-list-after-template-kw"

#include "tthal/language/fixed_width.h"
#include "tthal/language/usual_library.h"

#include "tthal/border/accesses.h"

#include "api/core_local_mem.h"
#include "api/dataflow/circular_buffer.h"
#include "api/dataflow/dataflow_api.h"
#include "api/dataflow/dataflow_buffer.h"
#include "api/dataflow/endpoints.h"
#include "api/dataflow/noc.h"
#include "api/debug/kernel_profiler.hpp"
#include "api/scratchpad.h"
#include "api/semaphore.h"
#include "api/tensor/local_tensor_accessor.h"
#include "api/tensor/noc_traits.h"
#include "experimental/kernel_args.h"
#include "noc/noc_parameters.h"
#include "tthal/ckernel_runtime.h"
#include "tthal/dataflow/noc_driver.h"

extern "C" void kernel_main();
