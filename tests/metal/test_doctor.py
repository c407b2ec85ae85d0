"""What ``tthal doctor`` and ``tthal metal info`` say about cards: everything once, whatever is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tthal.cli.doctor import doctor
from tthal_metal import discovery
from tthal_metal.commands import metal
from tthal_metal.doctor import findings
from tthal_metal.settings import FROZEN_VARIABLES

ALWAYS = ("target", "library", "C++ compiler", "runtime root", "kernel compiler")


@pytest.fixture(autouse=True)
def _nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*FROZEN_VARIABLES, "TTHAL_METAL_LIBRARY", "TT_METAL_HOME", "TTHAL_BACKEND"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TTHAL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(discovery, "_SYSTEM_FOLDERS", (str(tmp_path / "system"),))
    monkeypatch.setattr(discovery, "_site_packages", lambda: iter([tmp_path / "site"]))


def output(command: Any, *arguments: str) -> str:
    return " ".join(CliRunner().invoke(command, arguments).output.split())


def test_without_a_library_the_rest_is_still_told() -> None:
    rows = dict(findings())
    assert set(ALWAYS) <= set(rows)
    assert rows["library"] == "none"


def test_a_missing_library_is_explained_once() -> None:
    for text in (output(doctor), output(metal, "info")):
        assert text.count("was not found; looked at") == 1, text
        assert text.count("pip install ttnn") == 1, text


def test_a_refused_library_is_explained_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vendor_wheel: Path
) -> None:
    data = (vendor_wheel / "ttnn/build/lib/libtt_metal.so").read_bytes()
    build_id = discovery.describe(vendor_wheel / "ttnn/build/lib/libtt_metal.so", "test").build_id
    other = tmp_path / "libtt_metal.so"
    other.write_bytes(data.replace(bytes.fromhex(build_id), bytes(20), 1))
    monkeypatch.setenv("TTHAL_METAL_LIBRARY", str(other))
    text = output(doctor)
    assert text.count("were checked without headers") == 1, text
    assert "refused: without headers" in text
    assert "not built yet" not in text


def test_no_c_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "/nonexistent/c++")
    assert dict(findings())["C++ compiler"].startswith("none; ")


@pytest.mark.parametrize(
    ("variable", "said"),
    [("TT_METAL_SIMULATOR", "a simulator: TT_METAL_SIMULATOR=/x"),
     ("TT_METAL_MOCK_CLUSTER_DESC_PATH", "a mock device, no kernels run: TT_METAL_MOCK_CLUSTER_DESC_PATH=/x")],
)  # fmt: skip
def test_the_target_is_said(variable: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "/x")
    assert dict(findings())["target"] == said


def test_cards_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    devices = tmp_path / "tenstorrent"
    monkeypatch.setattr("tthal_metal.doctor._DEVICES", devices)
    assert dict(findings())["devices"].startswith("none")
    devices.mkdir()
    for name in ("0", "1", "by-id"):
        (devices / name).touch()
    monkeypatch.setenv("TT_METAL_VISIBLE_DEVICES", "1")
    rows = dict(findings())
    assert rows["devices"] == f"{devices}/0, {devices}/1"
    assert rows["visible devices"] == "TT_METAL_VISIBLE_DEVICES=1"
