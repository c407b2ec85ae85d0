"""The two halves of the border between kernels and host agree: what C++ says equals what Python says."""

from __future__ import annotations

import inspect
from dataclasses import fields
from enum import EnumMeta, IntEnum, IntFlag
from itertools import count
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import tthal as ttnn
from tthal import observer
from tthal_emulator import abi
from tthal_emulator.abi import codes, formats, generate, layout, prints, tile_operations
from tthal_emulator.abi.vocabulary import EXPORTED, BitField, Code, Field, Flags, PackedWord, Record, bit_fields
from tthal_emulator.engine import memory_map
from tthal_emulator.engine.libwasmtime import wasmtime_library
from tthal_emulator.program.config_region import RiscType
from tthal_emulator.tensix.formats import FORMATS
from tthal_emulator.tensix.integer import INTEGER_SOURCES

CORE = ttnn.CoreCoord(0, 0)
OUT = 0x40000
MODULES = {codes: "tthal", prints: "tthal", tile_operations: "tthal::tensix"}
"""The tables, and the namespaces that they fill."""


def defined(module: ModuleType, kind: Any) -> list[Any]:
    """The classes of a kind that a table defines."""
    classes = [each for each in vars(module).values() if inspect.isclass(each) and each.__module__ == module.__name__]
    return [each for each in classes if issubclass(each, kind)]


WORDS = {each: space for module, space in MODULES.items() for each in defined(module, PackedWord)}


def evaluate(device: ttnn.Device, run, make_program, expressions: list[str]) -> dict[str, int]:
    """Return what C++ makes of constant expressions."""
    lines = "\n".join(f"out[{place}] = static_cast<uint32_t>({text});" for place, text in enumerate(expressions))
    headers = "".join(f'#include "tthal/border/{name}.h"\n' for name in ("numbers", "print_codes", "tile_codes"))
    run(make_program(f"{headers}void kernel_main() {{ auto* out = (volatile uint32_t*){OUT}; {lines} }}"))
    words = ttnn.ReadFromDeviceL1(device, CORE, OUT, 4 * len(expressions))
    return dict(zip(expressions, np.asarray(words).view(np.uint32).tolist(), strict=True))


def known_in_cpp(enumeration: type[IntEnum] | type[IntFlag]) -> dict[str, int]:
    """What C++ calls the enumerators."""
    how = EXPORTED[enumeration]
    front = how.prefix or f"{enumeration.__name__}::"
    return {f"{how.namespace}::{front}{each.name}": int(each) for each in enumeration}


@pytest.mark.parametrize("path", generate.headers(), ids=lambda path: path.name)
def test_the_generated_headers_are_those_of_the_tables(path) -> None:
    assert path.read_text(encoding="utf-8") == generate.headers()[path], "run python -m tthal_emulator.abi.generate"


def test_every_enumeration_of_the_tables_is_given_to_cpp() -> None:
    own = {each for module in MODULES for each in defined(module, Code | Flags)}
    assert own | set(formats.SHARED) == set(EXPORTED)


def test_constants_and_enumerations(device: ttnn.Device, run, make_program) -> None:
    known = {f"tthal::{name}": getattr(layout, name) for name in layout.EXPORTED_CONSTANTS}
    known |= {f"tthal::tensix::{name}": getattr(tile_operations, name) for name in tile_operations.EXPORTED_CONSTANTS}
    known |= {
        f"tthal::tensix::TileOperation::{generate.code_name(each)}": number
        for number, each in abi.TILE_OPERATIONS.items()
    }
    for enumeration in EXPORTED:
        known |= known_in_cpp(enumeration)
    assert evaluate(device, run, make_program, list(known)) == known


def test_offsets_and_sizes_of_the_records(device: ttnn.Device, run, make_program) -> None:
    known = {}
    records = {f"tthal::{record.cpp}": record for record in (*layout.RECORDS, abi.TILE_SLICE)}
    records["tthal::tensix::Dst"] = abi.DST
    for name, record in records.items():
        known[f"sizeof({name})"] = record.size
        known[f"alignof({name})"] = record.alignment
        for field in record.fields:
            known[f"offsetof({name}, {field.name})"] = record.offsets[field.name]
            known[f"sizeof(static_cast<{name}*>(nullptr)->{field.name})"] = field.size
    assert evaluate(device, run, make_program, list(known)) == known


