from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from tthal.cli.root import tthal
from tthal.errors import InvalidArgument
from tthal.selection import Selection
from tthal_conformance.racebench.campaign import runnable, table
from tthal_conformance.racebench.commands import racebench
from tthal_conformance.racebench.expected import EXPECTED
from tthal_conformance.racebench.hosts import HOSTS
from tthal_conformance.racebench.pair import Pair, Variant, pairs, select
from tthal_conformance.racebench.run import Bytes, Observation, observe
from tthal_conformance.racebench.score import ALL, Verdict, judge, scores

EMULATOR = Selection("emulator", "", (("check", "off"), ("jobs", "1")))
TOLD_BY_HOST = ("freed", "queues")
"""Host programs that differ between the variants themselves."""


def test_there_are_enough_pairs_of_enough_kinds() -> None:
    kinds = Counter(pair.kind for pair in pairs().values())
    assert len(pairs()) >= 100
    assert len(kinds) >= 15
    assert min(kinds.values()) >= 4


@pytest.mark.parametrize("name", sorted(pairs()))
def test_a_pair_says_what_it_is(name: str) -> None:
    pair = pairs()[name]
    text = pair.path.read_text()
    assert pair.summary.endswith(".")
    assert pair.host in HOSTS
    assert pair.text("expects", "copy") in EXPECTED
    assert pair.sites, "the truth: which lines the fault is about"
    differs = any(word in text for word in ("FAULTY(", "FIXED(", "EITHER(", "|"))
    assert differs or pair.host in TOLD_BY_HOST
    assert pair.parts, "a pair has at least one kernel of its own"


def test_a_parameter_may_differ_between_the_variants() -> None:
    pair = pairs()["page_size/input"]
    assert (pair.number("in_page", 0, Variant.FAULTY), pair.number("in_page", 0)) == (1024, 2048)
    assert pair.number("pages", 8) == 8


def test_selecting_pairs() -> None:
    assert {pair.kind for pair in select(["freed"])} == {"freed"}
    assert [pair.name for pair in select(["freed/l1"])] == ["freed/l1"]
    with pytest.raises(InvalidArgument, match="Did you mean"):
        select(["fred"])


def test_a_file_without_a_host_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.cpp"
    path.write_text("// Nothing.\n")
    with pytest.raises(InvalidArgument, match="host"):
        Pair.read(path)


# ---- scoring


def _seen(variant: Variant, report: str = "", result: Bytes = Bytes.RIGHT) -> Observation:
    return Observation("read_barrier/push", variant, report, result, 0.1)


def test_a_report_counts_where_it_names_a_line_of_the_fault() -> None:
    line = min(pairs()["read_barrier/push"].sites)
    assert judge(_seen(Variant.FAULTY, f"a race at read_barrier/push.cpp:{line}:9")) is Verdict.HIT
    assert judge(_seen(Variant.FAULTY, "a race at read_barrier/push.cpp:1")) is Verdict.MISPLACED
    assert judge(_seen(Variant.FAULTY, f"a race at another.cpp:{line}")) is Verdict.MISPLACED
    assert judge(_seen(Variant.FAULTY)) is Verdict.MISS
    assert judge(_seen(Variant.FIXED, "a race")) is Verdict.FALSE_ALARM
    assert judge(_seen(Variant.FIXED)) is Verdict.QUIET
    assert judge(_seen(Variant.FAULTY, result=Bytes.NOT_APPLICABLE)) is Verdict.NOT_APPLICABLE


def test_recall_and_precision() -> None:
    line = f"read_barrier/push.cpp:{min(pairs()['read_barrier/push'].sites)}"
    seen = [
        _seen(Variant.FAULTY, line, Bytes.NONE),
        _seen(Variant.FAULTY, "elsewhere", Bytes.NONE),
        _seen(Variant.FAULTY),
        _seen(Variant.FIXED, "invented"),
        _seen(Variant.FIXED),
    ]
    kind, every = scores(seen)
    assert (kind.kind, every.kind) == ("read_barrier", ALL)
    assert kind.recall == pytest.approx(1 / 3)
    assert kind.precision == pytest.approx(1 / 3)
    assert scores([_seen(Variant.FIXED)])[0].precision == 1.0


