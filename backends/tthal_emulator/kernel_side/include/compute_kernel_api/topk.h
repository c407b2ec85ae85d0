#pragma once
#include "api/compute/topk.h"
