"""The two halves of the border between kernels and host agree: what C++ says equals what Python says."""

from __future__ import annotations

import inspect
from dataclasses import fields
from itertools import count

import numpy as np
import pytest

import tthal as ttnn
from tthal_emulator import abi
from tthal_emulator.abi import codes, generate, layout
from tthal_emulator.abi.vocabulary import EXPORTED, Code, Field, Flags, PackedWord, Record, word_layout
from tthal_emulator.engine.libwasmtime import wasmtime_library

CORE = ttnn.CoreCoord(0, 0)
OUT = 0x40000
WORDS = [each for each in vars(codes).values() if inspect.isclass(each) and issubclass(each, PackedWord)]
WORDS.remove(PackedWord)


def evaluate(device: ttnn.Device, run, make_program, expressions: list[str]) -> dict[str, int]:
    """Return what C++ makes of constant expressions."""
    lines = "\n".join(f"out[{place}] = static_cast<uint32_t>({text});" for place, text in enumerate(expressions))
    run(make_program(f"void kernel_main() {{ auto* out = reinterpret_cast<volatile uint32_t*>({OUT}); {lines} }}"))
    words = ttnn.ReadFromDeviceL1(device, CORE, OUT, 4 * len(expressions))
    return dict(zip(expressions, np.asarray(words).view(np.uint32).tolist(), strict=True))


def known_in_cpp(enumeration: type[Code] | type[Flags]) -> dict[str, int]:
    """What C++ calls the enumerators."""
    how = EXPORTED[enumeration]
    front = how.prefix or f"{enumeration.__name__}::"
    return {f"{how.namespace}::{front}{each.name}": int(each) for each in enumeration}


@pytest.mark.parametrize("path", generate.headers(), ids=lambda path: path.name)
def test_the_generated_headers_are_those_of_the_tables(path) -> None:
    assert path.read_text(encoding="utf-8") == generate.headers()[path], "run python -m tthal_emulator.abi.generate"


def test_every_enumeration_of_the_tables_is_given_to_cpp() -> None:
    enumerations = [each for each in vars(codes).values() if inspect.isclass(each) and issubclass(each, Code | Flags)]
    assert {each for each in enumerations if len(each)} == set(EXPORTED)


def test_constants_and_enumerations(device: ttnn.Device, run, make_program) -> None:
    known = {f"tthal::{name}": getattr(layout, name) for name in layout.EXPORTED_CONSTANTS}
    for enumeration in EXPORTED:
        known |= known_in_cpp(enumeration)
    assert evaluate(device, run, make_program, list(known)) == known


def test_offsets_and_sizes_of_the_records(device: ttnn.Device, run, make_program) -> None:
    known = {}
    for record in abi.RECORDS:
        known[f"sizeof(tthal::{record.cpp})"] = record.size
        for field in record.fields:
            known[f"offsetof(tthal::{record.cpp}, {field.name})"] = record.offsets[field.name]
            known[f"sizeof(static_cast<tthal::{record.cpp}*>(nullptr)->{field.name})"] = field.size
    assert evaluate(device, run, make_program, list(known)) == known


def test_packed_words(device: ttnn.Device, run, make_program) -> None:
    known = {}
    for word, first in zip(WORDS, count(3), strict=False):
        numbers = [(first + 5 * place) % (1 << bits) for place, (_, _, bits, _) in enumerate(word_layout(word))]
        packed = word(*numbers).packed()
        assert word.unpacked(packed) == word(*numbers)
        arguments = ", ".join(f"{number}u" for number in numbers)
        known[f"tthal::{word.__name__}{{{arguments}}}.packed()"] = packed
        for number, (name, _, _, _) in zip(numbers, word_layout(word), strict=True):
            known[f"tthal::{word.__name__}::unpacked({packed:#x}u).{name}"] = number
    assert evaluate(device, run, make_program, list(known)) == known


@pytest.mark.parametrize("word", WORDS)
def test_a_packed_word_fits(word: type[PackedWord]) -> None:
    assert sum(bits for _, _, bits, _ in word_layout(word)) <= 32
    assert [each.name for each in fields(word)] == [name for name, *_ in word_layout(word)]  # type: ignore[arg-type]


def test_reasons_of_the_compiled_part() -> None:
    known = wasmtime_library().ffi.typeof("tthal_stop_reason").relements
    assert known == {f"TTHAL_{reason.name}": int(reason) for reason in abi.StopReason}


def test_a_transfer_is_a_struct() -> None:
    assert abi.NOC_TRANSFER.struct().size == abi.NOC_TRANSFER.size


def test_a_record_refuses_a_field_that_lies_elsewhere() -> None:
    members = (Field("first", "uint32_t"), Field("second", "uint64_t", at=4))
    with pytest.raises(ValueError, match="second should lie at 0x4, but lies at 0x8"):
        Record("Wrong", "", members)
