"""What is wrong with a transfer, in words that name the rule."""

from __future__ import annotations

from functools import singledispatch

from tthal_emulator.noc.coordinates import ADDRESS_BITS, EndpointKind, NocMap, split_address, split_multicast
from tthal_emulator.noc.errors import (
    IllegalTransfer,
    IllegalWord,
    NocError,
    ReservedByLink,
    UnknownBarrier,
    UnknownTransfer,
    WrongReceivers,
)


@singledispatch
def transfer_text(error: NocError) -> str:
    """Say which rule a transfer breaks."""
    raise TypeError(f"there are no words for {type(error).__name__}")


@transfer_text.register
def _(error: IllegalTransfer) -> str:
    reading, remote = error.reading, error.remote
    call = f"{'read' if reading else 'write'} of {error.size} B {'from' if reading else 'to'} {place_text(remote)}"
    node = error.nodes.at[error.noc].get(remote >> ADDRESS_BITS)
    x, y, address = split_address(remote)
    if node is None:
        return f"{call}: at that coordinate of NOC {error.noc} is {endpoint_text(error.nodes.map, error.noc, x, y)}"
    name = _memory_text(error.nodes.map, error.noc, x, y)
    if address + error.size > node.size:
        return f"{call}: it reaches past the end of {name} ({node.size} B)"
    if error.local + error.size > error.l1_size:
        return (
            f"{call}: the local side at 0x{error.local:x} is not in L1 ({error.l1_size} B); the NoC reaches no "
            "variables of the kernel, only L1"
        )
    unit = (node.read_mask if reading else node.write_mask) + 1
    return (
        f"{call}: {name} needs source and destination to have the same address modulo {unit}, but the "
        f"remote address is {address} (mod {unit} = {address % unit}) and the L1 address {error.local} "
        f"(mod {unit} = {error.local % unit})"
    )


@transfer_text.register
def _(error: IllegalWord) -> str:
    what = f"atomic increment by {error.value}" if error.atomic else f"inline write of 0x{error.value:x}"
    call = f"{what} at {place_text(error.remote)}"
    node = error.nodes.at[error.noc].get(error.remote >> ADDRESS_BITS)
    x, y, address = split_address(error.remote)
    if node is None:
        return f"{call}: at that coordinate of NOC {error.noc} is {endpoint_text(error.nodes.map, error.noc, x, y)}"
    if address % 4:
        return f"{call}: the address must be a multiple of 4"
    name = _memory_text(error.nodes.map, error.noc, x, y)
    if address + 4 > node.size:
        return f"{call}: it reaches past the end of {name} ({node.size} B)"
    return f"{call}: {name} has no atomics, only L1 does"


@transfer_text.register
def _(error: WrongReceivers) -> str:
    sender = "with" if error.with_sender else "without"
    said = (
        f"multicast to {rectangle_text(error.remote)}: num_dests is {error.expected}, but the rectangle has "
        f"{error.found} workers {sender} the sender: the acknowledgements would never add up, the barrier would hang"
    )
    if error.swapped != error.expected:
        return said
    way = "from the start up to the end" if error.noc == 0 else "from the start down to the end"
    return (
        f"{said}. With start and end swapped it has {error.swapped}: NOC {error.noc} walks {way}, round the torus; "
        "swap the corners"
    )


@transfer_text.register
def _(error: ReservedByLink) -> str:
    return (
        f"a transfer to {place_text(error.remote)} while the multicast to {rectangle_text(error.linked)} "
        f"is linked: NOC {error.noc} stays reserved until a multicast with linked=false, and this one would hang"
    )


@transfer_text.register
def _(error: UnknownTransfer) -> str:
    return (
        f"a transfer of kind {error.operation} on NOC {error.noc}, which do not exist: is the NoC's "
        "number right, or was the processor's own memory overwritten?"
    )


@transfer_text.register
def _(error: UnknownBarrier) -> str:
    return f"a barrier of unknown kind {error.operation}; was the processor's own memory overwritten?"


def place_text(remote: int) -> str:
    """Write a NoC address as coordinate and address."""
    x, y, address = split_address(remote)
    return f"({x},{y}) address 0x{address:x}"


def rectangle_text(remote: int) -> str:
    """Write a multicast NoC address as corners and address."""
    start, end, address = split_multicast(remote)
    return f"({start[0]},{start[1]})-({end[0]},{end[1]}) address 0x{address:x}"


def endpoint_text(noc_map: NocMap, noc: int, x: int, y: int) -> str:
    """Name what lies at a coordinate."""
    endpoint = noc_map.at(noc, x, y)
    if endpoint is not None:
        if endpoint.kind is EndpointKind.WORKER:
            return f"core {noc_map.machine.core(endpoint.index)}"
        return f"DRAM channel {endpoint.index}"
    other = noc_map.at(1 - noc, x, y)
    if other is None:
        return "nothing that this device has" + _logical_hint(noc_map, x, y)
    hint = f"nothing (on NoC {1 - noc} it is {endpoint_text(noc_map, 1 - noc, x, y)}"
    mirrored = noc_map.machine.mirrored((x, y))
    hint += f"; NoC {noc} reaches it at {mirrored})" if noc_map.at(noc, *mirrored) == other else ")"
    return hint + _logical_hint(noc_map, x, y)


def _logical_hint(noc_map: NocMap, x: int, y: int) -> str:
    grid = noc_map.machine.grid
    if x >= grid.x or y >= grid.y:
        return ""
    column, row = noc_map.virtual(y * grid.x + x)
    return (
        f"; the core with the logical coordinates ({x},{y}) is at ({column},{row}): the NoC takes virtual ones, which "
        "worker_core_from_logical_core gives"
    )


def _memory_text(noc_map: NocMap, noc: int, x: int, y: int) -> str:
    """Name the memory at a coordinate that has some."""
    text = endpoint_text(noc_map, noc, x, y)
    return f"L1 of {text}" if text.startswith("core") else text
