#!/usr/bin/env bash
# wolfpine 2.2: the matrix unit's zero of Float16 is 2^-15.
#
# The ISA documentation (FloatBitPatterns) has exponent 0 of a 16-bit float with 5 bits of exponent as zero in the matrix
# unit. wolfpine's conversion from a source register widens exponent 0 like any other, so that whatever adds a zero in
# Float16 (a copy to a 32-bit DST does) adds 2^-15. The zeros of bfloat16 and TF32 are zeros.
# Seen: "FP16 3.0517578125e-05, BF16 0.0, TF32 0.0".
. "$(dirname "$0")/common.sh"
environment "${PYTHON:-python3}" wolfpine==2.2
run << 'PYTHON'
import struct

from framework.pe.tensix.util import DataFormatConversions

found = {
    name: struct.unpack("<f", struct.pack("<I", getattr(DataFormatConversions, f"{name}InSrcToFP32")(0)))[0]
    for name in ("FP16", "BF16", "TF32")
}
print(", ".join(f"{name} {value}" for name, value in found.items()))
assert found == {"FP16": 2.0**-15, "BF16": 0.0, "TF32": 0.0}
PYTHON
echo "as found"
