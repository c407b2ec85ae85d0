// The older spelling of the name.
#include "api/compute/transpose_wh.h"
