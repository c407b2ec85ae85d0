"""Why compiled code hands a launch back to Python."""

from __future__ import annotations

from enum import unique

from .vocabulary import Code


@unique
class StopReason(Code):
    """Why compiled code stopped giving turns; all but the last two are about the kernel that ran."""

    ENDED = 0, "it trapped, or its entry returned with transfers on their way"
    SPENT = 1, "it gave way without waiting for anything"
    ARRIVAL = 2, "some of its transfers shall arrive early"
    IDLE = 3, "nobody is ready; perhaps because all have ended"
    PAUSE = 4, "the turns are used up"
    STOP = 5, "a listener wants the launch to end"
