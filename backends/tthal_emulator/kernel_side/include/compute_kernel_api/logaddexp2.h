// The spelling up to 0.66.
#include "api/compute/logaddexp2.h"
