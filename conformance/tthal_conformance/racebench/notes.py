"""What was observed, kept in a file as lines of JSON, so that a run that ends early is not lost."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import msgspec

from tthal.errors import InvalidArgument
from tthal_conformance.racebench.run import Observation


class Notes:
    """Observations of both programs of pairs, by tool and pair; a context manager.

    Raises:
        InvalidArgument: the file holds something else.
    """

    def __init__(self, path: Path | None) -> None:
        self.seen: dict[tuple[str, str], list[Observation]] = {}
        self._file: IO[bytes] | None = None
        if path is None:
            return
        for line in path.read_bytes().splitlines() if path.exists() else ():
            try:
                tool, observations = msgspec.json.decode(line, type=tuple[str, list[Observation]])
            except msgspec.MsgspecError:
                raise InvalidArgument(f"{path} does not hold observations of tthal racebench") from None
            self._keep(tool, observations)
        self._file = path.open("ab")

    def __enter__(self) -> Notes:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, tool: str, observations: list[Observation]) -> None:
        """Note what was observed of whole pairs."""
        self._keep(tool, observations)
        if self._file is not None:
            self._file.write(msgspec.json.encode((tool, observations)) + b"\n")
            self._file.flush()

    def _keep(self, tool: str, observations: list[Observation]) -> None:
        for name in {observation.pair for observation in observations}:
            self.seen[tool, name] = [observation for observation in observations if observation.pair == name]
