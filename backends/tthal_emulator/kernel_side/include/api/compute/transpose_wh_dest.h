#pragma once
#include "api/compute/transpose_dest.h"
