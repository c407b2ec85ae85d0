"""The settings, reports and tracer of the operations library, which programs and their tests set: nothing depends on
them here (ttnn 0.81.1).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_DEFAULTS = {
    "enable_fast_runtime_mode": True,
    "enable_logging": False,
    "enable_comparison_mode": False,
    "enable_graph_report": False,
    "enable_detailed_buffer_report": False,
    "enable_detailed_tensor_report": False,
    "throw_exception_on_fallback": False,
    "comparison_mode_pcc": 0.9999,
    "comparison_mode_should_raise_exception": False,
    "report_name": None,
    "report_path": None,
}


def configuration() -> dict[str, Any]:
    """Return the names of ``ttnn`` by which settings are read, set and loaded."""
    config = SimpleNamespace(**_DEFAULTS)

    @contextmanager
    def manage_config(name: str, value: Any) -> Iterator[None]:
        before = getattr(config, name, None)
        setattr(config, name, value)
        try:
            yield
        finally:
            setattr(config, name, before)

    def copied(other: SimpleNamespace | None = None) -> SimpleNamespace:
        return SimpleNamespace(**vars(config if other is None else other))

    def load_config_from_dictionary(config: Mapping[str, Any], from_file: bool = False) -> None:
        vars(settings["CONFIG"]).update(config)

    def load_config_from_json_file(json_path: str | Path) -> None:
        load_config_from_dictionary(json.loads(Path(json_path).read_text(encoding="utf-8")), from_file=True)

    settings = {"CONFIG": config, "CONFIG_PATH": None, "CONFIG_OVERRIDES": None}
    loaders = (load_config_from_dictionary, load_config_from_json_file)
    return {
        **settings,
        "Config": copied,
        "manage_config": manage_config,
        **{each.__name__: each for each in loaders},
    }


def database() -> dict[str, Any]:
    """Return the names of ``ttnn.database``: no report is open."""
    return {"SQLITE_CONNECTION": None, "DEVICE_IDS_IN_DATABASE": set()}


def tracer() -> dict[str, Any]:
    """Return the switches of ``ttnn.tracer``, which is off and stays so."""

    def disable_tracing() -> None:
        """Do nothing: nothing is traced."""

    def is_tracing_enabled() -> bool:
        return False

    return {each.__name__: each for each in (disable_tracing, is_tracing_enabled)}
