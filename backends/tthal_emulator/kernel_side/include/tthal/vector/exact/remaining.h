#pragma once
#include "tthal/vector/sfpu_math.h"
#include "tthal/vector/sfpu_special.h"
namespace tthal::exact {
using sfpu::exp;
using sfpu::each, sfpu::each_integer;
using sfpu::copy_sign;
using sfpu::float_of_float16, sfpu::random_state, sfpu::random_integers, sfpu::random_unit;
}
