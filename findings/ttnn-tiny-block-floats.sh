#!/usr/bin/env bash
# ttnn 0.81.1: the host's unpackers of bfp8 and bfp4 treat a magnitude's leading zeros as a smaller exponent, and give up
# where that falls below the smallest: such datums become zero, or lose a bit, though float32's denormals hold the value.
#
# Under shared exponent 1 a bfp4 datum m stands for m * 2^-128. Seen for m = 1, 2, 3, 4: 0, 0, 2 (instead of 3), 4 times
# 2^-128. Under exponent 3 all four are exact.
. "$(dirname "$0")/common.sh"
with_ttnn
run << 'PYTHON'
import numpy as np
import ttnn

def unpacked(exponent, magnitudes):
    """The values of a bfp4 tile's first datums, in units of 2^(exponent - 129)."""
    tile = np.zeros(576, np.uint8)
    tile[0] = exponent
    tile[64:66] = [magnitudes[0] | magnitudes[1] << 4, magnitudes[2] | magnitudes[3] << 4]
    values = ttnn._ttnn.bfp_utils.unpack_bfp4(tile.view(np.uint32))[:4].astype(np.float64)
    return [float(value) for value in values / 2.0 ** (exponent - 129)]

print(unpacked(1, [1, 2, 3, 4]), unpacked(3, [1, 2, 3, 4]))
assert unpacked(3, [1, 2, 3, 4]) == [1, 2, 3, 4]
assert unpacked(1, [1, 2, 3, 4]) == [0, 0, 2, 4]
PYTHON
echo "as found"
