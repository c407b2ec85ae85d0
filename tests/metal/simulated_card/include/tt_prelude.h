/* Included before every file that the stand-in compiler compiles: what the vendor's gcc has built in and stock gcc has not. */
#pragma once
#ifndef __ASSEMBLER__
/* The assembler's .ttinsn emits a Tensix instruction word, rotated left by two bits. */
__asm__(
    ".macro .ttinsn word\n"
    " .word ((((\\word) & 0xffffffff) << 2) | ((((\\word) & 0xffffffff) >> 30) & 3)) & 0xffffffff\n"
    ".endm\n");
#define __rvtt_l1_ptr__
#endif
