// The spelling up to 0.66.
#include "api/compute/binary_max_min.h"
