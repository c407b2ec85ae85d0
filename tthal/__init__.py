"""TT-Metal's host API in Python; ``import tthal as ttnn``."""

from tthal._version import __version__

__all__ = ["__version__"]
