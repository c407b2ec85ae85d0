#pragma once
#include "tthal/llk_functions.h"
