"""The compiled part of the emulator: what runs so often that Python would dominate it.

It is C++, built for this machine by the compiler that builds kernels: turns of processors (``launch.cpp``), transfers
of well-behaved kernels (``noc.cpp``), matrix products of both grades (``products.cpp``, ``multiply/``), and large
buffers between host and banks (``pages.cpp``). Whatever is rare, or wrong, it leaves to Python.
"""

from .build import compiled_part, listening_part, multiplying_part
from .launch import CompiledLaunch
from .pages import PageMover
from .stacks import Stacks

__all__ = ["CompiledLaunch", "PageMover", "Stacks", "compiled_part", "listening_part", "multiplying_part"]
