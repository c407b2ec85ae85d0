// The object API as it was spelled while it was experimental: namespace experimental, headers of their own, each of which
// brings what it needs itself.
#pragma once

#include "api/dataflow/noc.h"

namespace experimental {
using ::Noc;
using ::noc_traits_t;
using ::NocOptions;
using ::NocOptVals;
using ::UnicastEndpoint;
using ::MulticastEndpoint;
}  // namespace experimental
