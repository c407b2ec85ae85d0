// The spelling up to 0.66.
#include "api/compute/binary_shift.h"
