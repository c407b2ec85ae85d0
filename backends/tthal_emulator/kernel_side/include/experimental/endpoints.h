#pragma once

#include "api/dataflow/endpoints.h"

namespace experimental {
using ::UnicastEndpoint;
using ::MulticastEndpoint;
using ::AllocatorBank;
using ::AllocatorBankType;
}  // namespace experimental
