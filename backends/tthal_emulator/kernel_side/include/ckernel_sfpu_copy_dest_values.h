#pragma once
#include "api/compute/copy_dest_values.h"
