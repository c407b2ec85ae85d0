"""The functions of the host that kernels may import: their declaration and the callbacks from C to Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Protocol

from .c_api import CApi
from .traps import EngineError

IMPORT_MODULE = "tt"
"""The wasm module name of all host functions, as in ``__attribute__((import_module("tt")))``."""

# letter of a signature: (wasm value kind, member of the value unions)
_VALUES = {"u": (0, "u32"), "i": (0, "i32"), "I": (1, "i64"), "f": (2, "f32"), "F": (3, "f64")}


@dataclass(frozen=True, slots=True)
class HostFunction:
    """A function that kernels can call.

    Args:
        name: the import's name in module ``tt``.
        signature: parameter letters, ``>``, at most one result letter; ``u`` unsigned and ``i`` signed 32 bit,
            ``I`` 64 bit, ``f`` float, ``F`` double. ``"uu>u"`` takes two addresses and returns one.
        function: called as ``function(processor, *arguments)``.
        blocking: after the call the processor is parked until somebody sets ``processor.parked = False``;
            the function may do that itself to go on at once. Blocking functions return nothing.
        compiled: given the C function that calls ``function``, returns one that kernels call in its place, and its
            environment. It finds its caller's ``tthal_processor`` in the store, and leaves what it does not know to
            the one given.
    """

    name: str
    signature: str
    function: Callable[..., Any]
    blocking: bool = False
    compiled: Callable[[Any], tuple[Any, Any]] | None = None

    def __post_init__(self) -> None:
        parameters, arrow, result = self.signature.partition(">")
        if not arrow or len(result) > 1 or not set(parameters + result) <= set(_VALUES):
            raise EngineError(f"host function {self.name}: bad signature {self.signature!r}")
        if self.blocking and result:
            raise EngineError(f"host function {self.name}: a blocking function returns nothing")

    def kinds(self) -> tuple[list[int], list[int]]:
        """wasm's value kinds of parameters and results."""
        parameters, _, result = self.signature.partition(">")
        return [_VALUES[letter][0] for letter in parameters], [_VALUES[letter][0] for letter in result]

    def readers(self) -> list[tuple[int, Callable[[Any], Any]]]:
        """The place of each parameter, and what reads its value from there."""
        parameters = self.signature.partition(">")[0]
        return [(place, attrgetter(_VALUES[letter][1])) for place, letter in enumerate(parameters)]

    def result(self) -> str | None:
        """The member of the value union that the result goes into."""
        letter = self.signature.partition(">")[2]
        return _VALUES[letter][1] if letter else None


class Caller(Protocol):
    """A processor, as host functions see it.

    Attributes:
        state: its ``tthal_processor``.
        host_error: what a host function raised.
    """

    state: Any
    host_error: BaseException | None


def _finders(api: CApi) -> tuple[Callable[[Any], Caller], Callable[[Any], Caller]]:
    """Return what finds a processor: by the data of its store, and by the call that it makes."""
    cast, from_handle, kind = api.ffi.cast, api.ffi.from_handle, api.ffi.typeof("tthal_processor*")
    context_of, data_of = api.c.wasmtime_caller_context, api.c.wasmtime_context_get_data

    def owner_of(data: Any) -> Caller:
        processor: Caller = from_handle(cast(kind, data).owner)()
        return processor

    def caller(call: Any) -> Caller:
        processor: Caller = from_handle(cast(kind, data_of(context_of(call))).owner)()
        return processor

    return owner_of, caller


class HostFunctionTable:
    """The C callbacks of an engine's host functions; they live as long as the table."""

    def __init__(self, api: CApi, functions: Sequence[HostFunction] = ()) -> None:
        self.functions: Mapping[str, HostFunction] = {function.name: function for function in functions}
        if len(self.functions) != len(functions):
            raise EngineError("two host functions have one name")
        self._api = api
        self._ffi = api.ffi
        self._owner_of, self._caller = _finders(api)
        self._resume = self._ffi.callback(
            "wasmtime_func_async_continuation_callback_t", self._is_resumed, False, self._interrupted
        )
        self._callbacks = {
            name: (self._blocking if function.blocking else self._synchronous)(function)
            for name, function in self.functions.items()
        }

    def _is_resumed(self, env: Any) -> bool:
        return not self._ffi.cast("tthal_processor*", env).parked

    def _interrupted(self, kind: type, error: BaseException, traceback: Any) -> bool:
        self._owner_of(traceback.tb_frame.f_locals["env"]).host_error = error
        return False

    def _failed(self, name: str, caller: Any, error: BaseException) -> Any:
        """Remember what a host function raised and make the trap that stops its caller."""
        self._caller(caller).host_error = error
        return self._api.new_trap(f"host function {name} failed: {type(error).__name__}")

    def _synchronous(self, function: HostFunction) -> Any:
        readers, result, null = function.readers(), function.result(), self._ffi.NULL
        find, run = self._caller, function.function

        def call(env: Any, caller: Any, raw: Any, count: int) -> Any:
            processor = find(caller)
            processor.state.called = True
            value = run(processor, *[read(raw[place]) for place, read in readers])
            if result is not None:
                setattr(raw[0], result, value)
            return null

        def report(kind: type, error: BaseException, traceback: Any) -> Any:
            return self._failed(function.name, traceback.tb_frame.f_locals["caller"], error)

        return self._ffi.callback("wasmtime_func_unchecked_callback_t", call, onerror=report)

    def _blocking(self, function: HostFunction) -> Any:
        readers, ffi = function.readers(), self._ffi

        def call(
            env: Any, caller: Any, values: Any, count: int, results: Any, more: int, trap: Any, continuation: Any
        ) -> None:
            processor = self._caller(caller)
            self._resume_later(continuation, processor)
            processor.state.called = processor.state.parked = True
            processor.state.trap_return = ffi.cast("void**", trap)
            function.function(processor, *[read(values[place].of) for place, read in readers])

        def report(kind: type, error: BaseException, traceback: Any) -> None:
            # The interrupted call may not have come to setting its continuation: without one libwasmtime aborts.
            given = traceback.tb_frame.f_locals
            processor = self._caller(given["caller"])
            self._resume_later(given["continuation"], processor)
            given["trap"][0] = self._failed(function.name, given["caller"], error)
            processor.state.parked = False

        return ffi.callback("wasmtime_func_async_callback_t", call, onerror=report)

    def _resume_later(self, continuation: Any, processor: Caller) -> None:
        continuation.callback, continuation.env, continuation.finalizer = (
            self._resume,
            processor.state,
            self._ffi.NULL,
        )

    def define_in(self, linker: Any) -> None:
        """Make every function importable through ``linker``."""
        api, module = self._api, IMPORT_MODULE.encode()
        for name, function in self.functions.items():
            define = (
                api.c.wasmtime_linker_define_async_func
                if function.blocking
                else api.c.wasmtime_linker_define_func_unchecked
            )
            encoded = name.encode()
            code, environment = self._callbacks[name], self._ffi.NULL
            if function.compiled is not None:
                compiled, environment = function.compiled(code)
                code = self._ffi.cast(self._ffi.typeof(code), compiled)
            with api.function_type(*function.kinds()) as signature:
                error = define(
                    linker, module, len(module), encoded, len(encoded), signature, code, environment,
                    self._ffi.NULL,
                )  # fmt: skip
            api.check(error)
