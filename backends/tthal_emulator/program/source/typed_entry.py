"""Kernels whose entry is a TT_KERNEL function: its parameters are the kernel's arguments, by name and type."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass

# Neither pattern looks far ahead in vain: a hostile text takes no longer than its length.
_ENTRY = re.compile(
    r"(?:template\s*<(?P<template>[^{}>]{0,1999})>\s*)?\bTT_KERNEL\s+void\s+(?P<name>\w+)\s*\((?P<runtime>[^)]{0,1999})\)\s*{"
)
_PARAMETER = re.compile(r"\s*(?P<type>[\w:\s]+?)\s+(?P<name>\w+)\s*(?:=.*)?", re.DOTALL)
_COMMENT = re.compile(r"//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter, its type as the source spells it."""

    type: str
    name: str


@dataclass(frozen=True, slots=True)
class TypedEntry:
    """A TT_KERNEL function.

    Attributes:
        template: its template parameters, which are named compile-time arguments.
        runtime: its parameters: runtime arguments in their order, or those of a name when it has a binding.
    """

    name: str
    template: tuple[Parameter, ...]
    runtime: tuple[Parameter, ...]

    @staticmethod
    def find(source: str) -> TypedEntry | None:
        """Return the TT_KERNEL function of a source, if it has one."""
        found = _ENTRY.search(_COMMENT.sub(_blank, source))
        if found is None:
            return None
        return TypedEntry(found["name"], _parameters(found["template"] or ""), _parameters(found["runtime"]))

    def kernel_main(self, named: Set[str]) -> str:
        """Return a kernel_main that calls it; ``named`` are the names that the kernel was given arguments for."""
        compile_time = [f"static_cast<{each.type}>({_compile_time(each, named)})" for each in self.template]
        runtime = [_runtime(each, place, named) for place, each in enumerate(self.runtime)]
        template = f"<{', '.join(compile_time)}>" if compile_time else ""
        return f'\nextern "C" void kernel_main() {{ {self.name}{template}({", ".join(runtime)}); }}\n'


def _blank(comment: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", comment.group())


def _parameters(text: str) -> tuple[Parameter, ...]:
    found = [_PARAMETER.fullmatch(" ".join(part.split())) for part in text.split(",") if part.strip()]
    return tuple(Parameter(match["type"].strip(), match["name"]) for match in found if match is not None)


def _compile_time(parameter: Parameter, named: Set[str]) -> str:
    if f"args::{parameter.name}" in named:
        return f"get_arg(args::{parameter.name})"
    return f'get_named_compile_time_arg_val("{parameter.name}")'


def _runtime(parameter: Parameter, place: int, named: Set[str]) -> str:
    if not named.isdisjoint(f"{space}::{parameter.name}" for space in ("rta", "crta", "args")):
        return f"get_arg(args::{parameter.name})"
    return f"get_arg_val<{parameter.type}>({place})"
