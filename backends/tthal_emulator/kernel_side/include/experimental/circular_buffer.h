#pragma once

#include "api/dataflow/circular_buffer.h"

namespace experimental {
using ::CircularBuffer;
using ::use;
}  // namespace experimental
