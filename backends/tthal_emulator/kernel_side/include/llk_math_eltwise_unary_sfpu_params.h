#pragma once
#include "tthal/llk_sfpu.h"
