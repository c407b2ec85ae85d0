"""Damages bytes as disks, transfers and people do: flipped, cut off, doubled, replaced, swapped."""

from __future__ import annotations

import random


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Return the bytes with one to four kinds of damage."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        if not found:
            break
        at, size = chance.randrange(len(found)), chance.choice((1, 2, 4, 8, 64, 512))
        kind = chance.randrange(7)
        if kind == 0:
            found[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del found[at:]
        elif kind == 2:
            del found[at : at + size]
        elif kind == 3:
            found[at:at] = found[at : at + size]
        elif kind == 4:
            found[at : at + size] = bytes(chance.choice((0, 0xFF, 0x7F)) for _ in range(size))
        elif kind == 5:
            found[at : at + size] = chance.randbytes(size)
        else:
            other = chance.randrange(len(found))
            found[at : at + size], found[other : other + size] = found[other : other + size], found[at : at + size]
    return bytes(found)
