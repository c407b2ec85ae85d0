#pragma once
#include "tthal/data_format.h"
