#pragma once
#include "api/compute/reconfig_data_format.h"  // the spelling up to 0.66
