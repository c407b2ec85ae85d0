// Sizes and places of a core's memories as the hardware has them (ttnn 0.81.1: dev_mem_map.h of either chip). What the
// vendor's firmware keeps in L1, and where, is its own: nothing of it lies there here.
#pragma once

#define MEM_L1_BASE 0x0
#define MEM_LOCAL_BASE 0xFFB00000
#if defined(ARCH_BLACKHOLE)
#define MEM_L1_SIZE (1536 * 1024)
#define MEM_BRISC_LOCAL_SIZE (8 * 1024)
#define MEM_NCRISC_LOCAL_SIZE (8 * 1024)
#define MEM_TRISC_LOCAL_SIZE (4 * 1024)
#else
#define MEM_L1_SIZE (1464 * 1024)
#define MEM_BRISC_LOCAL_SIZE (4 * 1024)
#define MEM_NCRISC_LOCAL_SIZE (4 * 1024)
#define MEM_TRISC_LOCAL_SIZE (2 * 1024)
#endif
#define MEM_BRISC_STACK_MIN_SIZE 256
#define MEM_NCRISC_STACK_MIN_SIZE 256
#define MEM_TRISC0_STACK_MIN_SIZE 192
#define MEM_TRISC1_STACK_MIN_SIZE 192
#define MEM_TRISC2_STACK_MIN_SIZE 256
