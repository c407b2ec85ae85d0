"""Runs kernels that were compiled to wasm: a binding of libwasmtime with one instance per processor.

Nothing is loaded at import; making an :class:`Engine` opens the library.
"""

from __future__ import annotations

from .core_memory import CoreMemories, core_memories
from .engine import Engine, EngineOptions
from .host_functions import HostFunction
from .memory_map import MemoryModel
from .module import Module
from .processor import STACK_POINTER, Processor
from .traps import EngineError, Trap, TrapKind

__all__ = [
    "STACK_POINTER",
    "CoreMemories",
    "Engine",
    "EngineError",
    "EngineOptions",
    "HostFunction",
    "MemoryModel",
    "Module",
    "Processor",
    "Trap",
    "TrapKind",
    "core_memories",
]
