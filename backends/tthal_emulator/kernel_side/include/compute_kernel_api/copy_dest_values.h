// The spelling up to 0.66.
#include "api/compute/copy_dest_values.h"
