// Says hello from each of the three compute processors: the same source is compiled once for every one of them.
#include "api/compute/common.h"
#include "api/debug/dprint.h"

void kernel_main() {
    UNPACK((DPRINT << "hello, I unpack tiles into the registers" << ENDL()));
    MATH((DPRINT << "hello, I drive the matrix and the vector unit" << ENDL()));
    PACK((DPRINT << "hello, I pack tiles into circular buffers" << ENDL()));
}
