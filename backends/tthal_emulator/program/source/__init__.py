"""Generated and translated C++ around kernels."""
