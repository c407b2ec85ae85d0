"""Measured points become workloads; points that cannot be trusted are left out, with a reason."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

HEADER = (
    "config_id,arch,mechanism,operation,memory,pattern,num_transactions,num_subordinates,same_axis,stateful,loopback,"
    "transaction_bytes,latency_cycles,measured\n"
)


@pytest.fixture
def points(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[2] / "benchmarks"))
    sys.modules.pop("time_points", None)
    return importlib.import_module("time_points")


def test_rows_are_read(points: ModuleType, tmp_path: Path) -> None:
    rows = [
        "a,WORMHOLE_B0,UNICAST,write,L1,ALL_TO_ALL,16,4,true,false,false,64,500,1",
        "b,BLACKHOLE,MULTICAST_LINKED,write,L1,ONE_TO_ALL,8,25,true,false,true,128,500,1",
        "c,BLACKHOLE,UNICAST,read,DRAM,ONE_FROM_ONE,8,0,true,false,false,128,500,1",
        "d,BLACKHOLE,UNICAST,read,L1,ONE_FROM_ONE,8,0,true,false,false,128,500,0",
    ]
    (tmp_path / "noc_latencies.csv").write_text(HEADER + "\n".join(rows))
    many, linked, one_bank = points.read_points(tmp_path)
    assert (many.pattern.count, points.initiators(many.pattern), points.packets(many.pattern)) == (4, 4, 64)
    assert linked.pattern.loopback
    assert linked.pattern.count == 8
    assert one_bank.pattern is None
    assert "contradict" in one_bank.reason


def test_long_commands_are_packets(points: ModuleType) -> None:
    whole = points.Pattern(points.Arch.WORMHOLE_B0, "ONE_TO_ONE", "UNICAST", False, 65536, 3, 0)
    parts = points.in_packets(whole)
    assert (parts.size, parts.count) == (8192, 24)
    assert points.packets(parts) == points.packets(whole)
