#pragma once
#include "api/compute/situ_glu.h"
