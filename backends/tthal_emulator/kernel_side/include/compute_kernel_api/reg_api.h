// The spelling up to 0.66.
#include "api/compute/reg_api.h"
