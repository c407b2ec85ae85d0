#pragma once
#include "api/compute/clamped_silu_glu.h"
