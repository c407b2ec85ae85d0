#!/usr/bin/env bash
# tt-exalens 0.4.2: its reader of bfp8_b in a register file is right for magnitudes in [0.5, 128) only.
#
# A datum is its seven magnitude bits, in 64ths, times 2^(shared exponent - 127). The reader splits the seven bits at the
# binary point as text: a point further left than the bits counts from the other end of the text, one further right is
# not moved at all. Seen: "0.5: 0.5, 0.25: 32, 0.375: 48, 64: 64, 128: 64, 256: 64".
. "$(dirname "$0")/common.sh"
environment "$(python_312)" tt-exalens==0.4.2
run << 'PYTHON'
from ttexalens.pack_unpack_regfile import TensixDataFormat, unpack_data

seen = []
for exponent, magnitude, shown in ((126, 64, 0.5), (125, 64, 32), (125, 96, 48), (133, 64, 64), (134, 64, 64), (135, 64, 64)):
    tile = bytes([exponent] * 64 + [magnitude] * 1024)  # 64 shared exponents, 1024 datums
    numbers = unpack_data(tile, TensixDataFormat.Bfp8_b, False)
    assert len(numbers) == 1024 and set(numbers) == {shown}, set(numbers)
    seen.append(f"{magnitude / 64 * 2.0 ** (exponent - 127):g}: {numbers[0]:g}")
print(", ".join(seen))
PYTHON
echo "as found"
