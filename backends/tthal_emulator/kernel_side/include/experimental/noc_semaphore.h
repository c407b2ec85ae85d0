#pragma once

#include "api/semaphore.h"
#include "experimental/noc.h"

namespace experimental {
using ::Semaphore;
}  // namespace experimental
