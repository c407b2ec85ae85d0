// Lets a test call each form of the matrix product that the processor has.
#include "compiled/matmul.cpp"

extern "C" unsigned matmul_forms() {
#if defined(__x86_64__)
    const tthal::Matmul best = tthal::choose();
    return best == tthal::matmul_avx512 ? 3 : best == tthal::matmul_avx2 ? 2 : 1;
#else
    return 1;
#endif
}

extern "C" void run_matmul(unsigned form, const unsigned char* in0, const unsigned char* in1, unsigned format0,
                           unsigned format1, unsigned page0, unsigned page1, unsigned rows, unsigned columns,
                           unsigned transpose, unsigned is_32_bit, unsigned fidelity, float* dst, void* scratch) {
    using namespace tthal;
    const Product product = {in0, in1, page0, page1, static_cast<uint8_t>(format0), static_cast<uint8_t>(format1),
                             rows, columns, transpose != 0, is_32_bit != 0, static_cast<uint8_t>(fidelity), dst};
    Scratch& space = *static_cast<Scratch*>(scratch);
#if defined(__x86_64__)
    if (form == 1) return matmul_avx2(product, space);
    if (form == 2) return matmul_avx512(product, space);
    matmul_plain(product, space);
#else
    choose()(product, space);
#endif
}
