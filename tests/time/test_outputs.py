"""What a profiled run is written to: a trace, the vendor's logs, a workload for tt-npe, a stored profile, a page."""

from __future__ import annotations

import csv
import json
import subprocess
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, OPTIONS
from timed_programs import PAGE, PAGES

from tthal.errors import InvalidArgument
from tthal_time import session
from tthal_time.profile import Profile
from tthal_time.stored import load
from tthal_time.vendor_log import DEVICE_LOG

VENDOR_HEADER = (
    "PCIe slot, core_x, core_y, RISC processor type, timer_id, time[cycles since reset], data, run host ID, trace id, "
    "trace id counter, zone name, type, source line, source file, meta data"
)
"""A string of libtt_metal in ttnn 0.81.1."""


@pytest.fixture
def profiles(outputs: Path) -> list[Profile]:
    return load(outputs / "profile.json")


@pytest.fixture
def events(outputs: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((outputs / "trace.json").read_text())["traceEvents"]
    return found


def test_events_have_what_the_format_asks_for(events: list[dict[str, Any]]) -> None:
    assert {event["ph"] for event in events} == {"M", "X", "s", "f", "C", "B", "E", "i"}
    for event in events:
        assert isinstance(event["pid"], int)
        assert event["ts"] >= 0
        assert event["ph"] != "X" or event["dur"] >= 0
        assert event["ph"] not in ("s", "f") or "id" in event


def test_slices_of_a_track_do_not_overlap(events: list[dict[str, Any]]) -> None:
    tracks: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    for event in events:
        if event["ph"] == "X":
            tracks[event["pid"], event["tid"]].append((event["ts"], event["dur"]))
    assert len(tracks) > 4
    for slices in tracks.values():
        slices.sort()
        for (begin, length), (following, _) in pairwise(slices):
            assert begin + length <= following + 1e-9


def test_every_track_has_a_name(events: list[dict[str, Any]]) -> None:
    named = {(event["pid"], event["tid"]) for event in events if event["name"] == "thread_name"}
    assert {(event["pid"], event["tid"]) for event in events if event["ph"] not in "MC"} <= named
    names = {event["args"]["name"] for event in events if event["ph"] == "M"}
    assert {"core (3,2)", "DRAM", "BRISC", "NCRISC", "bank 0", "arrivals over NoC 0", "zones NCRISC"} <= names


def test_slices_of_a_processor_add_up_to_its_time(events: list[dict[str, Any]], profiles: list[Profile]) -> None:
    sums: dict[int, float] = defaultdict(float)
    for event in events:
        if event["ph"] == "X" and event["cat"] not in ("arrival", "launch"):
            sums[event["tid"]] += event["dur"]
    for track, label in ((1, "BRISC"), (2, "NCRISC")):
        whole = sum(item.finish for profile in profiles for item in profile.threads if item.thread.label == label)
        assert sums[track] == pytest.approx(whole / 1000, abs=2 * len(profiles) / 1000)


def test_transfers_are_arrows_that_arrive_later(events: list[dict[str, Any]]) -> None:
    begins = {event["id"]: event for event in events if event["ph"] == "s"}
    ends = {event["id"]: event for event in events if event["ph"] == "f"}
    assert begins.keys() == ends.keys()
    assert len(begins) == 2 * 2 * PAGES
    assert all(ends[key]["ts"] > begins[key]["ts"] for key in begins)
    assert len({event["tid"] for event in ends.values() if event["pid"] == 1}) == 12


def test_levels_go_up_to_the_depth_and_end_at_nothing(events: list[dict[str, Any]]) -> None:
    levels = [event["args"]["pages"] for event in events if event["ph"] == "C"]
    first = levels[: len(levels) // 2]
    assert (min(first), max(first), first[-1]) == (0, 4, 0)
    assert 4 <= max(levels) <= 12


def test_zones_and_marks_are_in_the_trace(events: list[dict[str, Any]]) -> None:
    assert [event["ph"] for event in events if event["name"] == "read all"] == ["B", "E"] * 2
    assert len([event for event in events if event["name"] == "pages read"]) == 2


def test_the_device_log_has_the_vendors_columns(outputs: Path, profiles: list[Profile]) -> None:
    first, header, *lines = (outputs / "logs" / DEVICE_LOG).read_text().splitlines()
    assert first == "ARCH: wormhole_b0, CHIP_FREQ[MHz]: 1000, Max Compute Cores: 64"
    assert header == VENDOR_HEADER
    rows = list(csv.DictReader([header.replace(", ", ","), *lines]))
    launch = [row for row in rows if row["run host ID"] == "1" and row["RISC processor type"] == "NCRISC"]
    times = {(row["zone name"], row["type"]): int(row["time[cycles since reset]"]) for row in launch}
    finish = next(item.finish for item in profiles[0].threads if item.thread.label == "NCRISC")
    assert times["NCRISC-KERNEL", "ZONE_END"] - times["NCRISC-KERNEL", "ZONE_START"] == round(finish)
    assert 0 < times["read all", "ZONE_START"] < times["read all", "ZONE_END"] <= finish
    (mark,) = (row for row in launch if row["type"] == "TS_DATA")
    assert (mark["zone name"], mark["data"], mark["source line"]) == ("pages read", str(0x100000018), "12")


def test_the_workload_has_what_tt_npe_reads(outputs: Path, profiles: list[Profile]) -> None:
    """The longest launch; fields of tt-npe's ingestWorkload.cpp."""
    workload = json.loads((outputs / "npe.json").read_text())
    longest = max(profiles, key=lambda profile: profile.cycles)
    assert workload["golden_result"]["cycles"] == round(longest.cycles)
    (phase,) = workload["phases"]
    transfers = phase["transfers"]
    assert sum(transfer["packet_size"] * transfer["num_packets"] for transfer in transfers) == 2 * PAGE * PAGES
    core = {(transfer["dst_x"], transfer["dst_y"]) for transfer in transfers if transfer["noc_type"] == "NOC_0"}
    assert core == {(transfer["src_x"], transfer["src_y"]) for transfer in transfers if transfer["noc_type"] == "NOC_1"}
    assert len(core) == 1
    assert all(0 <= transfer["phase_cycle_offset"] < longest.cycles for transfer in transfers)


def test_a_stored_profile_is_the_same_again(outputs: Path, profiles: list[Profile]) -> None:
    assert len(profiles) == len(session.profiles) == 2
    for stored, live in zip(profiles, session.profiles, strict=True):
        assert (stored.cycles, stored.threads, stored.banks) == (live.cycles, live.threads, live.banks)
        assert (stored.links == live.links).all()


@pytest.mark.parametrize("text", ["", "{}", '{"format":"tthal-profile","version":99}', "[1]", '{"format": "x"}'])
def test_what_is_no_profile_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "profile.json").write_text(text)
    with pytest.raises(InvalidArgument, match=r"profile\.json"):
        load(tmp_path / "profile.json")


CLICKS = """<script>
const found = {};
for (const view of ["busy", "waiting", "noc0", "noc1", "dram"]) {
  document.querySelector(`[data-view=${view}]`).click();
  const parts = [...document.querySelectorAll("#map .part")];
  parts[0].dispatchEvent(new MouseEvent("click"));
  found[view] = { parts: parts.length, most: Math.max(...parts.map((part) => Number(part.dataset.share))),
    detail: document.getElementById("detail").textContent, chosen: document.querySelectorAll(".chosen").length };
}
const select = document.getElementById("launch");
const before = document.getElementById("bound").textContent;
select.value = select.value === "0" ? "1" : "0";
select.dispatchEvent(new Event("change"));
found.other = before !== document.getElementById("bound").textContent;
document.body.innerHTML = "";
document.body.append("FOUND" + JSON.stringify(found) + "END");
</script>"""


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed")
def test_the_page_works_in_a_browser(outputs: Path, profiles: list[Profile], tmp_path: Path) -> None:
    """Every view is clicked, then the other launch is chosen."""
    page = (outputs / "page.html").read_text()
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page
    copy_of_it = tmp_path / "page.html"
    copy_of_it.write_text(page.replace("</body>", CLICKS + "</body>"))
    command = [CHROMIUM, *OPTIONS, f"--user-data-dir={tmp_path / 'user'}"]
    shown = subprocess.run(
        [*command, "--dump-dom", copy_of_it.as_uri()], capture_output=True, text=True, check=False, timeout=120
    )
    assert "FOUND" in shown.stdout, shown.stderr
    found = json.loads(shown.stdout.split("FOUND")[-1].split("END")[0])
    longest = max(profiles, key=lambda profile: profile.cycles)
    assert found["busy"]["parts"] == 1
    assert "NCRISC" in found["busy"]["detail"]
    assert "core (3,2)" in found["busy"]["detail"]
    assert found["dram"]["parts"] == 12
    for noc, view in enumerate(("noc0", "noc1")):
        links = longest.links[noc, :2]
        assert found[view]["parts"] == (links > 0).sum()
        assert found[view]["most"] == pytest.approx(links.max() / longest.cycles, abs=1e-3)
    assert all(found[view]["chosen"] == 1 for view in ("busy", "waiting", "noc0", "noc1", "dram"))
    assert found["other"]
