// Names of macros that the vendor's C library does not have, and that kernels use. Included after every group of standard
// headers: no `#pragma once`.
#undef M_E
#undef M_LOG2E
#undef M_LOG10E
#undef M_LN2
#undef M_LN10
#undef M_PI
#undef M_PI_2
#undef M_PI_4
#undef M_1_PI
#undef M_2_PI
#undef M_2_SQRTPI
#undef M_SQRT2
#undef M_SQRT1_2
#undef PAGE_SIZE
#undef PAGESIZE
#undef WORD_BIT
#undef LONG_BIT
#undef HUGE
#undef NZERO
#undef BUFSIZ
#undef NAME_MAX
#undef PATH_MAX
#undef IOV_MAX
