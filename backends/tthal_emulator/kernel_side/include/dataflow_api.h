#pragma once
#include "api/dataflow/dataflow_api.h"  // the spelling up to 0.66
