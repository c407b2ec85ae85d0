"""What the text of a kernel says of a name: only what holds wherever the name stands."""

from __future__ import annotations

import pytest

from tthal_check.expressions import declared, parted


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("uint32_t n = 3;", "3"),
        ("const uint32_t a = f(1, 2), n = g(b, c), d = 4;", "g(b, c)"),
        ("#define n 7\n", "7"),
        ("uint32_t n;\nn = get_semaphore(1);", "get_semaphore(1)"),
        ("uint32_t n = 3; if (x) n = 4;", None),
        ("uint32_t n = 3; n += 4;", None),
        ("for (uint32_t n = 0; n < 3; n++) {}", None),
        ("uint32_t n = 0; f(&n);", None),
        ("void f(uint32_t n) { g(n); } void h() { uint32_t n = 3; }", None),
        ("void f(uint32_t *n, int b); uint32_t n = 3;", None),
        ("if (n == 3) s.n = 4;", None),
    ],
)
def test_a_name_is_what_it_is_declared_as_once(source: str, value: str | None) -> None:
    told = declared("n", source)
    assert (told.strip() if told is not None else None) == value


def test_lists_are_parted_at_their_own_commas() -> None:
    assert parted("a, f(b, c)[d, e], {1, 2}") == ["a", " f(b, c)[d, e]", " {1, 2}"]