def test_what_anybody_would_notice_is_counted_where_it_is_known() -> None:
    faulty = [_seen(Variant.FAULTY, "", result) for result in (Bytes.RIGHT, Bytes.WRONG, Bytes.NONE)]
    assert scores(faulty)[0].wrong == 2
    assert "1 faulty program computed the right bytes" in table("tool", faulty)[-1]
    unknown = [_seen(variant, "", Bytes.UNKNOWN) for variant in Variant]
    assert scores([*faulty, *unknown])[0].wrong is None
    assert table("tool", [*faulty, *unknown])[-1].endswith(
        "1 faulty program computed the right bytes; of 1 nothing is known"
    )
    assert not any("fixed, but" in line or "0 faulty" in line for line in table("tool", unknown))


def test_pairs_that_a_backend_cannot_compile_are_left_out() -> None:
    here = [_seen(Variant.FAULTY), _seen(Variant.FIXED)]
    broken = [
        Observation("freed/read", variant, "CompileError: sfpi.h has no such name", Bytes.NONE, 1.0)
        for variant in Variant
    ]
    assert runnable([*here, *broken]) == (here, ["freed/read"])
    assert runnable([_seen(Variant.FAULTY, "CompileError: its fault"), here[1]])[1] == []


# ---- running


def test_a_pair_runs_and_its_fault_shows() -> None:
    pair = pairs()["read_barrier/push"]
    fixed, faulty = (observe(pair, variant, EMULATOR) for variant in (Variant.FIXED, Variant.FAULTY))
    assert (fixed.result, fixed.report) == (Bytes.RIGHT, "")
    assert faulty.result is Bytes.WRONG


def test_what_a_check_ends_shows_by_the_bytes_of_a_run_without_it() -> None:
    checking = Selection("emulator", "", (("check", "full"), ("jobs", "1")))
    for name, result in (("read_barrier/push", Bytes.WRONG), ("multicast_order/flag", Bytes.RIGHT)):
        seen = observe(pairs()[name], Variant.FAULTY, checking)
        assert "KernelError" in seen.report
        assert seen.result is result


def test_a_pair_of_one_architecture_runs_on_its_board() -> None:
    pair = pairs()["multicast_order/flag"]
    assert observe(pair, Variant.FIXED, EMULATOR).result is Bytes.RIGHT


def test_any_command_can_be_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTHAL_BACKEND", str(EMULATOR))
    always = ["--select", "read_barrier/push", "--tool", "sh -c 'echo push.cpp:10; exit 1' {program}"]
    told = CliRunner().invoke(racebench, always)
    assert told.exit_code == 1
    assert "false alarm: read_barrier/push" in told.output
    never = CliRunner().invoke(racebench, ["--select", "read_barrier/push", "--tool", "true {program}"])
    assert "miss: read_barrier/push" in never.output
    assert "0 faulty programs" not in never.output
    assert CliRunner().invoke(racebench, ["--tool", "true"]).exit_code == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--tool", "nosuchtool {program}"], "--tool 'nosuchtool {program}' cannot be run: "),
        (["--with", "check=fulll"], "check=fulll: one of off, default, full is understood"),
        (["--with", "chek=full"], "chek"),
    ],
)
def test_what_cannot_be_scored_is_an_error(words: list[str], says: str) -> None:
    told = CliRunner().invoke(tthal, ["racebench", "--backend", "emulator", "--select", "read_barrier/push", *words])
    assert told.exit_code == 1
    assert told.output.strip().splitlines()[0].startswith("error: ")
    assert says in told.output
    assert "recall" not in told.output


def test_a_program_by_itself_is_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTHAL_BACKEND", str(EMULATOR))
    told = CliRunner().invoke(racebench, ["--select", "read_barrier/push", "--tool", "{program}"])
    assert "miss: read_barrier/push (wrong bytes)" in told.output


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("name", sorted(pairs()))
def test_fixed_programs_are_right(name: str, seed: int) -> None:
    seen = observe(pairs()[name], Variant.FIXED, Selection("emulator", "", (("seed", str(seed)), ("jobs", "1"))))
    assert (seen.result, seen.report) == (Bytes.RIGHT, "")


def test_what_was_observed_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTHAL_BACKEND", str(EMULATOR))
    notes = tmp_path / "notes.jsonl"
    words = ["--select", "read_barrier/push", "--tool", "true {program}", "--results", str(notes)]
    first = CliRunner().invoke(racebench, words)
    again = CliRunner().invoke(racebench, words)
    assert again.output.splitlines()[:-1] == first.output.splitlines()[:-1]
    assert "0 programs" in again.output
    notes.write_text("something else\n")
    assert CliRunner().invoke(racebench, words).exception is not None
