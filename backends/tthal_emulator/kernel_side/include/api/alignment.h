// Rounding and the alignments of NoC transfers.
#pragma once

#include "tthal/addresses.h"
