// The spelling up to 0.66.
#include "api/compute/compute_kernel_hw_startup.h"
