#pragma once
#include "api/compute/common.h"  // the spelling up to 0.66
