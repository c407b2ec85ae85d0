"""Gives kernels the card's answers where C++ leaves a result open: conversions that do not fit, divisions by zero.

clang's code may assume that neither happens, and WebAssembly's instructions stop a program or saturate to the width
asked for. So a kernel is compiled in two steps: clang writes its LLVM IR before any optimisation, here the instructions
in question become calls of small functions that say what the card does, and clang compiles the result, which inlines
and vectorises them like any other code.

What the card does is what the vendor's compiler makes for its processors (RV32IM, floats in software), measured with
libtt_metal 0.81.1 on ttsim, both chips alike:

- a float becomes an integer of 32 or 64 bits that saturates (unsigned: below 0 is 0); narrower ones are cut from 32
  bits, so that 300.f is 44 as uint8_t and 70000.f is 4464 as int16_t. NaN is the largest. (The card takes a NaN with a
  sign for the smallest; the sign that arithmetic gives to NaN is this machine's, so it does not count here.)
- n / 0 is -1 and n % 0 is n; INT_MIN / -1 is INT_MIN and INT_MIN % -1 is 0.
- 64 bits are divided by a routine: n / 0 is 2^64 - 1 with the sign of n, n % 0 the lower 32 bits of n's magnitude.

Such a division also says so (library/odd_division.cpp): it is a mistake, though one that a card passes over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tthal_emulator.abi import OddDivision

from .sites import UNNUMBERED

_OPERAND = r"(?:%[^\s,]+|-?\d+|<[^>]*>|splat \([^)]*\)|zeroinitializer|poison|undef)"
_DIVISION = re.compile(
    rf"^(\s+%[^\s=]+ = )([su])(div|rem) (i\d+|<\d+ x i\d+>) ({_OPERAND}), ({_OPERAND})(.*)$", re.MULTILINE | re.DOTALL
)
_REAL = r"(?:half|bfloat|float|double)"
# Of vectors, whose conversions clang writes as plain instructions. To lanes of 32 bits they are WebAssembly's own (NaN
# is 0), with which the device headers compute.
_PLAIN_CONVERSION = re.compile(rf"= fpto([su])i (<\d+ x {_REAL}>|{_REAL}) ({_OPERAND}) to (<\d+ x i\d+>|i\d+)")
_CONVERSION = re.compile(r"@llvm\.fpto([su])i\.sat\.((?:v\d+)?i\d+)\.((?:v\d+)?(?:f16|bf16|f32|f64))\b")
_OLD_DECLARATION = re.compile(r"declare .*@llvm\.fpto[su]i\.sat\.")
_WORDS = ("= sdiv ", "= udiv ", "= srem ", "= urem ", "= fptosi ", "= fptoui ", "@llvm.fpto")
_TELL = "@tthal_odd_division"
_WORD, _DOUBLE_WORD = 32, 64

_FLOATS = {"f16": ("half", "0xH7C00"), "bf16": ("bfloat", "0xR7F80"), "f32": ("float", "0x7FF0000000000000")}
_FLOATS["f64"] = ("double", _FLOATS["f32"][1])
"""The types' names in LLVM IR and how their infinity is written."""


def with_card_arithmetic(module: str) -> str:
    """Return a module of unoptimised LLVM IR whose conversions and divisions answer as on the card."""
    definitions: dict[str, str] = {}

    def convert(sign: str, integer: str, real: str) -> str:
        name = f"@card.fpto{sign}i.{integer}.{real}"
        definitions[name] = _conversion(name, sign, integer, real)
        declared = _saturating(sign, integer, real)
        definitions[declared] = f"declare {_llvm(_wide(integer))} {declared}({_llvm(real)})\n"
        return name

    def plain_conversion(found: re.Match[str]) -> str:
        sign, source, operand, target = found.groups()
        if _lanes(target) and _bits(target) >= _WORD:
            return found[0]
        return f"= call {target} {convert(sign, _mangled(target), _mangled(source))}({source} {operand})"

    def division(found: re.Match[str]) -> str:
        result, sign, kind, type_, dividend, divisor, rest = found.groups()
        if _bits(type_) > _DOUBLE_WORD or _is_harmless(divisor, sign):
            return found[0]
        name = f"@card.{sign}{kind}.{_mangled(type_)}"
        definitions[name] = _division(name, sign, kind, type_)
        definitions[_TELL] = f"declare void {_TELL}(i32, i32) cold nounwind\n"
        return f"{result}call {type_} {name}({type_} {dividend}, {type_} {divisor}){rest}"

    def changed(line: str) -> str:
        if not line.lstrip().startswith("%"):
            return line  # a text that the kernel has
        line = _CONVERSION.sub(lambda found: convert(*found.groups()), line)
        return _DIVISION.sub(division, _PLAIN_CONVERSION.sub(plain_conversion, line))

    parts = [(changed(part) if wanted else part) for part, wanted in _parts(module) if not _OLD_DECLARATION.match(part)]
    return "\n".join(["".join(parts), *definitions.values()])


