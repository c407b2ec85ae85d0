"""TT-Metal's host API in Python; ``import tthal as ttnn``.

The public names are what the modules below list in ``__all__``.
"""

from types import ModuleType as _ModuleType
from typing import TYPE_CHECKING as _TYPE_CHECKING

from tthal._version import __version__ as __version__
from tthal.buffer import *
from tthal.buffer_distribution import *
from tthal.cb_descriptors import *
from tthal.circular_buffer import *
from tthal.command_queue import *
from tthal.compute_kernel_config import *
from tthal.coordinates import *
from tthal.core_args import *
from tthal.core_grid import *
from tthal.data_formats import *
from tthal.default_device import *
from tthal.descriptors import *
from tthal.device import *
from tthal.device_interface import PORTABLE_LIMITS as PORTABLE_LIMITS
from tthal.device_interface import Limits as Limits
from tthal.device_queries import *
from tthal.device_trace import *
from tthal.dispatch_cores import *
from tthal.errors import *
from tthal.execution import *
from tthal.generic_op import *
from tthal.global_semaphore import *
from tthal.host_api import *
from tthal.kernel import *
from tthal.memory_view import *
from tthal.mesh.buffers import *
from tthal.mesh.devices import *
from tthal.mesh.fabric import *
from tthal.mesh.programs import *
from tthal.mesh.tensors import *
from tthal.mesh_shapes import *
from tthal.performance import *
from tthal.program import *
from tthal.queue_events import *
from tthal.runtime_args import *
from tthal.selection import *
from tthal.sharding import *
from tthal.sub_devices import *
from tthal.tensor import *
from tthal.tensor_accessor import *
from tthal.tensor_cb import *
from tthal.tiles import *
from tthal.trace.recording import *
from tthal.trace_capture import *
from tthal.types import *
from tthal.work_split import *

if not _TYPE_CHECKING:
    # Type checkers know the names above and no others.
    __all__ = [name for name, it in list(globals().items()) if name[0] != "_" and not isinstance(it, _ModuleType)]
    __all__.append("__version__")

    def __getattr__(name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        import importlib
        import sys

        if name == "plot":
            return importlib.import_module("tthal.plot")
        from tthal.ttnn.namespace import look_up

        return look_up(name, sys.modules[__name__])
