// The spelling up to 0.66.
#include "api/compute/eltwise_unary/polygamma.h"
