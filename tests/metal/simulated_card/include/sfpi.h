/* Stand-in for the vendor's vector-unit header: enough for kernels that do not use the vector unit. */
#pragma once
namespace sfpi {}
