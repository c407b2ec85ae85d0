#pragma once
#include "api/compute/reg_api.h"  // the spelling up to 0.66
