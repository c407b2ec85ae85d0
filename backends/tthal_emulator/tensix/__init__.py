"""The Tensix matrix path in numpy: L1 page -> unpacker -> FPU -> DST -> packer -> L1 page.

This package is the definition of the emulated machine's arithmetic; faster forms elsewhere are tested against it.
Two grades share one interface (`machine.TileMath`): ``exact`` equals the vendor's bit-exact simulators bit for bit,
``fast`` is the same machine with float32 arithmetic in a fixed order (see `fast`).

Rooms, in the order of the data: `formats` (the table of formats and tile shapes), `datum` (bit layouts), `unpack`,
`fpu` (exact arithmetic), `fast` (float32 arithmetic), `reduce`, `dst`, `pack`, `tilize` (row-major layouts),
`machine` (the tile operations of the compute API), `deviation` (how far ``fast`` is from ``exact``).
"""

from __future__ import annotations
