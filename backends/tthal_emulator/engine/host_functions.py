"""The functions of the host that kernels may import: their declaration and the bridges from C to Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .traps import EngineError

if TYPE_CHECKING:
    from .engine import Engine

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

    @property
    def parameters(self) -> str:
        return self.signature.partition(">")[0]

    @property
    def result(self) -> str:
        return self.signature.partition(">")[2]

    def kinds(self) -> tuple[list[int], list[int]]:
        """wasm's value kinds of parameters and results."""
        return [_VALUES[letter][0] for letter in self.parameters], [_VALUES[letter][0] for letter in self.result]


# One template each, because a call from wasm costs 0.25 us and every Python frame or loop in between shows.
_SYNC = """
def bridge(env, caller, raw, count):
    processor = engine.current
    processor.called = True
    {assign}function(processor, {arguments})
    return NULL
"""
_BLOCKING = """
def bridge(env, caller, args, nargs, results, nresults, trap_return, continuation):
    processor = engine.current
    processor.called = processor.parked = True
    processor.state.trap_return = to_address("void**", trap_return)
    continuation.callback = resume
    continuation.env = NULL
    continuation.finalizer = NULL
    function(processor, {arguments})
"""


def bridge_source(function: HostFunction) -> str:
    """The Python source of the function that libwasmtime calls."""
    members = [_VALUES[letter][1] for letter in function.parameters]
    if function.blocking:
        return _BLOCKING.format(arguments=", ".join(f"args[{i}].of.{m}" for i, m in enumerate(members)))
    assign = f"raw[0].{_VALUES[function.result][1]} = " if function.result else ""
    return _SYNC.format(assign=assign, arguments=", ".join(f"raw[{i}].{m}" for i, m in enumerate(members)))


class HostFunctionTable:
    """The C callbacks of an engine's host functions; they live as long as the table."""

    def __init__(self, engine: Engine, functions: Sequence[HostFunction] = ()) -> None:
        self.functions: Mapping[str, HostFunction] = {function.name: function for function in functions}
        if len(self.functions) != len(functions):
            raise EngineError("two host functions have one name")
        self._engine = engine
        self._ffi = engine.api.ffi
        self._resume = self._ffi.callback(
            "wasmtime_func_async_continuation_callback_t", self._is_ready, False, self._not_ready
        )
        self._callbacks = {name: self._callback(function) for name, function in self.functions.items()}

    def _is_ready(self, env: Any) -> bool:
        processor = self._engine.current
        return processor is None or not processor.parked

    def _not_ready(self, kind: type, error: BaseException, traceback: Any) -> bool:
        if self._engine.current is not None:
            self._engine.current.host_error = error
        return False

    def _callback(self, function: HostFunction) -> Any:
        scope = {
            "engine": self._engine,
            "function": function.function,
            "NULL": self._ffi.NULL,
            "resume": self._resume,
            "to_address": self._ffi.cast,
        }
        exec(bridge_source(function), scope)
        if function.blocking:
            return self._ffi.callback(
                "wasmtime_func_async_callback_t", scope["bridge"], onerror=self._blocking_error(function.name)
            )
        return self._ffi.callback(
            "wasmtime_func_unchecked_callback_t", scope["bridge"], onerror=self._sync_error(function.name)
        )

    def _sync_error(self, name: str) -> Callable[..., Any]:
        def report(kind: type, error: BaseException, traceback: Any) -> Any:
            return self._engine.fail_host_call(name, error)

        return report

    def _blocking_error(self, name: str) -> Callable[..., None]:
        null = self._ffi.NULL

        def report(kind: type, error: BaseException, traceback: Any) -> None:
            # The interrupted bridge may not have come to setting its continuation: without one libwasmtime aborts.
            arguments = traceback.tb_frame.f_locals
            continuation = arguments["continuation"]
            continuation.callback, continuation.env, continuation.finalizer = self._resume, null, null
            arguments["trap_return"][0] = self._engine.fail_host_call(name, error)
            processor = self._engine.current
            if processor is not None:
                processor.parked = False

        return report

    def define_in(self, linker: Any) -> None:
        """Make every function importable through ``linker``."""
        api, module = self._engine.api, IMPORT_MODULE.encode()
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
