// The spelling up to 0.66.
#include "api/compute/reduce_custom.h"
