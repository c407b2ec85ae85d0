#pragma once
#include "api/compute/eltwise_unary/lgamma.h"
