#pragma once
#include "api/compute/cb_api.h"  // the spelling up to 0.66
