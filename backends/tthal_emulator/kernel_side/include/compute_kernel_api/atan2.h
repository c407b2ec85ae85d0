// The spelling up to 0.66.
#include "api/compute/atan2.h"
