// A program without a standard library that multiplies tiles of many kinds, and prints a digest of each result: the same
// lines on every kind of processor, and with every width of vectors. It needs a system's calls, or (TTHAL_BARE) nothing but
// the processor and a serial line.
#include "multiply/multiply.h"

using namespace tthal;

extern "C" unsigned tthal_vector_form(void);

namespace {

#if defined(TTHAL_BARE)
constexpr uint16_t SERIAL = 0x3F8, BOCHS = 0x8900;
void out(uint16_t port, uint8_t byte) { asm volatile("outb %0, %1" : : "a"(byte), "Nd"(port)); }
uint8_t in(uint16_t port) {
    uint8_t byte;
    asm volatile("inb %1, %0" : "=a"(byte) : "Nd"(port));
    return byte;
}
void write(const char* text, uint32_t size) {
    out(SERIAL + 3, 0x80), out(SERIAL, 1), out(SERIAL + 1, 0), out(SERIAL + 3, 3);  // 115,200 baud
    for (; size > 0; size--) {
        while (!(in(SERIAL + 5) & 0x20)) {}
        out(SERIAL, *text++);
    }
}
void leave() {
    while (!(in(SERIAL + 5) & 0x40)) {}  // what was written is on its way still
    for (const char* letter = "Shutdown"; *letter; letter++) out(BOCHS, *letter);
}
#elif defined(_WIN32)
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
alignas(64) uint32_t dst[TILES * TILES * ELEMENTS];
uint64_t state = 1;

uint64_t next() {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
}

// Numbers of ordinary size for 16 and 32 bits, exponents of ordinary size before the rest of block floats; or any bytes.
void fill(uint8_t* to, uint8_t format, bool hostile) {
    const uint32_t size = bytes_of(format), step = size == ELEMENTS * 4 ? 4 : size == ELEMENTS * 2 ? 2 : 0;
    for (uint32_t tile = 0; tile < TILES; tile++)
        for (uint32_t at = 0; at < size; at++) {
            uint8_t& byte = to[tile * size + at];
            byte = uint8_t(next());
            if (hostile) continue;
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

void multiply(uint8_t format0, uint8_t format1, uint8_t fidelity, bool exact, bool is_32_bit, bool hostile) {
    fill(left, format0, hostile);
    fill(right, format1, hostile);
    for (uint32_t& bits : dst) bits = hostile ? (next() << 8 ^ next()) & (is_32_bit ? ~0u : 0xFFFF0000) : 0;
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
                             reinterpret_cast<float*>(dst)};
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
#if defined(TTHAL_PRINTS_FORM)
    char form[] = "form 0\n";
    form[5] += char(tthal_vector_form());
    write(form, sizeof form - 1);
#endif
    constexpr uint8_t WIDE[] = {FLOAT16_B, FLOAT32, TF32_FORMAT, BFP8_B, BFP4_B, BFP2_B};
    constexpr uint8_t NARROW[] = {FLOAT16, FLOAT8, FP8_E4M3, BFP8, BFP4, BFP2};
    constexpr uint8_t HIFI4 = 4, FIDELITIES[] = {0, 2, 3, HIFI4};
    for (uint8_t fidelity : FIDELITIES)
        for (int pair = 0; pair < 36; pair++)
            for (int wide = 0; wide < 2; wide++) {
                multiply(WIDE[pair / 6], WIDE[pair % 6], fidelity, true, wide, false);
                multiply(NARROW[pair / 6], NARROW[pair % 6], fidelity, true, wide, false);
            }
    for (int pair = 0; pair < 36; pair++)
        for (int wide = 0; wide < 2; wide++) {
            multiply(WIDE[pair / 6], WIDE[pair % 6], HIFI4, true, wide, true);
            multiply(NARROW[pair / 6], NARROW[pair % 6], HIFI4, true, wide, true);
        }
    constexpr uint8_t FAST[] = {FLOAT16_B, FLOAT32, BFP8_B, BFP4_B};
    for (uint8_t format0 : FAST)
        for (int wide = 0; wide < 2; wide++)
            for (int hostile = 0; hostile < 2; hostile++) multiply(format0, FLOAT16_B, HIFI4, false, wide, hostile);
    leave();
}

// The stack is aligned as functions expect it; elsewhere that is so already.
#if defined(_WIN32) || defined(TTHAL_BARE)
#elif defined(__x86_64__)
asm(".globl _start\n_start: and $-16, %rsp\ncall start\n");
#elif defined(__aarch64__)
asm(".globl _start\n_start: bl start\n");
#endif
