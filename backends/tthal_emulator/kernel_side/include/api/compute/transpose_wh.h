#pragma once
#include "api/compute/transpose.h"
