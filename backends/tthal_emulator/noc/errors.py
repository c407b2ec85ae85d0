"""What is wrong with a transfer, as facts; :mod:`tthal_emulator.diagnostics.transfers` puts them into words."""

from __future__ import annotations

from dataclasses import dataclass

from .nodes import Nodes


class NocError(Exception):
    """A transfer that the hardware would refuse or corrupt.

    Attributes:
        site: where in its module the kernel asked for the transfer; 0: not known.
    """

    site: int = 0


@dataclass(eq=False)
class IllegalTransfer(NocError):
    """A read or write whose remote or local side is no memory, too short, or not aligned to the other.

    Attributes:
        remote: NoC address of the remote side.
        local: L1 address of the local side; ``l1_size`` is how much L1 there is.
    """

    nodes: Nodes
    noc: int
    remote: int
    local: int
    size: int
    l1_size: int
    reading: bool


@dataclass(eq=False)
class IllegalWord(NocError):
    """An inline write of a word, or an atomic increment, where no such word is."""

    nodes: Nodes
    noc: int
    remote: int
    value: int
    atomic: bool


@dataclass(eq=False)
class WrongReceivers(NocError):
    """A multicast that names another number of receivers than it reaches.

    Attributes:
        swapped: how many it would reach with its corners in the other order.
    """

    noc: int
    remote: int
    expected: int
    found: int
    with_sender: bool
    swapped: int


@dataclass(eq=False)
class ReservedByLink(NocError):
    """A transfer to ``remote`` while a linked multicast to ``linked`` keeps the NoC reserved."""

    noc: int
    remote: int
    linked: int


@dataclass(eq=False)
class UnknownTransfer(NocError):
    """An operation or a NoC that does not exist."""

    operation: int
    noc: int


@dataclass(eq=False)
class UnknownBarrier(NocError):
    """A barrier of a kind that does not exist."""

    operation: int
