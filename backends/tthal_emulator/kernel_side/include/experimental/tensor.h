#pragma once

#include "api/tensor/noc_traits.h"

namespace experimental {
using ::TensorAccessor;
using ::PageView;
using ::ShardView;
}  // namespace experimental
