"""What words may ask of a kernel that runs: a view, through which nothing can be changed."""

from __future__ import annotations

from typing import Protocol

from tthal.errors import Frame


class KernelView(Protocol):
    """A kernel on one processor of one core."""

    @property
    def core(self) -> int:
        """The core's index in the compute grid."""
        ...

    @property
    def place(self) -> tuple[int, int]:
        """The logical core (x, y)."""
        ...

    @property
    def risc(self) -> str:
        """BRISC, NCRISC or TRISC."""
        ...

    @property
    def kernel(self) -> str:
        """The kernel's source name."""
        ...

    @property
    def l1(self) -> memoryview:
        """The core's L1, bytes."""
        ...

    @property
    def registers(self) -> memoryview:
        """The core's registers as 32-bit words."""
        ...

    @property
    def block(self) -> memoryview:
        """The processor's block, bytes."""
        ...

    @property
    def pages(self) -> tuple[int, ...]:
        """Number of pages of every circular buffer, by index; 0 = not configured."""
        ...

    @property
    def waiting(self) -> tuple[int, int, int] | None:
        """(kind, a, b) while it waits: an :class:`abi.Wait` and its operands."""
        ...

    def frames_of(self, site: int) -> tuple[Frame, ...]:
        """The calls that lead to a place that device headers wrote down, innermost first; none when it is not known."""
        ...
