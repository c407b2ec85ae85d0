"""Solves a launch while it goes on: in a thread of its own, which waits for what kernels have not done yet.

What comes out never depends on which of the two is faster. There is one way to solve; the solver takes its actions from
where they are captured (compiled/solver.cpp).
"""

from __future__ import annotations

import os
import threading
import weakref

from .layouts import Progress
from .solving import SLEEP, Solution, Solving


def pays() -> bool:
    """Whether a second thread gains anything on this machine."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return processors > 1 and SLEEP != 0


class Stream:
    """Solves one launch as it is captured; given up at the latest when nothing refers to it, or the process ends.

    Args:
        solving: of actions that grow.

    Raises:
        RuntimeError: the system gives no thread.
    """

    def __init__(self, solving: Solving) -> None:
        self._solving = solving
        self._thread = threading.Thread(target=solving.run, name="tthal time model", daemon=True)
        self._thread.start()
        self.give_up = weakref.finalize(self, _give_up, solving, self._thread)

    def finish(self) -> Solution | None:
        """The launch is captured: wait for its solution; None when it was given up."""
        if not self.give_up.alive:
            return None
        self._solving.tell(Progress.CAPTURED)
        self._thread.join()
        self.give_up.detach()
        return self._solving.solution()


def _give_up(solving: Solving, thread: threading.Thread) -> None:
    """End the thread: after this nobody reads what is captured."""
    solving.tell(Progress.GIVEN_UP)
    thread.join()
    solving.solution()
