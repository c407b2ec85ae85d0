#pragma once

#include "api/semaphore.h"

namespace experimental {
using ::Semaphore;
}  // namespace experimental
