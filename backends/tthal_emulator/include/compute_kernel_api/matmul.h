#pragma once
#include "api/compute/matmul.h"  // the spelling up to 0.66
