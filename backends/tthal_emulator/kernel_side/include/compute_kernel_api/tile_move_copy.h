// The spelling up to 0.66.
#include "api/compute/tile_move_copy.h"
