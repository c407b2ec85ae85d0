"""The two halves of the border between kernels and host agree: what C++ says equals what Python says."""

from __future__ import annotations

import numpy as np

import tthal as ttnn
from tthal_emulator import abi

CORE = ttnn.CoreCoord(0, 0)
OUT = 0x40000

CONSTANTS = (
    "MAX_CIRCULAR_BUFFERS", "MAX_DRAM_BANKS", "MAX_L1_BANKS", "MAX_GRID_AXIS", "NOC_QUEUE_CAPACITY", "PRINT_CAPACITY",
)  # fmt: skip
ENUMS = {"NocOperation": abi.NocOperation, "Wait": abi.Wait, "Misuse": abi.Misuse}


def test_offsets_and_sizes_of_the_processor_block(device: ttnn.Device, run, make_program) -> None:
    fields = [name for name in abi.PROCESSOR_BLOCK.names or () if name != "print"]
    block = "tthal::ProcessorBlock"
    found = evaluate(device, run, make_program, [
        *(f"offsetof({block}, {name})" for name in fields),
        *(f"sizeof(static_cast<{block}*>(nullptr)->{name})" for name in fields),
    ])  # fmt: skip
    known = abi.PROCESSOR_BLOCK.fields
    assert known is not None
    assert found == [int(known[name][1]) for name in fields] + [known[name][0].itemsize for name in fields]


def test_constants_and_enumerations(device: ttnn.Device, run, make_program) -> None:
    names = [(f"tthal::{name}", getattr(abi, name)) for name in CONSTANTS]
    names += [(f"tthal::{kind}::{each.name}", each.value) for kind, enum in ENUMS.items() for each in enum]
    names += [(f"tthal::NOC_FLAG_{each.name}", each.value) for each in abi.NocFlag]
    names += [(f"tthal::NUMERICS_{each.name}", each.value) for each in abi.NumericsFlag]
    names += [("sizeof(tthal::NocTransfer)", abi.NOC_TRANSFER.size), ("tthal::ANY_TRANSACTION_ID", abi.ANY_TRANSACTION)]
    found = evaluate(device, run, make_program, [text for text, _ in names])
    assert dict(zip([text for text, _ in names], found, strict=True)) == dict(names)


def evaluate(device: ttnn.Device, run, make_program, expressions: list[str]) -> list[int]:
    """Return what C++ makes of constant expressions."""
    lines = "\n".join(f"out[{place}] = static_cast<uint32_t>({text});" for place, text in enumerate(expressions))
    run(make_program(f"void kernel_main() {{ auto* out = reinterpret_cast<volatile uint32_t*>({OUT}); {lines} }}"))
    words = ttnn.ReadFromDeviceL1(device, CORE, OUT, 4 * len(expressions))
    return np.asarray(words).view(np.uint32).tolist()
