#pragma once

#include "api/dataflow/dataflow_buffer.h"
#include "experimental/lock.h"
#include "experimental/noc.h"

namespace experimental {
using ::DataflowBuffer;
}  // namespace experimental
