// The older spelling of the name.
#include "api/compute/copy_dest_values.h"
