"""The option keys that this plugin adds to devices that can be observed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tthal.errors import SelectionError

OPTION_HELP = {
    "check": "default, full or off: whether mistakes that would pass in silence become errors and warnings; "
    "full also looks at the kernels' own loads and stores, which is slow",
    "warnings": "warn (default) or error: whether what the checks only warn of ends the launch too",
    "findings": "first (default) or all: whether a launch goes on after an error, so that its exception has them all",
    "dump": "a folder that keeps report, waits and memory of launches that a finding or a deadlock ends; unset: none",
    "suppress": "ids of findings that are not told, with + between them: TT-END-003+TT-CB-012",
}


class Check(Enum):
    """How much is checked."""

    OFF = "off"
    DEFAULT = "default"
    FULL = "full"


DEFAULT = Check.DEFAULT
"""What a selection without ``check=`` means."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a selection says about checks; ``suppress`` holds ids."""

    check: Check = DEFAULT
    warnings_are_errors: bool = False
    suppress: frozenset[str] = frozenset()
    dump: Path | None = None
    every_finding: bool = False

    @classmethod
    def read(cls, options: Mapping[str, str], known: frozenset[str]) -> Settings:
        """Read a selection's options; ``known`` are the ids that exist.

        Raises:
            SelectionError: a value is not understood.
        """
        check = _choice("check", options.get("check", DEFAULT.value), [item.value for item in Check])
        warnings = _choice("warnings", options.get("warnings", "warn"), ["warn", "error"])
        suppress = frozenset(filter(None, options.get("suppress", "").replace(" ", "+").split("+")))
        if unknown := sorted(suppress - known):
            raise SelectionError(
                f"suppress={unknown[0]}: there is no such finding; there are {', '.join(sorted(known))}"
            )
        every = _choice("findings", options.get("findings", "first"), ["first", "all"]) == "all"
        dump = options.get("dump", "")
        return cls(Check(check), warnings == "error", suppress, Path(dump) if dump else None, every)


def _choice(key: str, value: str, choices: list[str]) -> str:
    if value not in choices:
        raise SelectionError(f"{key}={value}: one of {', '.join(choices)} is understood")
    return value