def test_what_compiled_code_knows_of_formats(device: ttnn.Device, run, make_program) -> None:
    """numbers.h sorts the formats' codes by itself; tensix/formats.py is the table."""
    known = {}
    for code in ttnn.DataFormat:
        row = FORMATS.get(code)
        known[f"tthal::has_five_bit_exponent({int(code)})"] = row is not None and row.exponent_bits == 5
        known[f"tthal::is_integer({int(code)})"] = code in INTEGER_SOURCES
        multiplied = row is not None and (not row.is_integer or code in INTEGER_SOURCES)
        known[f"tthal::is_multiplied({int(code)})"] = multiplied
    assert evaluate(device, run, make_program, list(known)) == known


def test_packed_words(device: ttnn.Device, run, make_program) -> None:
    known = {}
    for (word, space), first in zip(WORDS.items(), count(3), strict=False):
        numbers = [_number(each, first + 5 * place) for place, each in enumerate(bit_fields(word))]
        packed = word(*numbers).packed()
        assert word.unpacked(packed) == word(*numbers)
        name, cpp = f"{space}::{word.__name__}", ", ".join(map(_cpp, numbers))
        known[f"{name}{{{cpp}}}.packed()"] = packed
        for number, each in zip(numbers, bit_fields(word), strict=True):
            known[f"{name}::unpacked({packed:#x}u).{each.name}"] = int(number)
    assert evaluate(device, run, make_program, list(known)) == known


def _number(field: BitField, number: int) -> int:
    """A value that a field can have."""
    if isinstance(field.kind, EnumMeta):
        return list(field.kind)[number % len(field.kind)]
    return field.kind(number % (1 << field.bits))


def _cpp(number: int) -> str:
    if isinstance(number, Code):
        return f"{EXPORTED[type(number)].namespace}::{type(number).__name__}::{number.name}"
    return f"{number:d}u" if not isinstance(number, bool) else str(number).lower()


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.__name__)
def test_a_packed_word_fits(word: type[PackedWord]) -> None:
    assert sum(each.bits for each in bit_fields(word)) <= 32
    assert [each.name for each in fields(word)] == [each.name for each in bit_fields(word)]  # type: ignore[arg-type]
    for each in bit_fields(word):
        if isinstance(each.kind, EnumMeta):
            assert max(each.kind) < 1 << each.bits


def test_reasons_of_the_compiled_part() -> None:
    known = wasmtime_library().ffi.typeof("tthal_stop_reason").relements
    assert known == {f"TTHAL_{reason.name}": int(reason) for reason in abi.StopReason}


def test_a_transfer_is_a_struct() -> None:
    assert abi.NOC_TRANSFER.struct().size == abi.NOC_TRANSFER.size


def test_a_record_refuses_a_field_that_lies_elsewhere() -> None:
    members = (Field("first", "uint32_t"), Field("second", "uint64_t", at=4))
    with pytest.raises(ValueError, match="second should lie at 0x4, but lies at 0x8"):
        Record("Wrong", "", members)


def test_what_observers_are_told_has_the_numbers_of_the_contract() -> None:
    """The emulator writes records by its own tables; listeners read them by those of tthal/observer.py."""
    ours = {each.name: int(each) for each in (*abi.NocOperation, *abi.MonitorEvent)}
    transfers = {
        f"QUEUED_{name}" if number < abi.NocOperation.READ_BARRIER else name: number for name, number in ours.items()
    }
    assert transfers == {each.name: int(each) for each in observer.EventKind} | {"QUEUED_INLINE_MULTICAST": 4}
    for mine, contract in (
        (codes.NocFlag, observer.TransferFlag), (tile_operations.SetUp, observer.SetUp),
        (codes.FormatUnit, observer.FormatUnit), (codes.ZoneMark, observer.ZoneMark),
    ):  # fmt: skip
        assert {each.name: int(each) for each in mine} == {each.name: int(each) for each in contract}
    for each in observer.Awaited:
        assert codes.Wait[each.name] == each
    for each in observer.DstCall:
        assert codes.DstCall[each.name] == each
    numbers = {generate.code_name(each): number for number, each in abi.TILE_OPERATIONS.items()}
    assert {each.name: numbers.get(each.name) for each in observer.TileOperation} == {
        each.name: int(each) for each in observer.TileOperation
    }


def test_records_have_the_layout_of_the_contract() -> None:
    fields = observer.RECORD.fields
    assert fields is not None
    ours = {field.name: layout.MONITOR_RECORD.offsets[field.name] for field in layout.MONITOR_RECORD.fields}
    assert ours == {name: fields[name][1] for name in ours}
    assert (observer.ADDRESS_BITS, observer.NODE_BITS) == (layout.NOC_ADDRESS_BITS, layout.NOC_NODE_BITS)
    assert (observer.SLOTS, observer.ALL_TRANSACTIONS) == (memory_map.SLOTS, layout.ANY_TRANSACTION_ID)
    assert observer.COMPUTE_SLOT == RiscType.TRISC
