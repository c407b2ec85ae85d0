// The spelling up to 0.66.
#include "api/compute/binary_remainder.h"
