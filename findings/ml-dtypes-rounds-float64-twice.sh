#!/usr/bin/env bash
# ml_dtypes 0.5.4: float64 and 64-bit integers become bfloat16 or float8 by way of float32, so they are rounded twice.
#
# 1 + 2^-8 + 2^-40 lies above the middle between the bfloat16 numbers 1 and 1.0078125, and comes out as 1. The same for
# float8_e4m3fn at 1 + 2^-4 + 2^-40 (1.125 is next), and for the integer 2^24 + 2^16 + 1.
# Seen: "1 instead of 1.0078125; 1 instead of 1.125; 16777216 instead of 16908288".
. "$(dirname "$0")/common.sh"
environment "${PYTHON:-python3}" 'numpy<3' 'ml_dtypes==0.5.4'
run << 'PYTHON'
import ml_dtypes
import numpy as np

bfloat16, float8 = ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn
cases = [
    (np.float64(1 + 2**-8 + 2**-40), bfloat16, 1.0, 1.0078125),
    (np.float64(1 + 2**-4 + 2**-40), float8, 1.0, 1.125),
    (np.int64(2**24 + 2**16 + 1), bfloat16, 2.0**24, 2.0**24 + 2.0**17),
]
for value, kind, seen, nearest in cases:
    assert abs(float(value) - nearest) < abs(float(value) - seen)
    assert float(kind(nearest)) == nearest, "the nearer number exists"
    found = float(np.array([value]).astype(kind)[0])
    print(f"{found:.12g} instead of {nearest:.12g}")
    assert found == seen
PYTHON
echo "as found"
