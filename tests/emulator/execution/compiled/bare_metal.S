// The first sector of a disk: takes a processor of a PC into 64-bit mode with all vector registers, and starts the program
// that lies behind it on the disk (see bare_metal.ld).
.set FOUR_LEVELS, 0x1000  // of page tables, the last one for pages of 2 MB
.set PAGES, FOUR_LEVELS + 0x2000

.section .boot, "ax"
.code16
.globl _boot
_boot:
    cli
    cld
    xorw %ax, %ax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movw $0x7C00, %sp
    movw $chunks, %cx
read:
    pushw %cx
    movb $0x42, %ah
    movb $0x80, %dl
    movw $request, %si
    int $0x13
    jc stop
    addw $0x0800, request + 6
    addl $64, request + 8
    popw %cx
    loop read

    movw $FOUR_LEVELS, %di  // the first 64 MB lie where they are
    xorl %eax, %eax
    movw $0x0C00, %cx
    rep stosl
    movl $(FOUR_LEVELS + 0x1003), FOUR_LEVELS
    movl $(PAGES + 3), FOUR_LEVELS + 0x1000
    movw $PAGES, %di
    movl $0x83, %eax
map:
    movl %eax, (%di)
    addw $8, %di
    addl $0x200000, %eax
    cmpl $0x04000083, %eax
    jne map

    inb $0x92, %al  // addresses have more than 20 bits
    orb $2, %al
    outb %al, $0x92
    movl $0x000406A0, %eax  // OSXSAVE, OSXMMEXCPT, OSFXSR, PGE, PAE
    movl %eax, %cr4
    movl $FOUR_LEVELS, %eax
    movl %eax, %cr3
    movl $0xC0000080, %ecx  // EFER: long mode
    xorl %edx, %edx
    movl $0x100, %eax
    wrmsr
    lgdt table
    movl $0x80000003, %eax  // paging, protected mode, and no trap of the vector unit
    movl %eax, %cr0
    ljmp $8, $long_mode
stop:
    hlt
    jmp stop

.code64
long_mode:
    xorl %ecx, %ecx
    xorl %edx, %edx
    movl $0xE7, %eax  // XCR0: x87, SSE, AVX and the three states of AVX-512
    xsetbv
    xorl %eax, %eax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movq $0x80000, %rsp
    movl $clear_from, %edi
    movl $clear_size, %ecx
    rep stosb
    call start
rest:
    hlt
    jmp rest

.balign 8
descriptors:
    .quad 0, 0x00209A0000000000
table:
    .word 15
    .long descriptors
.balign 4
request:  // 64 sectors from the second one on, to 0x10000
    .word 16, 64, 0, 0x1000
    .quad 1
    .org 510
    .word 0xAA55
