#pragma once
#include "api/compute/pack.h"  // the spelling up to 0.66
