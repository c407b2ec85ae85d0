// Attributes that the vendor's compiler knows and this one need not.
#pragma once

#define tt_l1_ptr
#define tt_reg_ptr
#define FORCE_INLINE inline __attribute__((always_inline))
#define ALWI inline __attribute__((always_inline))
#define ATTR_PACK __attribute__((packed))
#define NOINLINE __attribute__((noinline))
#define tt_uint64_t uint64_t
