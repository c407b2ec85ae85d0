// Variables of the vendor's firmware that kernels declare themselves (`extern uint8_t my_logical_x_;`). The host has
// written the processor block before a kernel starts, and these are set from it first of all; a kernel that names none
// of them has none.
#include "tthal/border/abi.h"

using tthal::processor;

uint8_t my_logical_x_ = processor().my_logical_x;
uint8_t my_logical_y_ = processor().my_logical_y;
uint8_t my_relative_x_ = processor().my_relative_x;
uint8_t my_relative_y_ = processor().my_relative_y;

uint32_t rta_count = processor().runtime_arg_count;
uint32_t crta_count = processor().common_runtime_arg_count;
uint32_t* rta_l1_base = reinterpret_cast<uint32_t*>(processor().runtime_args);
uint32_t* crta_l1_base = reinterpret_cast<uint32_t*>(processor().common_runtime_args);
