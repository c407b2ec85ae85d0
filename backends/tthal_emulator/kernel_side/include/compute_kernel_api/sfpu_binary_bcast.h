#pragma once
#include "api/compute/sfpu_binary_bcast.h"
