"""Binding tokens (``dfb::in``, ``args::n`` …), which kernels of the newest style use instead of numbers.

The vendor's build makes them from a description of the program that ``CreateKernel`` has no room for. Here a *named
compile-time argument whose name has a prefix* makes one:

=======================  ==============================================================================================
``dfb::NAME``            a circular buffer; the value is its index
``sem::NAME``            a semaphore; the value is its id
``args::NAME``           an argument known when compiling; the value is the argument
``rta::NAME``            ``args::NAME`` of each core; the value is the index among the runtime arguments
``crta::NAME``           ``args::NAME`` of all cores; the value is the index among the common runtime arguments
``tensor::NAME``         a tensor; the value is the index of its TensorAccessorArgs among the compile-time arguments
``tensor::NAME.address`` index of the common runtime argument with its address; the accessor's runtime words follow it
``scratch::NAME``        memory in L1; the value is its size in bytes
``scratch::NAME.address``  index of the common runtime argument with its address
=======================  ==============================================================================================

``NAME[0]``, ``NAME[1]`` … together make the group ``NAME``. ``get_vararg(i)`` and its siblings count from behind the
last argument that has a name. What this cannot express: prefetcher pipes, cross-node buffers, data formats of tokens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

_NAME = re.compile(r"(args|rta|crta|dfb|sem|tensor|scratch)::([A-Za-z_]\w*)(?:\[(\d+)\])?(\.address)?")
_SPACES = ("args", "dfb", "sem", "tensor", "scratch")


@dataclass(slots=True)
class _Token:
    """One token: what makes it, its value, and the index of its address argument."""

    maker: str
    value: int = 0
    address: int = 0


@dataclass(slots=True)
class _Space:
    """A namespace: single tokens by name, groups by name and number."""

    tokens: dict[str, _Token] = field(default_factory=dict)
    groups: dict[str, dict[int, _Token]] = field(default_factory=dict)

    def token(self, name: str, number: str | None, maker: str) -> _Token:
        """Return the token of a name, made on first mention."""
        if number is None:
            return self.tokens.setdefault(name, _Token(maker))
        return self.groups.setdefault(name, {}).setdefault(int(number), _Token(maker))


_MAKERS: Mapping[str, Callable[[_Token], str]] = {
    "args": lambda t: f"experimental::CtaVal<uint32_t>{{{t.value}u}}",
    "rta": lambda t: f"experimental::RtaArg<uint32_t>{{{4 * t.value}u}}",
    "crta": lambda t: f"experimental::CrtaArg<uint32_t>{{{4 * t.value}u}}",
    "dfb": lambda t: f"DFBBindingToken<>({t.value})",
    "sem": lambda t: f"SemaphoreBindingToken{{{t.value}u}}",
    "tensor": lambda t: f"tensor_accessor::TensorBindingToken<{t.value}, {4 * t.address}>{{}}",
    "scratch": lambda t: f"ScratchpadBindingToken({t.address}u, {t.value}u)",
}


def binding_lines(named: Iterable[tuple[str, int]]) -> list[str]:
    """Return the C++ that declares the tokens of named compile-time arguments; nothing when there are none."""
    spaces = {name: _Space() for name in _SPACES}
    last = {"rta": -1, "crta": -1}
    for name, value in named:
        match = _NAME.fullmatch(name)
        if match is None:
            continue
        prefix, plain, number, is_address = match.groups()
        token = spaces["args" if prefix in ("rta", "crta") else prefix].token(plain, number, prefix)
        if is_address:
            token.address = value
            last["crta"] = max(last["crta"], value)
        else:
            token.value = value
            if prefix in last:
                last[prefix] = max(last[prefix], value)
    if not any(space.tokens or space.groups for space in spaces.values()):
        return []
    lines = [line for name, space in spaces.items() for line in _namespace(name, space)]
    return [*lines, *_varargs(last["rta"] + 1, last["crta"] + 1)]


def _namespace(name: str, space: _Space) -> list[str]:
    lines = [f"constexpr auto {name} = {_MAKERS[token.maker](token)};" for name, token in sorted(space.tokens.items())]
    for group, members in sorted(space.groups.items()):
        made = ", ".join(_MAKERS[token.maker](token) for _, token in sorted(members.items()))
        lines.append(f"constexpr auto {group} = std::make_tuple({made});")
    found = "".join(f'if constexpr (name == "{token}") return std::optional({token}); else ' for token in space.tokens)
    lookup = (
        "template <tthal::TokenName name> constexpr auto get_token_if_present() "
        f"{{ {found}return std::optional<tthal::AbsentToken>(); }}"
    )
    return [f"namespace {name} {{", *lines, lookup, "}"]


def _varargs(first: int, first_common: int) -> list[str]:
    return [
        f"inline uint32_t get_vararg(uint32_t index) {{ return get_arg_val<uint32_t>({first} + index); }}",
        "inline uint32_t get_common_vararg(uint32_t index) "
        f"{{ return get_common_arg_val<uint32_t>({first_common} + index); }}",
        "template <uint32_t index> constexpr uint32_t get_compile_time_vararg() { return get_ct_arg<index>(); }",
    ]
