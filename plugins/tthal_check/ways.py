"""How a transfer goes, and which calls wait for it: those of its NoC, of its transaction id, of posted writes."""

from __future__ import annotations

from tthal.observer import TransferFlag

_BYTE = 0xFF


def calls_that_wait(way: int) -> dict[str, str]:
    """Return what texts of findings call the calls that wait for a transfer.

    Args:
        way: ``way_of`` of compiled/check.h.
    """
    noc, flags, trid, is_increment = way & _BYTE, way >> 8 & _BYTE, way >> 16 & _BYTE, way >> 24
    read = _calls("noc_async_read_barrier", "noc_async_read_barrier", flags, trid)
    write = _calls("noc_async_write_barrier", "noc_async_write_barrier", flags, trid)
    flush = _calls("noc_async_writes_flushed", "noc_async_write_flushed", flags, trid) + write
    if flags & TransferFlag.POSTED:
        write = flush = ["noc_async_posted_writes_flushed()"]
    acknowledgement = ["noc_async_atomic_barrier()"] if is_increment else write
    calls = {"read_barrier": read, "write_barrier": write, "flush": flush, "acknowledgement": acknowledgement}
    return {name: f"{_either(several)} of NoC {noc}" for name, several in calls.items()}


def _calls(call: str, of_transaction: str, flags: int, trid: int) -> list[str]:
    """The call for all transfers, unless it does not know of this one, and that for its transaction id."""
    own = f"{of_transaction}_with_trid({trid})"
    if flags & TransferFlag.UNCOUNTED:
        return [own]
    return [f"{call}()", own] if trid else [f"{call}()"]


def _either(calls: list[str]) -> str:
    return calls[0] if len(calls) == 1 else f"{', '.join(calls[:-1])} or {calls[-1]}"
