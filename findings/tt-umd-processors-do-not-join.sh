#!/usr/bin/env bash
# tt-umd 0.9.14: RiscType has | and ~, yet most of their results are no RiscType.
#
# The values are bits and the operators are offered, but only sums that have a name of their own come back: BRISC | NCRISC
# does (it is ALL_TENSIX_DMS), BRISC | TRISC0 and every ~ raise ValueError. ALL_TENSIX_TRISCS cannot be built from its three
# parts, since no two of them have a name. As text the last of Quasar's compute processors is none at all.
# Seen: "BRISC | NCRISC: ALL_TENSIX_DMS, BRISC | TRISC0: ValueError, TRISC0 | TRISC1: ValueError, ~BRISC: ValueError;
# str(NEO3_TRISC3): NONE".
. "$(dirname "$0")/common.sh"
environment "$(python_312)" tt-umd==0.9.14
run << 'PYTHON'
from tt_umd import RiscType

def name(work):
    try:
        return work().name
    except ValueError:
        return "ValueError"

joined = {
    "BRISC | NCRISC": name(lambda: RiscType.BRISC | RiscType.NCRISC),
    "BRISC | TRISC0": name(lambda: RiscType.BRISC | RiscType.TRISC0),
    "TRISC0 | TRISC1": name(lambda: RiscType.TRISC0 | RiscType.TRISC1),
    "~BRISC": name(lambda: ~RiscType.BRISC),
}
print(", ".join(f"{what}: {found}" for what, found in joined.items()) + f"; str(NEO3_TRISC3): {RiscType.NEO3_TRISC3}")
parts = int(RiscType.TRISC0) | int(RiscType.TRISC1) | int(RiscType.TRISC2)
assert parts == int(RiscType.ALL_TENSIX_TRISCS)
assert list(joined.values()) == ["ALL_TENSIX_DMS", "ValueError", "ValueError", "ValueError"]
assert str(RiscType.NEO3_TRISC3) == "NONE" and str(RiscType.NEO3_TRISC2) == "NEO3_TRISC2"
PYTHON
echo "as found"
