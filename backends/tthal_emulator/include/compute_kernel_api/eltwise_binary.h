#pragma once
#include "api/compute/eltwise_binary.h"  // the spelling up to 0.66
