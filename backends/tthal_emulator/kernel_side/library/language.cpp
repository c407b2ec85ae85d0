// What C++ itself expects of a library, for code without heap, exceptions or an operating system to return to.
using size_t = __SIZE_TYPE__;
using uint64_t = __UINT64_TYPE__;

extern "C" {

[[noreturn]] void abort() { __builtin_trap(); }
[[noreturn]] void exit(int) { __builtin_trap(); }
[[noreturn]] void __assert_fail(const char*, const char*, int, const char*) { __builtin_trap(); }
[[noreturn]] void __cxa_pure_virtual() { __builtin_trap(); }
[[noreturn]] void __cxa_deleted_virtual() { __builtin_trap(); }
[[noreturn]] void __stack_chk_fail() { __builtin_trap(); }

// A kernel never exits in the sense of C++: destructors of static objects do not run on the target either.
int __cxa_atexit(void (*)(void*), void*, void*) { return 0; }
void* __dso_handle = nullptr;

// operator delete is reached by way of virtual destructors only; there is no operator new.
void delete_plain(void*) __asm__("_ZdlPv");
void delete_plain(void*) {}
void delete_sized(void*, size_t) __asm__("_ZdlPvm");
void delete_sized(void*, size_t) {}

// __libcpp_verbose_abort is libc++'s way to abort; the inline namespace is zig's (__1) or wasi's (__2).
[[noreturn]] void verbose_abort_1(const char*, ...) __asm__("_ZNSt3__122__libcpp_verbose_abortEPKcz");
[[noreturn]] void verbose_abort_1(const char*, ...) { __builtin_trap(); }
[[noreturn]] void verbose_abort_2(const char*, ...) __asm__("_ZNSt3__222__libcpp_verbose_abortEPKcz");
[[noreturn]] void verbose_abort_2(const char*, ...) { __builtin_trap(); }

// Arithmetic on 128 bits that wasm leaves to a library.
__int128 __multi3(__int128 a, __int128 b) {
    const uint64_t a_low = static_cast<uint64_t>(a), b_low = static_cast<uint64_t>(b);
    const uint64_t a0 = a_low & 0xffffffff, a1 = a_low >> 32, b0 = b_low & 0xffffffff, b1 = b_low >> 32;
    const uint64_t low = a0 * b0, middle = a1 * b0 + (low >> 32), other = a0 * b1 + (middle & 0xffffffff);
    const uint64_t cross = static_cast<uint64_t>(a >> 64) * b_low + static_cast<uint64_t>(b >> 64) * a_low;
    const uint64_t high = a1 * b1 + (middle >> 32) + (other >> 32) + cross;
    return static_cast<__int128>(static_cast<unsigned __int128>(high) << 64 | (other << 32 | (low & 0xffffffff)));
}

}  // extern "C"
