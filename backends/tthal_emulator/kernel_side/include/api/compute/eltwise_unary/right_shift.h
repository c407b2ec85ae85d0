#pragma once
#include "api/compute/eltwise_unary/shift.h"
