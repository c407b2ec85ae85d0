#pragma once
#include "tthal/ckernel_runtime.h"
