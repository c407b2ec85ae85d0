#pragma once
#include "api/compute/compute_kernel_hw_startup.h"  // the spelling up to 0.66
