// Where the remainders of integers were up to 0.72.
#pragma once

#include "api/compute/binary_remainder.h"
