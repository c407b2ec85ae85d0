"""The table of all findings, for docs/checks.md: ``python -m tthal_check.document`` prints it."""

from __future__ import annotations

from .findings import AT_THE_END, KINDS, NOWHERE, TILE_ADDED_TO, TILE_READ


class _Letter(str):
    """Stands for a number."""

    def __format__(self, words: str) -> str:
        return f"{self!s} {words}" if words else str(self)


_LETTERS = {
    "id": _Letter("N"),
    "count": _Letter("n"),
    "limit": _Letter("m"),
    "needed": "its init",
    "present": "another was last",
    "again": ", and again after every other initialisation",
    "begun": "nothing or too little was set up",
    "access": "load or store",
    "where": "P",
    "page": "k",
    "more": "n+1",
    "room": "reserve the pages with cb_reserve_back and read or write to get_write_ptr, or mend the page size where it "
    "is smaller than what is transferred",
    "transfer": "read or write",
    "owner": f"{NOWHERE[0]}, or {AT_THE_END[0].format(id='N')}",
    "owned": f"{NOWHERE[1]} Where a circular buffer ends, {AT_THE_END[1]}",
    "use": f"{TILE_READ[0]}, or {TILE_ADDED_TO[0]},",
    "first": f"{TILE_READ[1]}; {TILE_ADDED_TO[1]}",
    "barrier": "the barrier of the read or write, of its NoC (or of its transaction id),",
    "read_barrier": "noc_async_read_barrier() of the read's NoC (or of its transaction id)",
    "write_barrier": "noc_async_write_barrier() of the write's NoC (noc_async_posted_writes_flushed() where it is "
    "posted, or the barrier of its transaction id)",
    "flush": "noc_async_writes_flushed() or noc_async_write_barrier() of the write's NoC "
    "(noc_async_posted_writes_flushed() where it is posted, or those of its transaction id)",
    "acknowledgement": "noc_async_write_barrier() or noc_async_atomic_barrier() of its NoC",
    "cure": "order the two (the report says by which call)",
}


def general(text: str) -> str:
    """Return a text of a kind of finding with letters for what a case fills in."""
    return text.replace("0x{address:x}", "A").format(**_LETTERS)


def table() -> str:
    """Return a Markdown table: id, severity, what it says, and the fix."""
    rows = ["| id | severity | what | fix |", "|---|---|---|---|"]
    for kind in KINDS.values():
        rows.append(f"| {kind.id} | {kind.severity.value} | {general(kind.text)} | {general(kind.fix)} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    print(table(), end="")
