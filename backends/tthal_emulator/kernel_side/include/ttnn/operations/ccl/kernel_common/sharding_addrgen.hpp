#pragma once
#include "tthal/sharded_addresses.h"
