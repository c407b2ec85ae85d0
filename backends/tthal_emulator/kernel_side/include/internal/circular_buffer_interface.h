#pragma once
#include "tthal/circular_buffers.h"
