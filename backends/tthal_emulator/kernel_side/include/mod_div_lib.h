#pragma once
#include "tthal/division.h"
