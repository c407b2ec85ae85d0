"""The lists of programs, and what every declaration must hold."""

from __future__ import annotations

import re

import pytest

import tthal as ttnn
from tthal.errors import InvalidArgument
from tthal_conformance.catalogue import PACKAGE, digest, programs, select, tier, tiers_of
from tthal_conformance.claim import Kind
from tthal_conformance.declaration import DuplicateProgram, program
from tthal_conformance.run import KERNELS

REFERENCE_FUNCTIONS = {
    "CreateProgram",
    "CreateKernel",
    "CreateKernelFromString",
    "CreateBuffer",
    "DeallocateBuffer",
    "AssignGlobalBufferToProgram",
    "CreateCircularBuffer",
    "GetCircularBufferConfig",
    "UpdateCircularBufferTotalSize",
    "UpdateCircularBufferPageSize",
    "UpdateDynamicCircularBufferAddress",
    "CreateSemaphore",
    "SetRuntimeArgs",
    "GetRuntimeArgs",
    "SetCommonRuntimeArgs",
    "GetCommonRuntimeArgs",
    "CBFormatDescriptor",
    "CBDescriptor",
    "KernelDescriptor",
    "ProgramDescriptor",
    "SemaphoreDescriptor",
    "generic_op",
    "EnqueueWriteBuffer",
    "EnqueueReadBuffer",
    "EnqueueProgram",
    "Finish",
    "LaunchProgram",
    "WriteToBuffer",
    "ReadFromBuffer",
    "WriteToDeviceL1",
    "ReadFromDeviceL1",
    "CreateDevice",
    "CloseDevice",
}


def test_the_full_tier_is_everything() -> None:
    assert sorted(tier("full")) == sorted(programs())


def test_the_core_tier_is_a_part_of_the_full_one() -> None:
    assert set(tier("core")) < set(tier("full"))
    assert len(tier("core")) >= 60


@pytest.mark.parametrize("name", ["core", "full"])
def test_tiers_name_no_program_twice_and_say_their_version(name: str) -> None:
    assert len(set(tier(name))) == len(tier(name))
    first = (PACKAGE / "tiers" / f"{name}.txt").read_text().splitlines()[0]
    assert re.fullmatch(r"# .*, version \d+\.", first)


def test_every_function_of_the_reference_is_covered() -> None:
    covered = {name for each in programs().values() for name in each.covers}
    assert covered >= REFERENCE_FUNCTIONS
    assert all(hasattr(ttnn, name) for name in REFERENCE_FUNCTIONS)


@pytest.mark.parametrize("name", sorted(programs()))
def test_declarations(name: str) -> None:
    declared = programs()[name]
    assert re.fullmatch(r"[a-z]+\.[a-z0-9_]+", name)
    assert declared.summary.endswith(".")
    assert declared.covers
    assert declared.tolerance.reason


def test_every_kernel_is_used() -> None:
    text = "".join(path.read_text() for path in PACKAGE.rglob("*.py"))
    unused = [path.name for path in KERNELS.glob("*.cpp") if f'"{path.stem}"' not in text and path.name not in text]
    assert unused == []


def test_errors_and_values_are_told_apart() -> None:
    kinds = {each.kind for each in programs().values()}
    assert kinds == {Kind.VALUE, Kind.ERROR}
    assert all(each.kind is Kind.ERROR for name, each in programs().items() if name.startswith("error."))


def test_selection_by_pattern() -> None:
    assert select("full", ["cb.str*"]) == ["cb.stream"]
    assert set(select("core")) == set(tier("core"))
    assert tiers_of("cb.stream") == ["core", "full"]
    assert tiers_of("kernel.ids") == ["full"]


def test_a_pattern_without_match_suggests() -> None:
    with pytest.raises(InvalidArgument, match=r"Did you mean 'cb\.stream'"):
        select("full", ["cb.strem"])


def test_a_name_is_taken_once() -> None:
    with pytest.raises(DuplicateProgram, match=r"cb\.stream"):
        program("cb.stream", covers=["nothing"])(lambda run: None)


def test_the_digest_is_that_of_the_files() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", digest())
    assert digest() == digest.__wrapped__()
