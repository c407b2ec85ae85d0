// The spelling up to 0.66.
#include "api/compute/add_int_sfpu.h"
