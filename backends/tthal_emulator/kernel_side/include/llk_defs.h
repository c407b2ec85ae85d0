#pragma once
#include "tthal/llk_defs.h"
