"""Whether this machine's relaxed multiply-add rounds once, asked of the engine itself.

The instruction may round the product by itself or not. Which it is depends on the host's instructions and on the
engine's settings, and holds for all that one engine runs.
"""

from __future__ import annotations

import struct

from .engine import Engine
from .module import Module
from .traps import EngineError

_FUEL = 1000
_GLOBAL = b"fused"


def _section(number: int, content: bytes) -> bytes:
    return bytes((number, len(content))) + content


def _lanes(value: float) -> bytes:
    """``f32.const value; f32x4.splat``."""
    return b"\x43" + struct.pack("<f", value) + b"\xfd\x13"


def _probe() -> bytes:
    """A module whose start function says in a global whether (1 + 2^-23) * (1 - 2^-23) - 1 is other than zero."""
    operands = _lanes(1 + 2**-23) + _lanes(1 - 2**-23) + _lanes(-1.0)
    multiply_add, first_lane = b"\xfd\x85\x02", b"\xfd\x1f\0"
    differs_from_zero, set_global, end = b"\x43" + bytes(4) + b"\x5c", b"\x24\0", b"\x0b"
    body = b"\0" + operands + multiply_add + first_lane + differs_from_zero + set_global + end
    return b"".join(
        (
            b"\0asm\1\0\0\0",
            _section(1, b"\1\x60\0\0"),  # one type: nothing to nothing
            _section(3, b"\1\0"),  # one function of it
            _section(6, b"\1\x7f\1\x41\0\x0b"),  # one mutable i32, 0
            _section(7, b"\1" + bytes((len(_GLOBAL),)) + _GLOBAL + b"\3\0"),
            _section(8, b"\0"),  # the function runs at the start
            _section(10, b"\1" + bytes((len(body),)) + body),
        )
    )


def fuses_multiply_add(engine: Engine) -> bool:
    """Return whether ``f32x4.relaxed_madd`` rounds once.

    Raises:
        EngineError: the engine does not know the instruction.
    """
    api = engine.api
    ffi, c = api.ffi, api.c
    bound = Module.compile(engine, _probe()).bind()
    store = api.own(c.wasmtime_store_new(engine.handle.pointer, ffi.NULL, ffi.NULL), c.wasmtime_store_delete)
    context = c.wasmtime_store_context(store.pointer)
    api.check(c.wasmtime_context_set_fuel(context, _FUEL))
    instance, trap, error = ffi.new("wasmtime_instance_t*"), ffi.new("wasm_trap_t**"), ffi.new("wasmtime_error_t**")
    future = c.wasmtime_instance_pre_instantiate_async(bound.pointer, context, instance, trap, error)
    done = c.wasmtime_call_future_poll(future)
    c.wasmtime_call_future_delete(future)
    api.check(error[0])
    export, value = ffi.new("wasmtime_extern_t*"), ffi.new("wasmtime_val_t*")
    if not done or not c.wasmtime_instance_export_get(context, instance, _GLOBAL, len(_GLOBAL), export):
        raise EngineError("the relaxed multiply-add cannot be tried")
    c.wasmtime_global_get(context, ffi.addressof(export.of, "global"), value)
    return bool(value.of.i32)
