"""What is known of an exploration, as lines of JSON: a head, a line before a case starts, and its outcome.

A line is on the disk before the next step is taken. So whatever ends the exploration, at most the cases that were
running are lost, and they are run again by the next one with the same file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from tthal.errors import InvalidArgument
from tthal_explore.cases import Case, Outcome, Status, Taken

FORMAT = 1


class Journal:
    """A file of one exploration; a context manager.

    Raises:
        InvalidArgument: the file belongs to another program or backend, or is no journal.
    """

    def __init__(self, path: Path | None, head: dict[str, Any]) -> None:
        self.outcomes: dict[int, Outcome] = {}
        self._file: IO[str] | None = None
        if path is None:
            return
        found = read([path]) if path.exists() and path.stat().st_size else None
        if found is not None:
            if found[0] != head:
                raise InvalidArgument(
                    f"{path} is the journal of {_words(found[0])}, not of {_words(head)}; name another file"
                )
            self.outcomes = {seed: each for seed, each in found[1].items() if each.status is not Status.LOST}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")
        if found is None:
            self._write({"format": FORMAT, **head})

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def began(self, case: Case) -> None:
        """Note that a case is handed out."""
        self._write({"began": case.seed})

    def ended(self, outcome: Outcome) -> None:
        """Note how a case ended."""
        self.outcomes[outcome.seed] = outcome
        entry = {**asdict(outcome), "status": outcome.status.value}
        if not outcome.taken:
            del entry["taken"]
        self._write(entry)

    def outputs_vary(self) -> None:
        """Note that the program prints something else every time, in one order too."""
        self._write({"outputs": "vary"})

    def _write(self, line: dict[str, Any]) -> None:
        if self._file is None:
            return
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def do_outputs_vary(paths: Iterable[Path]) -> bool:
    """Return whether any of some journals has the note that outputs differ in one order too."""
    note = json.dumps({"outputs": "vary"})
    return any(line == note for path in paths for line in path.read_text(encoding="utf-8").splitlines())


def read(paths: Iterable[Path]) -> tuple[dict[str, Any], dict[int, Outcome]]:
    """Return head and outcomes of one exploration from one or more journals of it.

    Raises:
        InvalidArgument: a file is no journal, or they are of different explorations.
    """
    head: dict[str, Any] | None = None
    outcomes: dict[int, Outcome] = {}
    for path in paths:
        own, found = _read(path)
        if head is not None and own != head:
            raise InvalidArgument(f"{path} is the journal of {_words(own)}, the others of {_words(head)}")
        head = own
        outcomes.update(found)
    if head is None:
        raise InvalidArgument("no journal was named")
    return head, outcomes


def _read(path: Path) -> tuple[dict[str, Any], dict[int, Outcome]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    outcomes: dict[int, Outcome] = {}
    try:
        head = json.loads(lines[0])
        if head.pop("format") != FORMAT:
            raise ValueError
        for number, line in enumerate(lines[1:], 2):
            try:
                entry = json.loads(line)
            except ValueError:
                if number == len(lines):
                    break  # cut off when it was written
                raise
            if "status" in entry:
                taken = tuple(Taken.read(item) for item in entry.get("taken", ()))
                outcome = Outcome(**{**entry, "status": Status(entry["status"]), "taken": taken})
                outcomes[outcome.seed] = outcome
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise InvalidArgument(f"{path} is not a journal of tthal explore") from None
    return head, outcomes


def _words(head: dict[str, Any]) -> str:
    strategy = f" by strategy {head['strategy']}" if "strategy" in head else ""
    return f"{' '.join(head.get('command', []))} on {head.get('backend', '?')}{strategy}"
