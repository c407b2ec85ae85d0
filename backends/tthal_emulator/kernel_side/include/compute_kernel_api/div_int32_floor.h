// The spelling up to 0.66.
#include "api/compute/div_int32_floor.h"
