#!/usr/bin/env bash
# tt-umd 0.9.14: cores that are equal are still two members of a set, and its plain pairs of coordinates are not equal.
#
# CoreCoord has an equality and keeps the identity as its hash; tt_xy_pair, in which descriptors list their cores, has
# neither, so `in` and == never find a place. Comparing a CoreCoord to anything else raises.
# Seen: "equal: True, in a set: 2; pairs equal: False, pair (1, 1) in tensix_cores: False; CoreCoord == None: TypeError".
. "$(dirname "$0")/common.sh"
environment "$(python_312)" tt-umd==0.9.14
run << 'PYTHON'
from tt_umd import ARCH, CoordSystem, CoreCoord, CoreType, SocArchDescriptor, tt_xy_pair

one, other = (CoreCoord(1, 2, CoreType.TENSIX, CoordSystem.NOC0) for _ in range(2))
workers = SocArchDescriptor(ARCH.WORMHOLE_B0).tensix_cores
assert (1, 1) in [(place.x, place.y) for place in workers]
found = tt_xy_pair(1, 1) in workers
try:
    one == None
    compared = "no error"
except TypeError:
    compared = "TypeError"
print(f"equal: {one == other}, in a set: {len({one, other})}; pairs equal: {tt_xy_pair(1, 2) == tt_xy_pair(1, 2)},", end=" ")
print(f"pair (1, 1) in tensix_cores: {found}; CoreCoord == None: {compared}")
assert one == other and len({one, other}) == 2
assert tt_xy_pair(1, 2) != tt_xy_pair(1, 2) and not found and compared == "TypeError"
PYTHON
echo "as found"
