"""Every name that the headers of compute kernels declare is used by a kernel that some test runs.

The kernels of test_sfpu.py, test_sfpu_integers.py, test_matrix_names.py and of the folder sfpu have one arm per name,
each with an oracle of its own; what they hold is executed. What both kinds of kernels share is the matter of the
inventory of data-movement kernels.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1]))
from declared_names import DeclaredName, compute_names, dataflow_names, unused

FOR_THE_HEADERS = {"sFloat16a::get", "sFloat16b::get", "vBool::get", "vFloat::lanes", "vSMag::ranked", "vVal::get"}
"""Methods of sfpi's vectors that are public for its own functions."""


@pytest.fixture(scope="module")
def names() -> list[DeclaredName]:
    """All that the headers declare, without what data-movement kernels see too."""
    shared = {name.header for name in dataflow_names()}
    found = (name for name in compute_names() if name.header not in shared)
    return [name for name in found if str(name) not in FOR_THE_HEADERS]


@pytest.mark.parametrize(
    "known",
    [
        "function add_tiles",
        "function sigmoid_tile_pack",
        "function mm_block_init_short_with_both_dt",
        "function situ_glu_tile",
        "function lut2_sign",
        "type TwoPassAnchor",
        "type vFloat",
        "constant vConstFloatPrgm0",
        "macro SFPU_BINARY_CALL",
    ],
)
def test_the_headers_are_read(known: str, names: list[DeclaredName]) -> None:
    assert known in {f"{name.kind} {name}" for name in names}


def test_every_name_is_used(names: list[DeclaredName]) -> None:
    missing = unused(names)
    assert not missing, "\n".join(f"{name.header}: {name.kind} {name}" for name in missing)
