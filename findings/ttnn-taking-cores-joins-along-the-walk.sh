#!/usr/bin/env bash
# ttnn 0.81.1: num_cores_to_corerangeset_in_subcoregrids joins neighbouring rectangles of the set, but only those that
# follow each other in the direction of the walk.
#
# The same eight cores, all taken, come back as one rectangle column-wise and as two row-wise, while
# num_cores_to_corerangeset and split_work_to_cores with enough work for all return the set as given. Seen:
# "{[0-0 - 3-1]} and {[0-0 - 1-1], [2-0 - 3-1]}".
. "$(dirname "$0")/common.sh"
with_ttnn
run << 'PYTHON'
import ttnn

def block(left, top, right, bottom):
    return ttnn.CoreRange(ttnn.CoreCoord(left, top), ttnn.CoreCoord(right, bottom))

beside = ttnn.CoreRangeSet([block(0, 0, 1, 1), block(2, 0, 3, 1)])
found = [
    str(ttnn.num_cores_to_corerangeset_in_subcoregrids(ttnn.CoreCoord(0, 0), 8, beside, row_wise))
    for row_wise in (False, True)
]
print(" and ".join(found))
assert found == ["{[0-0 - 3-1]}", "{[0-0 - 1-1], [2-0 - 3-1]}"]
assert str(ttnn.split_work_to_cores(beside, 8)[1]) == "{[0-0 - 1-1], [2-0 - 3-1]}"
PYTHON
echo "as found"
