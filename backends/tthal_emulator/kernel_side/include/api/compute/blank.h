// The entry point of an empty compute kernel.
#pragma once

#include "api/compute/common.h"