def _parts(module: str) -> Iterator[tuple[str, bool]]:
    """Cut a module into the lines that may be in question, and all between them."""
    lines = {
        (module.rfind("\n", 0, place) + 1, module.find("\n", place) + 1 or len(module))
        for word in _WORDS
        for place in _places(module, word)
    }
    done = 0
    for start, end in sorted(lines):
        yield module[done:start], False
        yield module[start:end], True
        done = end
    yield module[done:], False


def _places(text: str, word: str) -> Iterator[int]:
    place = text.find(word)
    while place >= 0:
        yield place
        place = text.find(word, place + 1)


def _is_harmless(divisor: str, sign: str) -> bool:
    """Whether a divisor is a number for which every dividend has a quotient."""
    return divisor.lstrip("-").isdigit() and divisor != "0" and not (sign == "s" and divisor == "-1")


# ---- types as LLVM names them in functions (v4i32) and in instructions (<4 x i32>)


def _bits(type_: str) -> int:
    return int(type_.rstrip(">").rpartition("i")[2])


def _lanes(type_: str) -> int:
    """How many elements a vector has; 0 for a number."""
    found = re.match(r"v(\d+)|<(\d+) x", type_)
    return int(found[1] or found[2]) if found else 0


def _element(name: str) -> str:
    return re.sub(r"^v\d+", "", name)


def _vector(lanes: int, element: str) -> str:
    return f"<{lanes} x {element}>" if lanes else element


def _llvm(name: str) -> str:
    element = _element(name)
    return _vector(_lanes(name), _FLOATS[element][0] if element in _FLOATS else element)


def _mangled(type_: str) -> str:
    """Return the name of a type that an instruction has."""
    lanes, element = _lanes(type_), re.sub(r"^<\d+ x |>$", "", type_)
    name = next((name for name, (each, _) in _FLOATS.items() if each == element), element)
    return f"v{lanes}{name}" if lanes else name


def _constant(lanes: int, element: str, value: str) -> str:
    return "<" + ", ".join([f"{element} {value}"] * lanes) + ">" if lanes else value


# ---- what the card does


def _wide(integer: str) -> str:
    """The type that a float becomes first."""
    bits = _bits(integer)
    wide = next((each for each in (_WORD, _DOUBLE_WORD) if bits <= each), bits)
    return f"v{_lanes(integer)}i{wide}" if _lanes(integer) else f"i{wide}"


def _saturating(sign: str, integer: str, real: str) -> str:
    return f"@llvm.fpto{sign}i.sat.{_wide(integer)}.{real}"


def _conversion(name: str, sign: str, integer: str, real: str) -> str:
    lanes = _lanes(integer)
    element, infinity = _FLOATS[_element(real)]
    number, wide, result = _llvm(real), _llvm(_wide(integer)), _llvm(integer)
    cut = f"  %result = trunc {wide} %wide to {result}\n" if wide != result else ""
    return f"""
define internal {result} {name}({number} %x) alwaysinline nounwind willreturn memory(none) {{
  %none = fcmp uno {number} %x, %x
  %some = select {_vector(lanes, "i1")} %none, {number} {_constant(lanes, element, infinity)}, {number} %x
  %wide = call {wide} {_saturating(sign, integer, real)}({number} %some)
{cut}  ret {result} {"%result" if cut else "%wide"}
}}
"""


