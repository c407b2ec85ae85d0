// The spelling up to 0.66.
#include "api/compute/mul_int_sfpu.h"
