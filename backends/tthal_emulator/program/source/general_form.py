"""Code that kernels share which differ in compile-time arguments only: it loads the arguments.

That is sound where no constant expression needs an argument. Here is chosen what is worth a try; the compiler decides:
a loaded argument is no constant expression, and a kernel that does not compile so gets code that contains its own.
"""

from __future__ import annotations

import re
from dataclasses import replace

from tthal.device_interface import KernelContent, KernelImage
from tthal_emulator.abi import MAX_LOADED_ARGUMENTS

_INTEGER = r"(?:std::)?u?int(?:8|16|32|64)?_t|uint|int|unsigned(?:\s+int)?|bool|auto|(?:std::)?size_t"
_CALL = r"get_compile_time_arg_val\s*\(\s*(0|[1-9]\d{0,8})[uU]?\s*\)"
_READ = re.compile(rf"\b{_CALL}")
_DECLARATION = re.compile(rf"(?<![\w:])constexpr(?=\s+(?:{_INTEGER})\s+(\w+)\s*=\s*{_CALL}\s*;)")
_OTHER = re.compile(r"\b(?:static|inline|extern)\s*\Z")
_CONSTANT_EXPRESSIONS = (
    r"\bconstexpr\s+\w[^;{{}}]{{0,400}}\b{name}\b",
    r"\bconstexpr\s*\((?:[^();{{}}]|\([^();{{}}]{{0,99}}\)){{0,200}}?\b{name}\b",
    r"\bstatic_assert\b[^;]{{0,400}}\b{name}\b",
    r"\bcase\s[^:]{{0,99}}\b{name}\b",
    r"\w<[^<>;{{}}]{{0,200}}\b{name}\b[^<>;{{}}]{{0,200}}>",
    r"\b\w+\s+\w+\[[^\];]{{0,99}}\b{name}\b",
)
"""Where a name stands if a constant is needed, by the look of it."""
_BY_OTHER_MEANS = re.compile(r"\b(?:get_ct_arg|TensorAccessorArgs)\b|\bget_compile_time_arg_val\s*(?!\s*\(\s*\d)")
_MOST_NAMES = 64
_WHOLE = re.compile(r"\b(?:kernel_compile_time_args|KERNEL_COMPILE_TIME_ARGS|tthal_\w+)\b")


def loaded_arguments(kernel: KernelImage) -> frozenset[int]:
    """Return the arguments that a kernel's code might load, by what its text does with them."""
    texts = [kernel.content.source, *(header.text for header in kernel.content.headers)]
    if not kernel.compile_time_args or any(_WHOLE.search(text) for text in texts):
        return frozenset()
    most = min(len(kernel.compile_time_args), MAX_LOADED_ARGUMENTS)
    needed = {int(place) for text in texts for place in _needed(text)}
    if any(_BY_OTHER_MEANS.search(text) for text in texts):
        wanted = {int(place) for text in texts for place in _READ.findall(text)}
    else:  # those that nobody reads do not matter
        wanted = set(range(most))
    return frozenset(place for place in wanted - needed if place < most)


def _needed(text: str) -> list[str]:
    """Return the arguments that constant expressions seem to need: to be wrong here costs a compilation, no more."""
    declared = {found[1]: found[2] for found in _declarations(text)}
    declared |= {f"tthal_argument_{place}": place for place in _READ.findall(text)}
    if len(declared) > _MOST_NAMES:
        return list(declared.values())
    rest = _READ.sub(lambda found: f"tthal_argument_{found[1]}", _DECLARATION.sub("const", text))
    return [place for name, place in declared.items() if _in_constant_expression(name, rest)]


def _in_constant_expression(name: str, text: str) -> bool:
    return any(re.search(each.format(name=name), text) for each in _CONSTANT_EXPRESSIONS)


def _declarations(text: str) -> list[re.Match[str]]:
    """Return the local variables that hold an argument; what stands before tells others from them."""
    found = _DECLARATION.finditer(text)
    return [each for each in found if not _OTHER.search(text[max(0, each.start() - 16) : each.start()])]


def with_loads(content: KernelContent, loaded: frozenset[int]) -> KernelContent:
    """Return a kernel whose variables for loaded arguments are no constant expressions; lines and columns stay."""
    headers = tuple(replace(header, text=_variables(header.text, loaded)) for header in content.headers)
    return replace(content, source=_variables(content.source, loaded), headers=headers)


def _variables(text: str, loaded: frozenset[int]) -> str:
    parts, end = [], 0
    for found in _declarations(text):
        if int(found[2]) in loaded:
            parts += [text[end : found.start()], "const".ljust(len("constexpr"))]
            end = found.end()
    return "".join([*parts, text[end:]])
