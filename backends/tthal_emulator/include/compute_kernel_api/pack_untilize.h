// The older spelling of the name.
#include "api/compute/pack_untilize.h"
