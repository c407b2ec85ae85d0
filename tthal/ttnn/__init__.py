"""``import ttnn`` means tthal: under ``tthal run``, ``tthal pytest``, and with pytest's ``-p tthal.ttnn``.

As a pytest plugin this module gives the alias, unless ``--no-alias`` is given, and the fixtures of the vendor's tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

pytest_plugins = ("tthal.ttnn.fixtures",)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--no-alias``."""
    group = parser.getgroup("tthal")
    group.addoption("--no-alias", action="store_true", help="let `import ttnn` mean the vendor's package, not tthal")


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Let ``import ttnn`` mean tthal before the first file is imported."""
    if not early_config.known_args_namespace.no_alias:
        from tthal.ttnn import alias

        alias.install()


def pytest_configure(config: pytest.Config) -> None:
    """Name the marks of the vendor's tests."""
    marks = (
        "use_module_device: one device for all tests of a module",
        "requires_fast_runtime_mode_off",
        "requires_grid_size(least): columns and rows, or cores, that the test needs",
    )
    for mark in marks:
        config.addinivalue_line("markers", mark)
