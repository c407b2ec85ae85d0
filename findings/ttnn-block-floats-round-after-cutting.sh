#!/usr/bin/env bash
# ttnn 0.81.1: pack_bfp8 shifts a value to its row's exponent first, which cuts bits off, and rounds half to even then.
#
# Beside 1.0 a bfp8 datum counts 64ths. (0.5 + 2^-18)/64 lies above the middle of 0 and 1/64 and still becomes 0: the bit
# that tells was cut off. (0.5 + 2^-8)/64 keeps it and becomes 1/64. Seen: "0.0 and 1.0".
. "$(dirname "$0")/common.sh"
with_ttnn
run << 'PYTHON'
import numpy as np
import ttnn

tools = ttnn._ttnn.bfp_utils
tile = np.zeros(1024, np.float32)
tile[:3] = 1.0, (0.5 + 2**-18) / 64, (0.5 + 2**-8) / 64
assert float(tile[1]) * 64 == 0.5 + 2**-18, "float32 holds the value"
below, above = tools.unpack_bfp8(tools.pack_bfp8(tile))[1:3] * 64
print(f"{below} and {above}")
assert (below, above) == (0, 1)
PYTHON
echo "as found"
