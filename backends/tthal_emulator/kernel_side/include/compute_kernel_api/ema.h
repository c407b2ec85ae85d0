#pragma once
#include "api/compute/ema.h"
