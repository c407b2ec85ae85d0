// The older spelling of the name.
#include "api/compute/common_globals.h"
