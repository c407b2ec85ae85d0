#pragma once
#include "tthal/common.h"