@dataclass(frozen=True, slots=True)
class _Integers:
    """A type of integers as LLVM writes it: of one number, or of a vector's lanes."""

    name: str

    @property
    def bits(self) -> int:
        return _bits(self.name)

    @property
    def lanes(self) -> int:
        return _lanes(self.name)

    @property
    def flags(self) -> str:
        """The type of a comparison's result."""
        return _vector(self.lanes, "i1")

    def number(self, value: int) -> str:
        """Write a constant with this value everywhere."""
        return _constant(self.lanes, f"i{self.bits}", str(value))

    def any(self, result: str, value: str) -> list[str]:
        """Tell whether a flag is set anywhere."""
        width = self.lanes or 1
        return [
            f"%{result}.bits = bitcast {self.flags} {value} to i{width}",
            f"%{result} = icmp ne i{width} %{result}.bits, 0",
        ]


def _division(name: str, sign: str, kind: str, type_: str) -> str:
    of = _Integers(type_)
    begin = [*_is_odd(sign, of), *of.any("any", "%odd"), "br i1 %any, label %tell, label %go"]
    tell = [
        *of.any("by_zero", "%zero"),
        f"%what = select i1 %by_zero, i32 {OddDivision.BY_ZERO}, i32 {OddDivision.OVERFLOW}",
        f'%place = call i32 asm sideeffect "i32.const 0x{UNNUMBERED:x}\\0A\\09local.set $0", "=r"()',
        f"call void {_TELL}(i32 %what, i32 %place)",
        "br label %go",
    ]
    go = [
        # By 1, the smallest number gives what it gives by -1 on a card.
        f"%safe = select {of.flags} %odd, {type_} {of.number(1)}, {type_} %d",
        f"%usual = {sign}{kind} {type_} %n, %safe",
        *_by_zero(sign, kind, of),
        f"%result = select {of.flags} %zero, {type_} %open, {type_} %usual",
        f"ret {type_} %result",
    ]
    blocks = {"begin": begin, "tell": tell, "go": go}
    body = "\n".join(f"{label}:\n  " + "\n  ".join(lines) for label, lines in blocks.items())
    return f"\ndefine internal {type_} {name}({type_} %n, {type_} %d) alwaysinline nounwind {{\n{body}\n}}\n"


def _is_odd(sign: str, of: _Integers) -> list[str]:
    """Compute ``%zero``, and ``%odd``, whether there is no quotient."""
    zero = f"%zero = icmp eq {of.name} %d, {of.number(0)}"
    if sign == "u":
        return [zero, f"%odd = or {of.flags} %zero, %zero"]
    return [
        zero,
        f"%least = icmp eq {of.name} %n, {of.number(-(1 << of.bits - 1))}",
        f"%minus = icmp eq {of.name} %d, {of.number(-1)}",
        f"%over = and {of.flags} %least, %minus",
        f"%odd = or {of.flags} %zero, %over",
    ]


def _by_zero(sign: str, kind: str, of: _Integers) -> list[str]:
    """Compute ``%open``, what a division by zero gives."""
    type_ = of.name
    if of.bits <= _WORD:
        return [f"%open = add {type_} {of.number(0)}, {of.number(-1) if kind == 'div' else '%n'}"]
    low = of.number((1 << _WORD) - 1)
    if sign == "u":
        quotient = f"%open = add {type_} {of.number(0)}, {of.number(-1)}"
        return [quotient if kind == "div" else f"%open = and {type_} %n, {low}"]
    negative = f"%negative = icmp slt {type_} %n, {of.number(0)}"
    if kind == "div":
        return [negative, f"%open = select {of.flags} %negative, {type_} {of.number(1)}, {type_} {of.number(-1)}"]
    return [
        negative,
        f"%opposite = sub {type_} {of.number(0)}, %n",
        f"%magnitude = select {of.flags} %negative, {type_} %opposite, {type_} %n",
        f"%low = and {type_} %magnitude, {low}",
        f"%lowered = sub {type_} {of.number(0)}, %low",
        f"%open = select {of.flags} %negative, {type_} %lowered, {type_} %low",
    ]
