#pragma once
#include "api/compute/welford.h"
