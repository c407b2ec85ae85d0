#!/usr/bin/env bash
# ttnn 0.81.1 with numpy 1.26.4: Tensor.to_numpy() of a bfloat16 tensor is no array of numbers.
#
# A float32 tensor comes back as a 32x32 float32 array, a bfloat16 one as a zero-dimensional array of dtype object that
# holds a nanobind.nb_ndarray: numpy has no bfloat16, and ml_dtypes, though installed, is not used. bfloat8_b comes back
# as float32. Seen: "float32 (32, 32); object (); float32 (32, 32)".
. "$(dirname "$0")/common.sh"
with_ttnn
run << 'PYTHON'
import numpy as np
import ttnn

found = []
for kind in (ttnn.float32, ttnn.bfloat16, ttnn.bfloat8_b):
    array = ttnn.Tensor(np.full((32, 32), 1.5, np.float32), kind).to_numpy()
    found.append((str(array.dtype), array.shape))
print("; ".join(f"{kind} {shape}" for kind, shape in found))
assert found == [("float32", (32, 32)), ("object", ()), ("float32", (32, 32))]
assert ttnn.Tensor(np.full((32, 32), 1.5, np.float32), ttnn.bfloat16).to_list()[0][0] == 1.5
PYTHON
echo "as found"
