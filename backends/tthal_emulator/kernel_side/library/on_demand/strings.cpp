// The functions of <string.h> that kernels use on text and bytes, besides those in memory.cpp.
using size_t = __SIZE_TYPE__;

#define PLAIN __attribute__((no_builtin))

extern "C" {

PLAIN size_t strlen(const char* text) {
    size_t length = 0;
    while (text[length]) ++length;
    return length;
}

PLAIN size_t strnlen(const char* text, size_t limit) {
    size_t length = 0;
    while (length < limit && text[length]) ++length;
    return length;
}

PLAIN int strcmp(const char* a, const char* b) {
    for (; *a && *a == *b; ++a, ++b) {
    }
    return static_cast<unsigned char>(*a) - static_cast<unsigned char>(*b);
}

PLAIN int strncmp(const char* a, const char* b, size_t limit) {
    for (; limit > 0 && *a && *a == *b; ++a, ++b, --limit) {
    }
    return limit == 0 ? 0 : static_cast<unsigned char>(*a) - static_cast<unsigned char>(*b);
}

PLAIN char* strcpy(char* to, const char* from) {
    char* next = to;
    while ((*next++ = *from++)) {
    }
    return to;
}

PLAIN char* strncpy(char* to, const char* from, size_t limit) {
    size_t n = 0;
    for (; n < limit && from[n]; ++n) to[n] = from[n];
    for (; n < limit; ++n) to[n] = 0;
    return to;
}

PLAIN char* strchr(const char* text, int character) {
    for (;; ++text) {
        if (*text == static_cast<char>(character)) return const_cast<char*>(text);
        if (!*text) return nullptr;
    }
}

PLAIN void* memchr(const void* bytes, int value, size_t size) {
    const unsigned char* next = static_cast<const unsigned char*>(bytes);
    for (; size > 0; --size, ++next)
        if (*next == static_cast<unsigned char>(value)) return const_cast<unsigned char*>(next);
    return nullptr;
}

}  // extern "C"
