"""Kernel prints on the terminal and in files, selected by the vendor's variables."""

from __future__ import annotations

from pathlib import Path

import pytest

import tthal as ttnn
from tthal.coordinates import CoreCoord
from tthal.device_interface import KernelPrint
from tthal.kernel_prints import KernelPrintWriter, PrintSelection

BOTH = [KernelPrint(0, CoreCoord(0, 0), "BRISC", "first"), KernelPrint(1, CoreCoord(2, 3), "TRISC", "second")]


def written(capsys: pytest.CaptureFixture[str], **variables: str) -> list[str]:
    writer = KernelPrintWriter(
        PrintSelection.from_environment({f"TT_METAL_DPRINT_{key}": value for key, value in variables.items()})
    )
    for event in BOTH:
        writer(event)
    return capsys.readouterr().out.splitlines()


FIRST, SECOND = "0:(x=0,y=0):BR: first", "1:(x=2,y=3):TR: second"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, [FIRST, SECOND]),
        ({"CORES": "all"}, [FIRST, SECOND]),
        ({"CORES": "0,0"}, [FIRST]),
        ({"CORES": "(2,3)"}, [SECOND]),
        ({"CORES": "(1,1)-(2,3)"}, [SECOND]),
        ({"CORES": "(0,0),(2,3)"}, [FIRST, SECOND]),
        ({"CORES": "none"}, []),
        ({"CHIPS": "1"}, [SECOND]),
        ({"RISCVS": "BR"}, [FIRST]),
        ({"RISCVS": "NC+TR1"}, [SECOND]),
        ({"RISCVS": "TR*"}, [SECOND]),
        ({"PREPEND_DEVICE_CORE_RISC": "0"}, ["first", "second"]),
    ],
)
def test_the_vendors_variables_select(
    variables: dict[str, str], expected: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert written(capsys, **variables) == expected


@pytest.mark.parametrize("variables", [{"CORES": "x"}, {"CORES": "(1,2);(3"}, {"CHIPS": "one"}, {"RISCVS": "ER0"}])
def test_values_that_say_nothing_are_refused(variables: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ttnn.InvalidArgument, match=f"TT_METAL_DPRINT_{next(iter(variables))}"):
        written(capsys, **variables)


def test_a_file_takes_the_place_of_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "prints.txt"
    target.write_text("of an earlier run\n")
    assert written(capsys, FILE=str(target)) == []
    assert target.read_text().splitlines() == [FIRST, SECOND]


HELLO = """
#include "api/debug/dprint.h"
#include "api/dataflow/dataflow_api.h"
void kernel_main() { DPRINT << "Hello from " << get_arg_val<uint32_t>(0) << ENDL(); }
"""


def test_hello_world_is_on_the_terminal(clean_selection: None, capsys: pytest.CaptureFixture[str]) -> None:
    with ttnn.open_device() as device:
        program = ttnn.CreateProgram()
        kernel = ttnn.CreateKernelFromString(program, HELLO, (1, 2))
        ttnn.SetRuntimeArgs(program, kernel, (1, 2), [42])
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
    assert capsys.readouterr().out == "0:(x=1,y=2):BR: Hello from 42\n"


def test_the_variables_reach_a_device(
    clean_selection: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TT_METAL_DPRINT_CORES", "nowhere")
    with pytest.raises(ttnn.InvalidArgument, match="TT_METAL_DPRINT_CORES"):
        ttnn.open_device()
