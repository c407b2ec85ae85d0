"""What the border's tables are written in: codes, packed words and records that C++ and Python lay out alike.

Everything here says once what something means; ``generate.py`` writes the C++ half, Python uses the tables themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from math import prod
from struct import Struct
from typing import TypeVar, get_type_hints

import numpy as np
import numpy.typing as npt

Enumeration = TypeVar("Enumeration", bound="type[IntEnum] | type[IntFlag]")
Word = TypeVar("Word", bound="PackedWord")

# ---- enumerations


class Code(IntEnum):
    """A number that stands for something, and what comes along with it: ``NAME = number, "meaning"``."""

    meaning: str

    def __new__(cls, number: int, meaning: str = "") -> Code:
        """Make an enumerator."""
        code = int.__new__(cls, number)
        code._value_ = number
        code.meaning = meaning
        return code


class Flags(IntFlag):
    """Bits of a number: ``NAME = bit, "meaning"``."""

    meaning: str

    def __new__(cls, bits: int, meaning: str = "") -> Flags:
        """Make a flag."""
        flag = int.__new__(cls, bits)
        flag._value_ = bits
        flag.meaning = meaning
        return flag


@dataclass(frozen=True, slots=True)
class Exported:
    """How C++ has an enumeration: its underlying type, its namespace, and for flags the front of their names."""

    underlying: str
    namespace: str
    prefix: str


EXPORTED: dict[type[IntEnum] | type[IntFlag], Exported] = {}
"""The enumerations that C++ has too, in the order of their definition."""


def exported(
    underlying: str = "uint32_t", namespace: str = "tthal", prefix: str = ""
) -> Callable[[Enumeration], Enumeration]:
    """Give C++ an enumeration: scoped, or with ``prefix`` a plain one whose names begin with it."""

    def register(enumeration: Enumeration) -> Enumeration:
        EXPORTED[enumeration] = Exported(underlying, namespace, prefix)
        return enumeration

    return register


# ---- words of several fields


@dataclass(frozen=True, slots=True)
class BitField:
    """A field of a packed word: its lowest bit, how many it has, and what kind of number they are."""

    name: str
    shift: int
    bits: int
    meaning: str
    kind: type[int]

    def of(self, word: int) -> int:
        """Return the field's value in a word.

        Raises:
            ValueError: it stands for nothing.
        """
        return self.kind(word >> self.shift & (1 << self.bits) - 1)


@dataclass(frozen=True, slots=True)
class Bits:
    """How many bits a field of a packed word has, for ``Annotated``."""

    count: int
    meaning: str = ""


class PackedWord:
    """A 32-bit word of bit fields, from the lowest bit up; subclasses are dataclasses of :class:`Bits`."""

    __slots__ = ()

    @classmethod
    def unpacked(cls: type[Word], word: int) -> Word:
        """Return the fields of a word.

        Raises:
            ValueError: a field stands for nothing.
        """
        return cls(*(each.of(word) for each in bit_fields(cls)))

    def packed(self) -> int:
        """Return the word."""
        return sum(int(getattr(self, each.name)) << each.shift for each in bit_fields(type(self)))


def bit_fields(word: type[PackedWord]) -> tuple[BitField, ...]:
    """Return the fields of a packed word."""
    if word not in _FIELDS:
        found, shift = [], 0
        for name, hint in get_type_hints(word, include_extras=True).items():
            (bits,) = hint.__metadata__
            found.append(BitField(name, shift, bits.count, bits.meaning, hint.__origin__))
            shift += bits.count
        _FIELDS[word] = tuple(found)
    return _FIELDS[word]


_FIELDS: dict[type[PackedWord], tuple[BitField, ...]] = {}


# ---- records

_SCALARS = {
    "uint8_t": "u1",
    "uint16_t": "<u2",
    "uint32_t": "<u4",
    "int32_t": "<i4",
    "uint64_t": "<u8",
    "char": "u1",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record.

    Attributes:
        type: a C++ scalar, an enumeration, or another record.
        shape: the bounds of an array.
        at: the offset that it is known to have.
        halves: names of the 16-bit halves of a 32-bit field, lower first.
    """

    name: str
    type: str | type[IntEnum] | Record
    shape: tuple[int, ...] = ()
    meaning: str = ""
    at: int | None = None
    halves: tuple[str, str] | None = None

    @property
    def cpp(self) -> str:
        """Its type in C++."""
        if isinstance(self.type, Record):
            return self.type.cpp
        return self.type if isinstance(self.type, str) else self.type.__name__

    @property
    def dtype(self) -> npt.DTypeLike:
        """Its type in numpy, without the bounds of an array."""
        if isinstance(self.type, Record):
            return self.type.dtype
        return _SCALARS[self.type if isinstance(self.type, str) else EXPORTED[self.type].underlying]

    @property
    def alignment(self) -> int:
        """What its offset is a multiple of."""
        return self.type.alignment if isinstance(self.type, Record) else np.dtype(self.dtype).itemsize

    @property
    def size(self) -> int:
        """Bytes."""
        return np.dtype(self.dtype).itemsize * prod(self.shape)


class Record:
    """A structure as C and C++ lay it out on a 32-bit little-endian machine.

    Attributes:
        cpp: its name in C++.
        meaning: what it is.
        offsets: of every field, bytes.
        alignas: what C++ is told of its alignment, when its fields do not say enough.
        dtype: numpy's view of it.
    """

    def __init__(self, cpp: str, meaning: str, members: Sequence[Field], alignment: int = 1) -> None:
        self.cpp = cpp
        self.meaning = meaning
        self.fields = tuple(members)
        self.alignment = max(alignment, *(member.alignment for member in members))
        self.alignas = f"alignas({alignment}) " if alignment > 1 else ""
        self.offsets: dict[str, int] = {}
        end = 0
        for member in members:
            start = -(-end // member.alignment) * member.alignment
            if member.at not in (None, start):
                raise ValueError(f"{cpp}: {member.name} should lie at {member.at:#x}, but lies at {start:#x}")
            self.offsets[member.name] = start
            end = start + member.size
        self.dtype = np.dtype(
            {
                "names": list(self.offsets),
                "formats": [(member.dtype, member.shape) if member.shape else member.dtype for member in members],
                "offsets": list(self.offsets.values()),
                "itemsize": -(-end // self.alignment) * self.alignment,
            }
        )

    @property
    def size(self) -> int:
        """Bytes."""
        return int(self.dtype.itemsize)

    def struct(self) -> Struct:
        """Return the record as Python's struct; for one without arrays, records and gaps."""
        codes = {"u1": "B", "<u2": "H", "<u4": "I", "<i4": "i", "<u8": "Q"}
        return Struct("<" + "".join(codes[str(member.dtype)] for member in self.fields))
