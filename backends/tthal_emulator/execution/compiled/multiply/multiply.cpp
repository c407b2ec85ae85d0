#include "multiply.h"

using namespace tthal;

extern "C" void tthal_multiply(const void* what, void* scratch) {
    const Product& product = *static_cast<const Product*>(what);
    if (product.exact) exact_matmul(product, *static_cast<ExactScratch*>(scratch));
    else fast_matmul(product, *static_cast<FastScratch*>(scratch));
}
