// Memory functions of the C library, 16 bytes at a time. They are called by what the compiler generates, so their own
// loops must not be turned back into calls of themselves.
#include "wasm_vectors.h"

#if __has_include("tthal/border/accesses.h")
#include "tthal/border/accesses.h"
#endif

using size_t = __SIZE_TYPE__;

namespace {

// Observers hear of blocks, too, where there are device headers; where blocks were asked for is not known here.
#if __has_include("tthal/border/accesses.h")
void note(tthal::MonitorEvent event, const void* at, size_t size) {
    const uint32_t address = reinterpret_cast<uint32_t>(at);
    if (tthal::is_observed() && address < TTHAL_REGISTERS_BASE && size != 0) tthal::accessed(event, address, size, 0);
}
void note_store(const void* at, size_t size) { note(tthal::MonitorEvent::STORE, at, size); }
void note_load(const void* at, size_t size) { note(tthal::MonitorEvent::LOAD, at, size); }
#else
void note_store(const void*, size_t) {}
void note_load(const void*, size_t) {}
#endif

}  // namespace

// Not in each other either: there are many names for few functions.
#define PLAIN __attribute__((no_builtin, noinline))
// Steps that are not worth being unrolled.
#define FEW _Pragma("clang loop unroll(disable)")

extern "C" {

PLAIN void* memset(void* destination, int value, size_t size) {
    note_store(destination, size);
    char* to = static_cast<char*>(destination);
    const v128_t wide = wasm_i8x16_splat(static_cast<signed char>(value));
    for (; size >= 64; size -= 64, to += 64)
        for (int at = 0; at < 64; at += 16) wasm_v128_store(to + at, wide);
    for (; size >= 16; size -= 16, to += 16) wasm_v128_store(to, wide);
    FEW for (; size > 0; --size) *to++ = static_cast<char>(value);
    return destination;
}

PLAIN void* memcpy(void* destination, const void* source, size_t size) {
    note_load(source, size);
    note_store(destination, size);
    char* to = static_cast<char*>(destination);
    const char* from = static_cast<const char*>(source);
    for (; size >= 64; size -= 64, to += 64, from += 64)
        for (int at = 0; at < 64; at += 16) wasm_v128_store(to + at, wasm_v128_load(from + at));
    for (; size >= 16; size -= 16, to += 16, from += 16) wasm_v128_store(to, wasm_v128_load(from));
    FEW for (; size > 0; --size) *to++ = *from++;
    return destination;
}

PLAIN void* memmove(void* destination, const void* source, size_t size) {
    char* to = static_cast<char*>(destination);
    const char* from = static_cast<const char*>(source);
    if (reinterpret_cast<uintptr_t>(to) - reinterpret_cast<uintptr_t>(from) >= size) return memcpy(to, from, size);
    note_load(source, size);
    note_store(destination, size);
    to += size;
    from += size;
    for (; size >= 16; size -= 16) {
        to -= 16;
        from -= 16;
        wasm_v128_store(to, wasm_v128_load(from));
    }
    FEW for (; size > 0; --size) *--to = *--from;
    return destination;
}

// tthal_block_copy_i32 tthal_block_move_i32 tthal_block_set_i32 tthal_block_copy_i64 tthal_block_move_i64
// tthal_block_set_i64: what compiler/accesses.py puts in place of copies that the compiler would expand where they stand; sizes have either type.
#define TTHAL_BLOCKS(name, type) \
    PLAIN void tthal_block_copy_##name(void* to, const void* from, type size, bool) { memcpy(to, from, size); } \
    PLAIN void tthal_block_move_##name(void* to, const void* from, type size, bool) { memmove(to, from, size); } \
    PLAIN void tthal_block_set_##name(void* to, unsigned char value, type size, bool) { memset(to, value, size); }
TTHAL_BLOCKS(i32, size_t)
TTHAL_BLOCKS(i64, unsigned long long)
#undef TTHAL_BLOCKS

PLAIN int memcmp(const void* left, const void* right, size_t size) {
    const unsigned char* a = static_cast<const unsigned char*>(left);
    const unsigned char* b = static_cast<const unsigned char*>(right);
    for (; size > 0; --size, ++a, ++b)
        if (*a != *b) return *a - *b;
    return 0;
}

}  // extern "C"
