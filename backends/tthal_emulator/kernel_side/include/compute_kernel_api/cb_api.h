// The spelling up to 0.66.
#include "api/compute/cb_api.h"
