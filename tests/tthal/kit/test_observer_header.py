"""What compiled listeners include says the same as Python."""

from __future__ import annotations

from tthal.kit import observer_header
from tthal.observer import RECORD, EventKind


def test_the_header_is_that_of_the_module() -> None:
    text = observer_header.HEADER.read_text(encoding="utf-8")
    assert text == observer_header.header_text(), "run python -m tthal.kit.observer_header"


def test_it_has_every_event_and_every_field() -> None:
    text = observer_header.header_text()
    assert [each.name for each in EventKind if f"    {each.name} = {int(each)}," not in text] == []
    assert [name for name in RECORD.names or () if f"offsetof(Record, {name}) == " not in text] == []


def test_comments_come_along_without_markup() -> None:
    text = observer_header.header_text()
    assert "    DST_SECTION = 38,  // ACQUIRE or RELEASE: id = DstCall, local = where in its static data " in text
    assert "    // and size = stores through pointers, extra = divisions;" in text
    assert "`" not in text.partition("\n")[2]
