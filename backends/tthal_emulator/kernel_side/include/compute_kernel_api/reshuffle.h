#pragma once
#include "api/compute/reshuffle.h"
