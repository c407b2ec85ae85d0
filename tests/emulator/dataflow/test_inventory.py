"""Every name that the headers of data-movement kernels declare is used by a kernel that some test runs."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1]))
from declared_names import DeclaredName, dataflow_names, unused


@pytest.fixture(scope="module")
def names() -> list[DeclaredName]:
    """All that the headers declare."""
    return dataflow_names()


@pytest.mark.parametrize(
    "known",
    [
        "method Noc::async_read",
        "method DistributionSpec::shard_volume",
        "function noc_async_read",
        "function fast_udiv_7",
        "type TensorAccessor",
        "constant VALID",
        "macro DPRINT",
    ],
)
def test_the_headers_are_read(known: str, names: list[DeclaredName]) -> None:
    assert known in {f"{name.kind} {name}" for name in names}


def test_every_name_is_used(names: list[DeclaredName]) -> None:
    missing = unused(names)
    assert not missing, "\n".join(f"{name.header}: {name.kind} {name}" for name in missing)


def test_an_unused_name_is_found() -> None:
    invented = DeclaredName("x.h", "", "a_name" + "_that_no_kernel_has", "function")
    used = DeclaredName("x.h", "Noc", "async_read", "method")
    assert unused([used, invented]) == [invented]
