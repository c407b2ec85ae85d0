"""Reads declarations of C++ headers; knows as much of the language as ours need."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum

INTERNAL = ("tthal", "detail", "impl_", "")
"""Namespaces that kernels have no business in; the last is the nameless one."""

_TOKEN = re.compile(
    r"[A-Za-z_]\w*|\d[\w.']*|::|->|\[\[|\]\]|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|<<=|>>=|<=>|[^\s\w]"
)
_WORD = re.compile(r"[A-Za-z_]\w*")
_CLASS_WORDS = ("class", "struct", "union")
_OPENING = {"(": ")", "[": "]", "{": "}", "<": ">"}


class Kind(Enum):
    """What a name stands for."""

    FUNCTION = "function"
    METHOD = "method"
    TYPE = "type"
    CONSTANT = "constant"
    MACRO = "macro"


class HeaderReader:
    """Reads declarations; knows as much C++ as our headers need."""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        self._place = 0
        self._found: list[tuple[str, str, Kind]] = []

    def __iter__(self) -> Iterator[tuple[str, str, Kind]]:
        self._scope((), "")
        return iter(self._found)

    def _scope(self, spaces: tuple[str, ...], owner: str, public: bool = True) -> None:
        """Read declarations up to the end of a namespace or class."""
        statement: list[str] = []
        while self._place < len(self._tokens):
            token = self._tokens[self._place]
            self._place += 1
            if token == "}":
                return
            if token == ":" and statement and statement[-1] in ("public", "private", "protected"):
                public, statement = statement[-1] == "public", []
            elif token == ";":
                self._declare(statement, spaces, owner, public)
                statement = []
            elif token == "{":
                statement = self._block(statement, spaces, owner, public)
            else:
                statement.append(token)

    def _block(self, statement: list[str], spaces: tuple[str, ...], owner: str, public: bool) -> list[str]:
        """Read what follows a brace; return what of the statement is still open."""
        bare = _without_template(statement)
        if bare[:1] == ["namespace"] or bare[:2] == ["inline", "namespace"]:
            inner = tuple(token for token in bare if token not in ("namespace", "inline", "::")) or ("",)
            self._scope((*spaces, *inner), owner)
            return []
        if bare[:1] == ["extern"] and len(bare) == 2:
            self._scope(spaces, owner)
            return []
        kind = next((word for word in bare if word in (*_CLASS_WORDS, "enum", "(", "=", "operator")), "")
        if kind in _CLASS_WORDS:
            name, special = _class_name(bare)
            self._note(name, Kind.TYPE, spaces, owner, public)
            whole = "" if special and name == "noc_traits_t" else name
            self._scope(spaces if public and whole else (*spaces, "detail"), whole or name, kind != "class")
            return ["class"]
        self._skip("{")
        if kind == "enum":
            self._note(_class_name(bare)[0], Kind.TYPE, spaces, owner, public)
            return ["class"]
        if kind == "=" or _is_requirement(statement) or _starts_member(bare):
            return [*statement, "{}"]
        self._declare(statement, spaces, owner, public)
        return []

    def _skip(self, opening: str) -> None:
        depth = 1
        while depth and self._place < len(self._tokens):
            depth += {opening: 1, _OPENING[opening]: -1}.get(self._tokens[self._place], 0)
            self._place += 1

    def _declare(self, statement: list[str], spaces: tuple[str, ...], owner: str, public: bool) -> None:
        bare = _without_bracketed_name(_without_template(statement))
        first = bare[0] if bare else ""
        if not bare or first in ("friend", "static_assert", "typename", "class", "extern", "__extension__"):
            return
        if first in ("struct", "enum", "union") or (bare[-1] == "delete" and bare[-2] == "="):
            return
        if first == "using":
            if "=" in bare and bare[1] != "namespace":
                self._note(bare[1], Kind.TYPE, spaces, owner, public and not owner)
            return
        if first == "typedef":
            self._note(bare[-1], Kind.TYPE, spaces, owner, public)
            return
        function = _function_name(bare)
        if function:
            kind = Kind.METHOD if owner else Kind.FUNCTION
            if function != owner:
                self._note(function, kind, spaces, owner, public)
        elif not owner:
            for name in _variables(bare):
                self._note(name, Kind.CONSTANT, spaces, owner, public)

    def _note(self, name: str, kind: Kind, spaces: tuple[str, ...], owner: str, public: bool) -> None:
        if public and not any(space in INTERNAL for space in spaces) and _WORD.fullmatch(name):
            self._found.append((owner, name, kind))


def _without_template(statement: Sequence[str]) -> list[str]:
    """Drop template parameter lists, attributes and macros of attributes from the front of a declaration."""
    rest = list(statement)
    while rest and rest[0] in ("template", "[[", "__attribute__"):
        if rest[0] == "[[":
            rest = rest[rest.index("]]") + 1 :]
        else:
            rest = rest[_after_group(rest, 1) :]
    return rest


def _without_bracketed_name(bare: list[str]) -> list[str]:
    """Write the reference to an array, ``T (&name)[2]``, as a plain variable."""
    if "&" in bare and bare[bare.index("&") - 1] == "(" and bare[bare.index("&") + 2 :][:1] == [")"]:
        place = bare.index("&")
        return [*bare[: place - 1], bare[place + 1], *bare[place + 3 :]]
    return bare


def _after_group(tokens: Sequence[str], start: int) -> int:
    """Return the place behind the brackets that open at ``start``."""
    opening, depth, inner = tokens[start], 0, 0
    for place in range(start, len(tokens)):
        token = tokens[place]
        if opening == "<" and token in "([":
            inner += 1
        elif opening == "<" and token in ")]":
            inner -= 1
        elif not inner:
            depth += {opening: 1, _OPENING[opening]: -1}.get(token, 0)
            if depth == 0:
                return place + 1
    return len(tokens)


def _class_name(bare: Sequence[str]) -> tuple[str, bool]:
    """Return a class's name, and whether it is a specialization."""
    rest = list(bare[next(i for i, word in enumerate(bare) if word in (*_CLASS_WORDS, "enum")) + 1 :])
    if rest[:1] == ["class"]:
        rest = rest[1:]
    while rest and rest[0] in ("[[", "__attribute__", "alignas"):
        rest = rest[rest.index("]]") + 1 :] if rest[0] == "[[" else rest[_after_group(rest, 1) :]
    return (rest[0] if rest else "", rest[1:2] == ["<"])


