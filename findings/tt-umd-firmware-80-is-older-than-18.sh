#!/usr/bin/env bash
# tt-umd 0.9.14: versions of firmware bundles are ordered otherwise than their numbers: 80 comes before 18.
#
# Bundles were numbered from 80 once and start anew at 18; FirmwareBundleVersion knows, the SemVer beside it does not, and
# whoever compares the parts (or the text) finds the older bundle to be the newer one.
# Seen: "as bundles 80.18.1 < 18.0.0 < 19.4.2, as SemVer 18.0.0 < 19.4.2 < 80.18.1".
. "$(dirname "$0")/common.sh"
environment "$(python_312)" tt-umd==0.9.14
run << 'PYTHON'
from functools import cmp_to_key

from tt_umd import FirmwareBundleVersion, SemVer

def ordered(kind):
    compare = cmp_to_key(lambda one, other: -1 if one < other else int(one > other))
    return " < ".join(map(str, sorted([kind(19, 4, 2), kind(18, 0, 0), kind(80, 18, 1)], key=compare)))

print(f"as bundles {ordered(FirmwareBundleVersion)}, as SemVer {ordered(SemVer)}")
assert ordered(FirmwareBundleVersion) == "80.18.1 < 18.0.0 < 19.4.2"
assert ordered(SemVer) == "18.0.0 < 19.4.2 < 80.18.1"
PYTHON
echo "as found"
