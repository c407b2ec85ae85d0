#pragma once

#include "api/dataflow/circular_buffer.h"
#include "experimental/lock.h"
#include "experimental/noc.h"

namespace experimental {
using ::CircularBuffer;
using tthal::CircularBufferView;
using ::use;
}  // namespace experimental
