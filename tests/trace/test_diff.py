"""Two traces compared call by call."""

from __future__ import annotations

from pathlib import Path

from tthal_memory import MemoryBackend
from tthal_toy_programs import no_events, record_grand_tour, record_vector_add, recording, spec, vector_add, words

from tthal.trace import Trace, record
from tthal.trace.diff import diff


def lines(first: Path, second: Path, *ignore: str) -> list[str]:
    """Return the differences of two traces as lines."""
    with Trace(first) as a, Trace(second) as b:
        return [line for each in diff(a, b, frozenset(ignore)) for line in each.lines()]


def test_two_recordings_of_one_program_are_the_same(tmp_path: Path) -> None:
    record_grand_tour(tmp_path / "a.tttrace")
    record_grand_tour(tmp_path / "b.tttrace")
    assert lines(tmp_path / "a.tttrace", tmp_path / "b.tttrace") == []


def test_other_results_are_shown_by_page_element_and_value(recorded: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.tttrace"
    with record(other):
        driver = recording().open(0, "", {"skew": "3"}, no_events)
        vector_add(driver)
        driver.close()
    found = lines(recorded, other)
    assert found[:2] == [
        "call 1 / 1: open(device_id=0, backend='memory', selection='memory', argument='', properties="
        + found[0].rsplit("=", 1)[1],
        "    options[skew]: A nothing, B '3'",
    ]
    assert found[2] == "call 10 / 10: finish(queue=0, reads=1)"
    assert found[3].startswith("    data of read 9 / 9, page 0, element 0: A 15808 (0x3dc0), B 15811 (0x3dc3) (2048 of")
    assert len(found) == 4


def test_other_data_is_compared_with_the_format_that_programs_tell(recorded: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.tttrace"
    with record(other):
        driver = recording().open(0, "", {}, no_events)
        vector_add(driver, seed=2)
        driver.close()
    found = lines(recorded, other)
    assert found[0].startswith("call 5 / 5: write(")
    assert "element 0" in found[1]
    assert not any("write(" in line or "data," in line for line in lines(recorded, other, "data"))


def test_calls_that_only_one_trace_has_are_named_and_the_rest_still_compared(recorded: Path, tmp_path: Path) -> None:
    other = tmp_path / "b.tttrace"
    with record(other):
        driver = recording().open(0, "", {}, no_events)
        vector_add(driver)
        extra = driver.allocate(spec(1))
        driver.write(1, extra, words(5, 1))
        driver.close()
    first, second = lines(recorded, other)
    assert first == (
        "only in B: call 14: allocate(spec=[size 2048 (0x800), page_size 2048 (0x800), buffer_type DRAM, layout "
        "INTERLEAVED], allocation=4, address=4096 (0x1000))"
    )
    assert second.startswith("only in B: call 15: write(queue=1")
    assert lines(other, recorded) == [line.replace("in B", "in A") for line in (first, second)]


def test_a_call_left_out_in_the_middle_is_found(tmp_path: Path) -> None:
    for name, reads in (("a", True), ("b", False)):
        with record(tmp_path / f"{name}.tttrace"):
            driver = recording().open(0, "", {}, no_events)
            if reads:
                driver.read_dram(0, 0, 4)
                driver.read_dram(1, 0, 4)
            vector_add(driver)
            driver.close()
    assert lines(tmp_path / "a.tttrace", tmp_path / "b.tttrace") == [
        f"only in A: call {number}: read_dram(bank={bank}, address=0, size=4, data={'df3f619804a9'})"
        for number, bank in ((2, 0), (3, 1))
    ]


def test_other_kernels_and_boards_are_shown_by_field(recorded: Path, tmp_path: Path) -> None:
    record_vector_add(tmp_path / "b.tttrace", "xor")
    found = lines(recorded, tmp_path / "b.tttrace")
    assert "    image.kernels[0] (add_kernel).content.source: A line 1 'add', B line 1 'xor'" in found
    with record(tmp_path / "c.tttrace"):
        driver = recording(MemoryBackend()).open(0, "other", {}, no_events)
        vector_add(driver)
        driver.close()
    found = lines(recorded, tmp_path / "c.tttrace")
    assert "    properties.board: A 'toy', B 'other'" in found
    assert "    argument: A '', B 'other'" in found


def test_the_position_of_frees_is_not_compared(tmp_path: Path) -> None:
    for name, early in (("a", True), ("b", False)):
        with record(tmp_path / f"{name}.tttrace"):
            driver = recording().open(0, "", {}, no_events)
            buffer = driver.allocate(spec())
            if early:
                driver.free(buffer)
            driver.read_dram(0, 0, 4)
            driver.close()
    assert lines(tmp_path / "a.tttrace", tmp_path / "b.tttrace") == []
