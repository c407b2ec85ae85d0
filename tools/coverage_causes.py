"""Why a kernel does not compile: what a compiler's messages say about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

import made_up_arguments


class Cause(Enum):
    """Why a kernel does not compile, the most telling first."""

    SCOPE = "out of scope: fabric, sockets, a mesh of devices"
    CORPUS = "a file that the corpus does not hold"
    NAME = "missing name"
    REFUSED = "a construct that the emulator refuses by name"
    BINDING = "missing binding that the vendor's build generates"
    DEFINE = "macro that the host program injects"
    OTHER = "other (may be our bug)"
    ARGUMENT = "made-up argument"


NOT_COUNTED = re.compile(r"fabric|ethernet|erisc|\beth_|edm_|quasar", re.IGNORECASE)
"""Paths of kernels, and headers they include themselves, that keep a kernel out of the count."""
_OUT_OF_SCOPE = re.compile(rf"{NOT_COUNTED.pattern}|packet_header|socket", re.IGNORECASE)
_ERROR = re.compile(r"^(?P<file>[^\n:]+):(?P<line>\d+):\d+: (?:fatal )?error: (?P<text>.*)$", re.MULTILINE)
_QUOTED = re.compile(r"'([^']+)'")
_OF_ARGUMENTS = (
    "static assertion", "constant expression", "narrow", "zero-size", "division by zero", "negative", "too large",
    "shift count", "non-type template argument", "array is too", "overflow", "out of bounds", "excess elements",
    "initializer-string", "tthal_host_misuse", "subexpression", "array size", "must be initialized by a constant",
    "no return statement in constexpr", "(aka 'void')", "volatile void", "reference to 'void'",
)  # fmt: skip
_UNKNOWN = ("use of undeclared", "no member named", "no template named", "unknown type name", "undeclared identifier")
_ASKED_FOR = re.compile(r"\b([A-Z][A-Z0-9_]{3,})\b(?=.* must be defined)")
_BINDING_SPACES = ("args", "dfb", "sem", "tensor", "scratch", "pipe")


def causes(output: str, known_names: frozenset[str]) -> Iterator[tuple[Cause, str]]:
    """Sort what a compiler printed; ``known_names`` are those of the vendor's device headers and their files."""
    errors = list(_ERROR.finditer(output))
    for error in errors:
        asked_for = _ASKED_FOR.findall(error["text"])
        if asked_for:
            yield from ((Cause.DEFINE, name) for name in asked_for)
        else:
            yield _cause(error["text"], known_names)
    if not errors:
        yield Cause.OTHER, output.strip()[-200:]


def _cause(text: str, known_names: frozenset[str]) -> tuple[Cause, str]:
    names = _QUOTED.findall(text)
    if "file not found" in text:
        return _of_header(names[0] if names else "", known_names)
    if "is not emulated" in text:
        return Cause.REFUSED, text.rpartition("': ")[2] or text
    if any(text.startswith(words) or words in text for words in _UNKNOWN) or "does not name" in text:
        return _of_name(text, names, known_names)
    if any(words in text for words in _OF_ARGUMENTS):
        return Cause.ARGUMENT, text
    return Cause.OTHER, text


def _of_header(name: str, known_names: frozenset[str]) -> tuple[Cause, str]:
    if _OUT_OF_SCOPE.search(name):
        return Cause.SCOPE, f"header {name}"
    return (Cause.NAME if name.rsplit("/", 1)[-1] in known_names else Cause.CORPUS), f"header {name}"


def _of_name(text: str, names: list[str], known_names: frozenset[str]) -> tuple[Cause, str]:
    name = names[0].rsplit("::", 1)[-1] if names else text
    if any(found in _BINDING_SPACES for found in names):
        return Cause.BINDING, text
    if made_up_arguments.is_injected(name) or name not in known_names:
        return Cause.DEFINE, name
    return Cause.NAME, name
