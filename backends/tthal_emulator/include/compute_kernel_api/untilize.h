// The older spelling of the name.
#include "api/compute/untilize.h"
