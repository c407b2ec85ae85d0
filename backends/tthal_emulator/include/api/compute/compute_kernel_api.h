// The header that most compute kernels begin with.
#pragma once

#include "api/compute/common.h"
