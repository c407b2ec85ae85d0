#pragma once
#include "tthal/attributes.h"
