"""What a backend's distribution tells the suite about it: a mapping returned by ``tthal_conformance_profile``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from tthal.errors import PluginError
from tthal.kit.suggestions import did_you_mean
from tthal.plugins.facade import Plugins

_KEYS = ("parallel", "expected_failures")


@dataclass(frozen=True, slots=True)
class Profile:
    """What to expect of a backend.

    Attributes:
        parallel: whether several processes may open a device at once.
        expected_failures: reasons by program name or pattern (``*``, ``?``); a listed program that passes fails.
    """

    parallel: bool = False
    expected_failures: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, backend: str) -> Profile:
        """Ask the plugins in force, the backend's own hooks included; without an answer nothing special is expected.

        Raises:
            PluginError: the profile is not a mapping of the documented keys.
        """
        return cls.read(Plugins.for_open(backend).conformance_profile(backend), backend)

    @classmethod
    def read(cls, given: object, backend: str) -> Profile:
        """Check a profile as the hook returned it."""
        if given is None:
            return cls()
        if not isinstance(given, Mapping):
            raise PluginError(f"the conformance profile of {backend!r} is a {type(given).__name__}; return a dict")
        for key in given:
            if key not in _KEYS:
                hint = did_you_mean(str(key), _KEYS)
                raise PluginError(f"the conformance profile of {backend!r} has the unknown key {key!r}.{hint}")
        return cls(bool(given.get("parallel", False)), _reasons(given.get("expected_failures", {}), backend))

    def expected_failure(self, program: str) -> str:
        """Return why a program is expected to fail; empty when it is not."""
        for pattern, reason in self.expected_failures.items():
            if fnmatchcase(program, pattern):
                return reason
        return ""

    def unmatched(self, programs: Iterable[str]) -> list[str]:
        """Return the patterns that match no program."""
        names = list(programs)
        return [each for each in self.expected_failures if not any(fnmatchcase(name, each) for name in names)]


def _reasons(given: object, backend: str) -> dict[str, str]:
    if not isinstance(given, Mapping):
        raise PluginError(f"expected_failures of {backend!r} must map program names to reasons, not {given!r}")
    for name, reason in given.items():
        if not isinstance(name, str) or not isinstance(reason, str) or not reason.strip():
            raise PluginError(f"expected_failures of {backend!r}: {name!r} needs a reason in words, not {reason!r}")
    return dict(given)
