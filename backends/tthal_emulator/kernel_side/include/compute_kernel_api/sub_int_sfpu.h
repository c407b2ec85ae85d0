// The spelling up to 0.66.
#include "api/compute/sub_int_sfpu.h"
