#pragma once

#include "api/tensor/noc_traits.h"
#include "experimental/noc.h"

namespace experimental {
using ::TensorAccessor;
using ::PageView;
using ::ShardView;
}  // namespace experimental
