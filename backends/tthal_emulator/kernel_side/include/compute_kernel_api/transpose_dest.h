// The spelling up to 0.66.
#include "api/compute/transpose_dest.h"
