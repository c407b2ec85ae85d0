// The spelling up to 0.66.
#include "api/compute/reconfig_data_format.h"
