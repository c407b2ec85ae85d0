// The spelling up to 0.66.
#include "api/compute/remainder_int32.h"
