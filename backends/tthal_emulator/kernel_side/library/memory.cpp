// Memory functions of the C library, 16 bytes at a time. They are called by what the compiler generates, so their own
// loops must not be turned back into calls of themselves.
#include <wasm_simd128.h>

using size_t = __SIZE_TYPE__;

#define PLAIN __attribute__((no_builtin))

extern "C" {

PLAIN void* memset(void* destination, int value, size_t size) {
    char* to = static_cast<char*>(destination);
    const v128_t wide = wasm_i8x16_splat(static_cast<signed char>(value));
    for (; size >= 16; size -= 16, to += 16) wasm_v128_store(to, wide);
    for (; size > 0; --size) *to++ = static_cast<char>(value);
    return destination;
}

PLAIN void* memcpy(void* destination, const void* source, size_t size) {
    char* to = static_cast<char*>(destination);
    const char* from = static_cast<const char*>(source);
    for (; size >= 16; size -= 16, to += 16, from += 16) wasm_v128_store(to, wasm_v128_load(from));
    for (; size > 0; --size) *to++ = *from++;
    return destination;
}

PLAIN void* memmove(void* destination, const void* source, size_t size) {
    char* to = static_cast<char*>(destination);
    const char* from = static_cast<const char*>(source);
    if (reinterpret_cast<uintptr_t>(to) - reinterpret_cast<uintptr_t>(from) >= size) return memcpy(to, from, size);
    to += size;
    from += size;
    for (; size >= 16; size -= 16) {
        to -= 16;
        from -= 16;
        wasm_v128_store(to, wasm_v128_load(from));
    }
    for (; size > 0; --size) *--to = *--from;
    return destination;
}

PLAIN int memcmp(const void* left, const void* right, size_t size) {
    const unsigned char* a = static_cast<const unsigned char*>(left);
    const unsigned char* b = static_cast<const unsigned char*>(right);
    for (; size > 0; --size, ++a, ++b)
        if (*a != *b) return *a - *b;
    return 0;
}

}  // extern "C"
