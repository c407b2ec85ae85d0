#pragma once

#include "api/core_local_mem.h"
#include "experimental/lock.h"
#include "experimental/noc.h"

namespace experimental {
using ::CoreLocalMem;
}  // namespace experimental
