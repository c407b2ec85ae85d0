#pragma once
#include "api/compute/eltwise_unary/logical_not.h"
