#pragma once
#include "api/compute/tile_move_copy.h"  // the spelling up to 0.66
