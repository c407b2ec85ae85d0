/* Stand-in: the vendor's compiler has these as builtins; kernels without vector code need none of them. */
#pragma once
#include <cstdint>
