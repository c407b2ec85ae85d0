"""What became of each kernel, kept from one run of ``kernel_coverage.py`` to the next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from coverage_causes import Cause


@dataclass(slots=True)
class Outcome:
    """What became of one kernel."""

    path: Path
    causes: dict[Cause, list[str]] = field(default_factory=dict)
    macros: Mapping[str, str] = field(default_factory=dict)

    @property
    def compiled(self) -> bool:
        """Whether it compiled, with one of the choices."""
        return not self.causes

    @property
    def cause(self) -> Cause:
        """What is in its way most of all."""
        return next(cause for cause in Cause if cause in self.causes)

    @property
    def whatever_the_arguments(self) -> bool:
        """Whether no other arguments can help: a header is missing, or it is out of scope."""
        names = self.causes.get(Cause.NAME, ())
        return bool({Cause.SCOPE, Cause.CORPUS} & self.causes.keys()) or any(
            each.startswith("header ") for each in names
        )


def digest(*texts: str) -> str:
    """Return a digest of texts, in this order."""
    found = sha256()
    for text in texts:
        data = text.encode("utf-8", "replace")
        found.update(len(data).to_bytes(8, "little"))
        found.update(data)
    return found.hexdigest()


class Results:
    """A file with a line for each kernel, by the digest of all that its outcome depends on."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._known: dict[str, Outcome] = {}
        if file is not None and file.exists():
            for line in file.read_text(encoding="utf-8").splitlines():
                self._read(line)

    def known(self, key: str, path: Path) -> Outcome | None:
        """Return the outcome of this key, as one of the kernel at a path."""
        found = self._known.get(key)
        return None if found is None else Outcome(path, found.causes, found.macros)

    def keep(self, key: str, outcome: Outcome) -> None:
        """Append an outcome."""
        self._known[key] = outcome
        if self._file is None:
            return
        causes = {cause.name: what for cause, what in outcome.causes.items()}
        line = json.dumps({"key": key, "path": outcome.path.name, "causes": causes, "macros": dict(outcome.macros)})
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    def _read(self, line: str) -> None:
        try:
            found = json.loads(line)
        except json.JSONDecodeError:
            return  # the last line of a run that was ended
        causes = {Cause[name]: what for name, what in found["causes"].items()}
        self._known[found["key"]] = Outcome(Path(found["path"]), causes, found["macros"])
