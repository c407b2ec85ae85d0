#pragma once
#include "tthal/compile_time_args.h"
