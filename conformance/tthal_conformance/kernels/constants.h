// A user header beside the kernel that includes another one.
#pragma once
#include "more/factor.h"
#define SUMMAND 17
