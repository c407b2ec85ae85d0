"""Results of a long comparison, kept as they come: a run that is stopped, or has no time left, goes on where it was."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import tthal_emulator
import tthal_time
from tthal.kit.cache import cache_folder, digest

_DECIDING = ("capture", "layouts", "lists", "participants", "places", "profile", "solver", "solving", "streaming")
_FOLDERS = (
    (Path(tthal_time.__file__).parent, ("*.cpp", "*.h", *(f"{name}.py" for name in _DECIDING))),
    (Path(tthal_time.__file__).parent / "constants", ("*.py",)),
    (Path(tthal_emulator.__file__).parent / "kernel_side", ("*.cpp", "*.h")),
    (Path(tthal_emulator.__file__).parent / "compiler", ("*.py",)),
    (Path(__file__).parent / "time_programs", ("*.py",)),
)
"""What decides the results: the model, what it hears of, and the programs."""


def sources() -> str:
    """A digest of everything that decides the results."""
    files = sorted(file for folder, kinds in _FOLDERS for kind in kinds for file in folder.rglob(kind))
    return digest(*(file.read_bytes() for file in files))


class Results:
    """Figures by name, in a file of the cache's folder that belongs to the sources they were made with.

    Args:
        fresh: forget what is there.
        minutes: after which nothing is computed any more.
    """

    def __init__(self, fresh: bool = False, minutes: float | None = None) -> None:
        self._until = None if minutes is None else time.monotonic() + 60 * minutes
        self._path = cache_folder("time_model") / f"{sources()[:32]}.jsonl"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._known: dict[str, float] = {}
        if not fresh and self._path.exists():
            for line in self._path.read_text(encoding="utf-8").splitlines():
                self._remember(line)
        self._file: IO[str] = self._path.open("w" if fresh else "a", encoding="utf-8", buffering=1)
        self.kept, self.left = len(self._known), 0

    def _remember(self, line: str) -> None:
        """A line that was cut off says nothing."""
        try:
            name, value = json.loads(line)
        except ValueError:
            return
        self._known[str(name)] = float(value)

    def find(self, name: str, compute: Callable[[], float]) -> float | None:
        """A figure that is known or computed now; None: there is no time left."""
        if name not in self._known:
            if self._until is not None and time.monotonic() > self._until:
                self.left += 1
                return None
            self._known[name] = compute()
            self._file.write(json.dumps([name, self._known[name]]) + "\n")
        return self._known[name]
