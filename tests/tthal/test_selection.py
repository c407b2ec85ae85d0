from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tthal.errors import SelectionError
from tthal.selection import Selection, check_understood, choose

NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,10}", fullmatch=True)
KEYS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,10}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("emulator", Selection("emulator")),
        ("emulator:p150", Selection("emulator", "p150")),
        ("emulator?numerics=exact&seed=3", Selection("emulator", "", (("numerics", "exact"), ("seed", "3")))),
        ("emulator:p100?seed=", Selection("emulator", "p100", (("seed", ""),))),
        (r"replay:C:\runs\one.tttrace", Selection("replay", r"C:\runs\one.tttrace")),
        ("replay:a%3Fb.tttrace?strict=no", Selection("replay", "a?b.tttrace", (("strict", "no"),))),
        ("replay:runs/100% sure.tttrace", Selection("replay", "runs/100% sure.tttrace")),
        ("metal?define=a=b", Selection("metal", "", (("define", "a=b"),))),
        ("metal?define=a%26b", Selection("metal", "", (("define", "a&b"),))),
        ("emulator:", Selection("emulator")),
        ("emulator?", Selection("emulator")),
    ],
)
def test_parse(text: str, expected: Selection) -> None:
    assert Selection.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "'' is not a backend name"),
        (" emulator", "' emulator' is not a backend name"),
        (":p150", "'' is not a backend name"),
        ("?seed=1", "'' is not a backend name"),
        ("emulator?seed", "option 'seed' has no value; write KEY=VALUE"),
        ("emulator?a=1&&b=2", "option '' has no value"),
        ("emulator?=1", "'' is not an option key"),
        ("emulator?se ed=1", "'se ed' is not an option key"),
        ("emulator?seed=1&seed=2", "option 'seed' is given twice"),
        ("replay:%FF", "are not UTF-8; write % as %25"),
    ],
)
def test_parse_refuses(text: str, complaint: str) -> None:
    with pytest.raises(SelectionError, match="cannot read the selection") as caught:
        Selection.parse(text)
    assert complaint in str(caught.value)
    assert repr(text) in str(caught.value)


@given(NAMES, TEXTS, st.dictionaries(KEYS, TEXTS, max_size=3))
def test_prints_back_what_parses_to_the_same(name: str, argument: str, options: dict[str, str]) -> None:
    selection = Selection(name, argument, tuple(options.items()))
    assert Selection.parse(str(selection)) == selection


def test_printed_form_is_the_short_one() -> None:
    assert str(Selection("emulator", "p150", (("seed", "3"), ("numerics", "exact")))) == (
        "emulator:p150?seed=3&numerics=exact"
    )
    assert str(Selection("replay", r"C:\a b.tttrace")) == r"replay:C:\a b.tttrace"


def test_with_options_adds_and_refuses_a_contradiction() -> None:
    selection = Selection.parse("emulator?seed=3&l1_small_size=64")
    assert str(selection.with_options({"l1_small_size": "64", "worker_l1_size": "128"})) == (
        "emulator?seed=3&l1_small_size=64&worker_l1_size=128"
    )
    with pytest.raises(SelectionError, match=r"'l1_small_size' is '64' in the selection .* and '32' in the call"):
        selection.with_options({"l1_small_size": "32"})


class TestPrecedence:
    @pytest.fixture(autouse=True)
    def _clean(self, clean_selection: None) -> None:
        pass

    def test_the_argument_wins_over_the_variable(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TTHAL_BACKEND", "metal")
        choice = choose("emulator:p150")
        assert (choice.selection, choice.source) == (Selection("emulator", "p150"), "the backend argument")

    def test_a_parsed_selection_is_taken_as_it_is(self) -> None:
        assert choose(Selection("emulator", "n300")).selection == Selection("emulator", "n300")

    def test_the_variable_wins_over_the_default(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TTHAL_BACKEND", "replay:a.tttrace")
        choice = choose()
        assert choice.selection == Selection("replay", "a.tttrace")
        assert "TTHAL_BACKEND" in choice.source

    @pytest.mark.parametrize("value", [None, ""])
    def test_unset_or_empty_means_the_emulator(self, monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
        if value is not None:
            monkeypatch.setenv("TTHAL_BACKEND", value)
        assert choose().selection == Selection("emulator")

    def test_a_bad_variable_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TTHAL_BACKEND", "emulator?seed")
        with pytest.raises(SelectionError, match="environment variable TTHAL_BACKEND"):
            choose()


def test_unknown_keys_get_a_suggestion_and_the_list() -> None:
    helps = {"seed": "…", "numerics": "…"}
    check_understood(Selection.parse("emulator?seed=1"), helps, "")
    with pytest.raises(SelectionError) as caught:
        check_understood(Selection.parse("emulator?numeric=exact"), helps, "")
    message = str(caught.value)
    assert "no option 'numeric'. Did you mean 'numerics'?" in message
    assert "It takes: numerics, seed" in message


def test_an_argument_nobody_understands_is_refused() -> None:
    check_understood(Selection.parse("replay:file"), {}, "a trace file")
    with pytest.raises(SelectionError, match="takes no argument"):
        check_understood(Selection.parse("null:file"), {}, "")