def _function_name(bare: Sequence[str]) -> str:
    """Return the name in front of the parameters of a function; nothing for a variable."""
    place = 0
    while place < len(bare):
        token = bare[place]
        if token == "operator":
            return "operator"
        if token == "=":
            return ""
        if token == "<":
            place = _after_group(bare, place)
            continue
        if token == "(":
            before = bare[place - 1] if place else ""
            if before not in ("requires", "decltype", "noexcept", "alignas", "__attribute__") and _WORD.fullmatch(
                before
            ):
                return "" if bare[place - 2] == "~" else before
            place = _after_group(bare, place)
            continue
        place += 1
    return ""


def _variables(bare: Sequence[str]) -> Iterator[str]:
    """Yield what a declaration of variables names: the last word before its value, its bounds, or a comma."""
    depth, name, named = 0, "", False
    for token in (*bare, ","):
        depth += {"(": 1, "<": 1, ")": -1, ">": -1}.get(token, 0)
        if token == "," and depth == 0:
            yield name
            name, named = "", False
        elif token in ("=", "[", "{}"):
            named = True
        elif depth == 0 and not named and _WORD.fullmatch(token):
            name = token


def _is_requirement(statement: Sequence[str]) -> bool:
    """Whether a brace opens a requires-expression, ``requires { … }`` or ``requires (…) { … }``."""
    if statement[-1:] == ["requires"]:
        return True
    if statement[-1:] != [")"]:
        return False
    depth = 0
    for place in range(len(statement) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(statement[place], 0)
        if depth == 0:
            return place > 0 and statement[place - 1] == "requires"
    return False


def _starts_member(bare: Sequence[str]) -> bool:
    """Whether a brace initializes: a member in a constructor's list, or a variable."""
    if not bare or not _WORD.fullmatch(bare[-1]) or bare[-1] in ("const", "noexcept", "override", "mutable"):
        return False
    return "(" not in bare or (":" in bare and bare.index(":") > bare.index("("))
