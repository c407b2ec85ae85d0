// One translation unit: the vendor's types are parsed once.
#include "abi.cpp"
#include "buffer.cpp"
#include "device.cpp"
#include "program.cpp"
