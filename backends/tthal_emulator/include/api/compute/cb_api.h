// Circular buffers as compute kernels see them: the same calls as in data-movement kernels.
#pragma once

#include "tthal/circular_buffers.h"
