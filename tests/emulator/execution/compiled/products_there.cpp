// A program without a standard library that multiplies tiles of many kinds, and prints a digest of each result: the same
// lines on every kind of processor.
#include "multiply/multiply.h"

using namespace tthal;

namespace {

#if defined(_WIN32)
extern "C" {
__declspec(dllimport) void* GetStdHandle(uint32_t which);
__declspec(dllimport) int WriteFile(void* file, const void* bytes, uint32_t size, uint32_t* written, void* overlapped);
__declspec(dllimport) void ExitProcess(uint32_t status);
}
void write(const char* text, uint32_t size) {
    uint32_t written;
    WriteFile(GetStdHandle(uint32_t(-11)), text, size, &written, nullptr);
}
void leave() { ExitProcess(0); }
#else
#if defined(__x86_64__)
long system_call(long number, long a, long b, long c) {
    long result;
    asm volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
    return result;
}
constexpr long WRITE = 1, EXIT = 60;
#elif defined(__aarch64__)
long system_call(long number, long a, long b, long c) {
    register long x8 asm("x8") = number;
    register long x0 asm("x0") = a;
    register long x1 asm("x1") = b;
    register long x2 asm("x2") = c;
    asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
    return x0;
}
constexpr long WRITE = 64, EXIT = 93;
#endif
void write(const char* text, uint32_t size) { system_call(WRITE, 1, reinterpret_cast<long>(text), size); }
void leave() { system_call(EXIT, 0, 0, 0); }
#endif

constexpr uint32_t TILES = 2;
alignas(64) uint8_t scratch[SCRATCH_SIZE], left[TILES * ELEMENTS * 4], right[TILES * ELEMENTS * 4];
alignas(64) float dst[TILES * TILES * ELEMENTS];
uint64_t state = 1;

uint64_t next() {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
}

// Numbers of ordinary size for 16 and 32 bits, exponents of ordinary size before the rest of block floats.
void fill(uint8_t* to, uint8_t format) {
    const uint32_t size = bytes_of(format), step = size == ELEMENTS * 4 ? 4 : size == ELEMENTS * 2 ? 2 : 0;
    for (uint32_t tile = 0; tile < TILES; tile++)
        for (uint32_t at = 0; at < size; at++) {
            uint8_t& byte = to[tile * size + at];
            byte = uint8_t(next());
            if (step && at % step == step - 1) byte = (byte & 0x80) | 0x3F;
            if (!step && at < ELEMENTS / FACE_SIDE) byte = 120 + byte % 10;
        }
}

void print(const Product& product, uint64_t digest) {
    char line[] = "00 00 0 0 0 0000000000000000\n";
    const auto hex = [&](int at, int digits, uint64_t value) {
        for (int i = digits - 1; i >= 0; i--, value >>= 4) line[at + i] = "0123456789abcdef"[value & 15];
    };
    hex(0, 2, product.format0);
    hex(3, 2, product.format1);
    hex(6, 1, product.fidelity);
    hex(8, 1, product.exact);
    hex(10, 1, product.is_32_bit);
    hex(12, 16, digest);
    write(line, sizeof line - 1);
}

void multiply(uint8_t format0, uint8_t format1, uint8_t fidelity, bool exact, bool is_32_bit) {
    fill(left, format0);
    fill(right, format1);
    for (float& value : dst) value = 0;
    const Product product = {left,
                             right,
                             bytes_of(format0),
                             bytes_of(format1),
                             format0,
                             format1,
                             TILES,
                             TILES,
                             false,
                             is_32_bit,
                             exact,
                             false,
                             fidelity,
                             dst};
    tthal_multiply(&product, scratch);
    uint64_t digest = 14695981039346656037u;
    for (uint32_t at = 0; at < sizeof dst; at++)
        digest = (digest ^ reinterpret_cast<const uint8_t*>(dst)[at]) * 1099511628211u;
    print(product, digest);
}

}  // namespace

// What compilers call for assignments of large objects.
extern "C" void* memset(void* to, int value, size_t size) {
    for (size_t at = 0; at < size; at++) static_cast<volatile uint8_t*>(to)[at] = uint8_t(value);
    return to;
}
extern "C" void* memcpy(void* to, const void* from, size_t size) {
    for (size_t at = 0; at < size; at++) static_cast<volatile uint8_t*>(to)[at] = static_cast<const uint8_t*>(from)[at];
    return to;
}

extern "C" void start() {
    constexpr uint8_t WIDE[] = {FLOAT16_B, FLOAT32, TF32_FORMAT, BFP8_B, BFP4_B, BFP2_B};
    constexpr uint8_t NARROW[] = {FLOAT16, FLOAT8, FP8_E4M3, BFP8, BFP4, BFP2};
    constexpr uint8_t FIDELITIES[] = {0, 2, 3, 4};
    for (uint8_t fidelity : FIDELITIES)
        for (int pair = 0; pair < 36; pair++)
            for (int wide = 0; wide < 2; wide++) {
                multiply(WIDE[pair / 6], WIDE[pair % 6], fidelity, true, wide);
                multiply(NARROW[pair / 6], NARROW[pair % 6], fidelity, true, wide);
            }
    constexpr uint8_t FAST[] = {FLOAT16_B, FLOAT32, BFP8_B, BFP4_B};
    for (uint8_t format0 : FAST)
        for (int wide = 0; wide < 2; wide++) multiply(format0, FLOAT16_B, 4, false, wide);
    leave();
}

// The stack is aligned as functions expect it; on Windows that is so, and the linker is told where to start.
#if defined(_WIN32)
#elif defined(__x86_64__)
asm(".globl _start\n_start: and $-16, %rsp\ncall start\n");
#elif defined(__aarch64__)
asm(".globl _start\n_start: bl start\n");
#endif
