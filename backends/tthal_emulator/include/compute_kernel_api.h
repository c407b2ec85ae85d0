#pragma once
#include "api/compute/compute_kernel_api.h"  // the spelling up to 0.66
