"""Reads what clang and wasm-ld print, and tells it in terms of the user's files."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tthal.errors import CompileError, Diagnostic, SourceLocation
from tthal.kit.suggestions import did_you_mean

from .layout import GENERATED
from .local_memory import Variable, plain_name
from .request import CompileRequest, Target
from .stack_use import StackUse

_MESSAGE = re.compile(
    r"^(?P<file>.+?):(?P<line>\d+):(?P<column>\d+): (?P<severity>fatal error|error|warning|note): (?P<text>.*)$"
)
_GENERAL = re.compile(r"^(?:(?:\S*[/\\])?(?:clang|zig|wasm-ld|lld)[\w.+-]*: )?(?:fatal )?error: (.*)$")
_OF_BACKEND = re.compile(r"^(?P<severity>error|warning): (?P<place>.+?:\d+:\d+): (?P<text>.*)$")
_INCLUDED = re.compile(r"^(?:In file included from|\s+from) (.+?):(\d+)[:,]$")
_UNDEFINED = re.compile(r"undefined symbol: (.+)$")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_OPTION = re.compile(r" \[-W[\w,+=#-]*\]$")
_MAXIMUM = 20
_NO_HEAP = "a kernel has no heap: use fixed-size storage (arrays, std::array, local variables)"
_NO_OUTPUT = "a kernel has no standard output: print with DPRINT"
_NO_ENTRY = "the kernel defines neither void kernel_main() nor MAIN"
# Undefined functions that exist on a host but cannot exist in a kernel, by the beginning of the symbol.
_EXPLAINED = {
    "operator new": _NO_HEAP,
    "malloc": _NO_HEAP,
    "calloc": _NO_HEAP,
    "realloc": _NO_HEAP,
    "free": _NO_HEAP,
    "printf": _NO_OUTPUT,
    "puts": _NO_OUTPUT,
    "putchar": _NO_OUTPUT,
    "fprintf": _NO_OUTPUT,
    "kernel_main": _NO_ENTRY,
    "__tt_compute_main": _NO_ENTRY,
    "void std::__1::__sort": "std::sort of plain numbers is not available in kernels: sort with std::sort_heap",
}


_NO_HEADER = re.compile(r"^'(?P<name>[^']+)' file not found")
_ELSEWHERE = re.compile(r"^(?:[/\\\\]|[A-Za-z]:)|(?:^|[/\\\\])\.\.(?:[/\\\\]|$)")
_WHY = {
    "GNU-style inline assembly is disabled": ": a kernel can have none but fences, nops and empty statements here, for "
    "the emulated processor has other instructions and an assembler could read the host's files"
}
_NO_FILES = ": no absolute path, and none that leads out of these folders (or the one above the kernel's), is followed"
# Device headers that do not exist here, by what their names hold.
_NOT_EMULATED = (
    (r"fabric|packet_header|edm_|ethernet|erisc|\beth_|/udm/", "fabric and Ethernet between devices are not emulated"),
    (r"gddr|drisc", "kernels on the processors of DRAM channels are not emulated"),
    (r"blaze_", "runtime arguments by the names of Blaze are not emulated; name them with experimental/kernel_args.h"),
    (r"socket", "sockets between devices, and to the host, are not emulated"),
    (r"prefetcher_pipe", "prefetcher pipes are not emulated: host programs cannot make them here"),
)
_DEVICE_HEADER = re.compile(
    r"(?:api|compute_kernel_api|experimental|internal|hostdevcommon|tt-metalium|tt_metal|llk_)\b"
)
_NO_DEVICE_HEADER = (
    "the emulator's own device headers have none of this name; look for another that has what the kernel needs"
)


_SEARCHED = (
    "searched: beside the kernel, its include_paths, the working directory, the folders of TT_METAL_HOME, "
    "TT_METAL_RUNTIME_ROOT and TT_METAL_KERNEL_PATH with ttnn/ and ttnn/cpp/ in each, and the emulator's device headers"
)
_NOC_IN_COMPUTE = "noc_transfer_in_a_compute_kernel"
_NOC_CALL = re.compile(r"\bnoc_\w+|\bnoc\.\w+|\bNoc\b")
_FRAME = re.compile(r"stack frame size \(\d+\) exceeds limit")
_LESS = (
    "keep large arrays in L1 (a circular buffer, get_write_ptr), or lift the limit with emulator?local_memory=unlimited"
)
_UNDECLARED_ARGUMENT = re.compile(r"in call to 'place_of_named_argument<.*>\(\{&\"(?P<name>.*)\"\[0\], \d+\}\)'")
_ARGUMENT_USED = re.compile(r'get_named_(?:compile_time_arg_val|ct_arg)\(\s*"([^"]*)"')
# What clang says where such a call stands in a template's argument or the like, without naming the call.
_ARGUMENT_ERRORS = ("no matching function", "non-type template argument", "call to consteval function", "constexpr ")
# Functions of tthal/language/compile_time_args.h of which a call is left.
_ARGUMENT_ASKED, _ARGUMENT_MISSING = "asked_for_a_missing_argument", "missing_named_argument"
_UNUSED = "the value is not used, so the kernel runs here; on a card what it does is undefined"
_DECLARED_ARGUMENTS = re.compile(r"named_compile_time_args\[\] = \{(.*)\};")


@dataclass(slots=True)
class _Message:
    severity: str
    text: str
    location: SourceLocation | None
    excerpt: list[str] = field(default_factory=list)
    included_from: list[SourceLocation] = field(default_factory=list)
    notes: list[_Message] = field(default_factory=list)


class Reader:
    """Turns one kernel's compiler output into diagnostics.

    Args:
        headers: the names of the device headers, for suggestions.
    """

    def __init__(self, request: CompileRequest, headers: Sequence[str] = ()) -> None:
        self._request = request
        self._headers = headers
        self._own_files = {request.content.source_name, *(header.name for header in request.content.headers)}

    def clang(self, output: str) -> list[Diagnostic]:
        """Errors and the user's warnings, in order; notes in the user's files belong to their error's excerpt."""
        messages = _with_used_arguments(list(_messages(output)))
        found = [self._diagnostic(message) for message in messages if self._matters(message)]
        placed = [diagnostic for diagnostic in found if diagnostic.location is not None]
        # Errors inside our headers that nothing leads to follow from one that a user's line led to.
        return (placed if any(diagnostic.severity == "error" for diagnostic in placed) else found)[:_MAXIMUM]

    def _matters(self, message: _Message) -> bool:
        return message.severity != "warning" or self._is_own(message.location)

    def _is_own(self, location: SourceLocation | None) -> bool:
        return location is not None and location.file in self._own_files

    def _diagnostic(self, message: _Message) -> Diagnostic:
        severity = "error" if message.severity == "fatal error" else message.severity
        place, excerpt = self._own_place(message)
        if place is None and _NOC_IN_COMPUTE in message.text:
            place, text = self._mention_of(_NOC_CALL)
            excerpt = [text] if text else []
            message.text = message.text.partition(" attribute: ")[2]
        lines = list(excerpt)
        for note in message.notes:
            if self._is_own(note.location) and note.location != place:
                lines += [f"{note.location}: note: {note.text}", *note.excerpt]
            elif note.text.startswith("candidate") and not self._is_own(note.location):
                # What our own headers would accept is essential, where they say so is not.
                lines.append(f"note: {note.text}")
        text = _OPTION.sub("", message.text) + self._why(message)
        if (name := self._undeclared_argument(message, excerpt)) is not None:
            unused = f"; {_UNUSED}" if severity == "warning" else ""
            text = f"there is no named compile-time argument '{name}'; {self._named_arguments()}{unused}"
        return Diagnostic(self._request.name, severity, text, place, "\n".join(lines))

    def _why(self, message: _Message) -> str:
        """What the compiler's words leave out."""
        if message.text in _WHY:
            return _WHY[message.text]
        if _FRAME.match(message.text):
            target = self._request.target
            limit = target.frame_limit
            return f"; {_local_memory(target, limit)} for stack and static data: {_LESS}" if limit is not None else ""
        missing = _NO_HEADER.match(message.text)
        return "" if missing is None else self._why_no_header(missing["name"])

    def _why_no_header(self, name: str) -> str:
        if _ELSEWHERE.search(name):
            return f"{_NO_FILES}; {_SEARCHED}"
        if reason := next((why for part, why in _NOT_EMULATED if re.search(part, name)), None):
            return f": {reason}; {_SEARCHED}"
        reason = f": {_NO_DEVICE_HEADER}" if _DEVICE_HEADER.match(name) else ""
        known = (header for header in self._headers if not header.startswith("tthal/"))
        nearest = did_you_mean(name, [*known, *(header.name for header in self._request.content.headers)])
        return f"{reason}; {_SEARCHED}{'.' if nearest else ''}{nearest}"

    def _undeclared_argument(self, message: _Message, excerpt: Sequence[str]) -> str | None:
        """Return a name that the kernel gives to get_named_compile_time_arg_val() and does not have."""
        called = [match["name"] for note in message.notes if (match := _UNDECLARED_ARGUMENT.search(note.text))]
        left = _ARGUMENT_ASKED in message.text or _ARGUMENT_MISSING in message.text
        if not called and (left or message.text.startswith(_ARGUMENT_ERRORS)):
            called = [name for line in excerpt for name in _ARGUMENT_USED.findall(line)]
        return next((name for name in called if name not in self._declared_arguments()), None)

    def missing_arguments(self) -> set[str]:
        """Names that the kernel's files mention, in whatever branch, and that it does not have."""
        texts = (self._request.content.source, *(header.text for header in self._request.content.headers))
        return {name for text in texts for name in _ARGUMENT_USED.findall(text)}.difference(self._declared_arguments())

    def missing_argument_warnings(self, output: str) -> list[Diagnostic]:
        """Where a kernel that compiles asks for such a name, and does nothing with the answer."""
        messages = [message for message in _messages(output) if _ARGUMENT_ASKED in message.text]
        return [self._diagnostic(message) for message in messages if message.severity == "warning"]

    def _declared_arguments(self) -> list[str]:
        declared = _DECLARED_ARGUMENTS.search(self._request.preamble)
        return re.findall(r'\{"((?:[^"\\]|\\.)*)", \d+u\}', declared[1]) if declared else []

    def _named_arguments(self) -> str:
        names = self._declared_arguments()
        return f"the kernel has: {', '.join(names)}" if names else "the kernel has none (named_compile_args)"

    def _own_place(self, message: _Message) -> tuple[SourceLocation | None, list[str]]:
        """The user's line that a message is about: its own, or the one that led into our headers."""
        if self._is_own(message.location):
            return message.location, message.excerpt
        for note in message.notes:
            if self._is_own(note.location):
                return note.location, note.excerpt
        for location in message.included_from:
            if self._is_own(location):
                return location, []
        if message.location is not None and message.location.file == GENERATED:
            return None, message.excerpt
        return None, []

    def linker(self, output: str) -> list[Diagnostic]:
        """The first undefined names, each with the line that mentions it last, and everything else as it is."""
        found: dict[str, Diagnostic] = {}
        for line in dict.fromkeys(output.splitlines()):
            if len(found) == _MAXIMUM:
                break
            general = _GENERAL.match(line)
            if general is None:
                continue
            undefined = _UNDEFINED.search(general[1])
            diagnostic = self._undefined(undefined[1]) if undefined else self._other(general[1])
            found.setdefault(diagnostic.message, diagnostic)
        return list(found.values())

    def too_much_data(self, variables: Sequence[Variable], used: int, limit: int) -> list[Diagnostic]:
        """Static data that local memory has no room for; the largest variable's line stands for all."""
        place, excerpt = self._mention(variables[0].name, first=True)
        large = [variable for variable in variables[:3] if variable.size >= used // 16]
        largest = ", ".join(f"{variable.name} {variable.size} B" for variable in large)
        text = (
            f"the kernel has {used} B of static data ({largest}), but {_local_memory(self._request.target, limit)} for "
            f"that and the stack; {_LESS}"
        )
        return [Diagnostic(self._request.name, "error", text, place, excerpt)]

    def too_large_arrays(self, use: StackUse, limit: int) -> list[Diagnostic]:
        """Arrays on the stack that local memory has no room for."""
        name = plain_name(use.function)
        place, excerpt = self._mention(name, first=True)
        text = (
            f"arrays of {name} and the functions that it calls take {use.size} B of stack, but "
            f"{_local_memory(self._request.target, limit)} for stack and static data; {_LESS}"
        )
        return [Diagnostic(self._request.name, "error", text, place, excerpt)]

    def _undefined(self, symbol: str) -> Diagnostic:
        base = symbol.partition("(")[0].rpartition("::")[2] or symbol
        explained = next((text for start, text in _EXPLAINED.items() if re.match(rf"{start}\b", symbol)), None)
        message = f"{symbol}: {explained}" if explained else f"{symbol} is declared but defined nowhere"
        place, excerpt = self._mention(base)
        return Diagnostic(self._request.name, "error", message, place, excerpt)

    def _mention(self, name: str, first: bool = False) -> tuple[SourceLocation | None, str]:
        return self._mention_of(re.compile(rf"\b{re.escape(name)}\b"), first)

    def _mention_of(self, uses: re.Pattern[str], first: bool = False) -> tuple[SourceLocation | None, str]:
        content = self._request.content
        for file, text in ((content.source_name, content.source), *((h.name, h.text) for h in content.headers)):
            lines = text.splitlines()
            hits = [(n, match.start() + 1) for n, line in enumerate(lines, 1) for match in uses.finditer(line)]
            if hits:
                # The first mention is as a rule the declaration, the last one a call.
                number, column = hits[0 if first else -1]
                return SourceLocation(file, number, column), f"{number:5} | {lines[number - 1]}"
        return None, ""

    def _other(self, text: str) -> Diagnostic:
        if "maximum memory too small" in text:
            text = "the kernel's static data is too large for a processor's memory"
        return Diagnostic(self._request.name, "error", text)


def _local_memory(target: Target, limit: int) -> str:
    return f"a {target.name.upper()} has {limit} B of local memory"


def _messages(output: str) -> Iterator[_Message]:
    current: _Message | None = None
    last: _Message | None = None
    included: list[SourceLocation] = []
    for line in output.splitlines():
        # What makes code of a module puts the severity first.
        line = _OF_BACKEND.sub(r"\g<place>: \g<severity>: \g<text>", line)
        if head := _MESSAGE.match(line):
            location = SourceLocation(_logical(head["file"]), int(head["line"]), int(head["column"]))
            last = _Message(head["severity"], head["text"], location)
            if last.severity == "note" and current is not None:
                current.notes.append(last)
            else:
                if current is not None:
                    yield current
                last.included_from, included = included, []
                current = last
        elif include := _INCLUDED.match(line):
            included.append(SourceLocation(_logical(include[1]), int(include[2])))
        elif general := _GENERAL.match(line):
            if current is not None:
                yield current
            current = last = _Message("error", general[1], None)
        elif last is not None and re.match(r"^\s*\d*\s\|", line):
            last.excerpt.append(line)
    if current is not None:
        yield current


def _with_used_arguments(messages: Sequence[_Message]) -> list[_Message]:
    """Where a missing argument is asked for and used, keep the first message, which has the line, as the error."""
    used = {message.location for message in messages if _ARGUMENT_MISSING in message.text}
    asked = [message for message in messages if _ARGUMENT_ASKED in message.text and message.location in used]
    for message in asked:
        message.severity = "error"
    told = {message.location for message in asked}
    return [each for each in messages if _ARGUMENT_MISSING not in each.text or each.location not in told]


def _logical(file: str) -> str:
    return file if file.startswith("<") else posixpath.normpath(file.replace("\\", "/"))


def failure(groups: Sequence[Sequence[Diagnostic]]) -> CompileError:
    """One error for all kernels that failed; each group is one kernel's."""
    diagnostics = list(dict.fromkeys(diagnostic for group in groups for diagnostic in group))
    kernels = list(dict.fromkeys(diagnostic.kernel for diagnostic in diagnostics))
    what = f"kernel {kernels[0]} does not compile" if len(groups) == 1 else f"{len(groups)} kernels do not compile"
    errors = [str(diagnostic) for diagnostic in diagnostics if diagnostic.severity == "error"]
    return CompileError("\n".join([f"{what}:", *errors]), diagnostics)
