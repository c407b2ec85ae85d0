#pragma once
#include "tthal/addresses.h"
