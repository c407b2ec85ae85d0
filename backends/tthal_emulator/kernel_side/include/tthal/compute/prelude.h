// All that a compute kernel sees before its first line; precompiled once per board (device-api.md §5, §9.7).
#pragma once

// Kernels say `.template f(…)` of functions that need no template arguments, which the vendor's compiler lets pass.
#pragma clang diagnostic ignored "-Wmissing-template-arg-list-after-template-kw"

#define TTHAL_COMPUTE

#include "tthal/language/fixed_width.h"
#include "tthal/language/usual_library.h"

#include "tthal/border/accesses.h"

#include "api/compute/common.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/matmul.h"
#include "api/compute/tile_move_copy.h"
#include "api/core_local_mem.h"
#include "api/dataflow/circular_buffer.h"
#include "api/dataflow/dataflow_buffer.h"
#include "api/debug/dprint.h"
#include "api/debug/kernel_profiler.hpp"
#include "api/debug/waypoint.h"
#include "api/scratchpad.h"
#include "experimental/kernel_args.h"

using namespace ckernel;

// Two entry points: `void kernel_main()`, and the older `namespace NAMESPACE { void MAIN { ... } }`.
extern "C" void kernel_main();
#define NAMESPACE tthal_compute_kernel
#define MAIN __tt_compute_main()
namespace NAMESPACE {
extern "C" void __tt_compute_main();
}
// Helpers in that namespace serve kernels outside of it.
using namespace NAMESPACE;
