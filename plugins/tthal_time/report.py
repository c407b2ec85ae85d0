"""A profile on one screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from .profile import WAITS, Cause, Profile, Row, ThreadTime, rows

ERROR_CLASSES = {
    Cause.ISSUE: "NoC commands: 4 % median, 23 % at the 90th percentile (benchmarks/time_model.py)",
    Cause.COMPUTE: "compute: 1 to 7 % median in measured compute kernels, up to 18 % where formats change often",
    Cause.OWN: "RISC-V code: counted, 0 to 9 % in measured loops that move data; a stated cost per call",
}
"""How sure the parts of a time are."""
_COLUMNS = (
    (Cause.ISSUE, "issue"), (Cause.COMPUTE, "compute"), (Cause.OWN, "own code"), (Cause.NETWORK, "NoC busy"),
    (Cause.READS, "reads"), (Cause.WRITES, "writes"), (Cause.PAGES, "pages"), (Cause.SPACE, "space"),
    (Cause.SEMAPHORE, "semaph."), (Cause.UNITS, "engines"),
)  # fmt: skip
_SATURATED = 0.8
_LAUNCHES = 8


def print_report(console: Console, profiles: Sequence[Profile]) -> None:
    """Print the longest launch in full, or one that failed, and the others in one line each."""
    if not profiles:
        console.print("No launch was profiled: the script ran no program on a device that can be observed.")
        return
    total = sum(profile.nanoseconds for profile in profiles)
    console.print(
        f"device time {time_text(total)} in {launches_text(profiles)} ({profiles[0].chip.name}), modelled",
        highlight=False,
    )
    longest = max(profiles, key=lambda profile: (bool(profile.failure), profile.cycles))
    if len(profiles) > 1:
        for number, profile in enumerate(profiles[:_LAUNCHES]):
            failed = " (did not come to its end)" if profile.failure else ""
            console.print(f"  {number}: {time_text(profile.nanoseconds)}  {profile.name}{failed}", highlight=False)
        if len(profiles) > _LAUNCHES:
            console.print(f"  ... and {len(profiles) - _LAUNCHES} more", highlight=False)
        which = "one that did not come to its end" if longest.failure else "the longest"
        console.print(f"{which}, {longest.name}:", highlight=False)
    for line in _lines(longest):
        console.print(line, highlight=False, soft_wrap=True)
    if longest.threads:
        console.print(_table(longest))
    for text in dict.fromkeys(text for profile in profiles for text in profile.what_ifs):
        console.print(_what_if(profiles, text), highlight=False, soft_wrap=True)
    for remark in longest.remarks:
        console.print(f"- {remark}", highlight=False, soft_wrap=True)
    console.print("how far from silicon:", highlight=False)
    for note in ERROR_CLASSES.values():
        console.print(f"- {note}", highlight=False, soft_wrap=True)


def _what_if(profiles: Sequence[Profile], text: str) -> str:
    """Of all launches together."""
    now = sum(profile.nanoseconds for profile in profiles)
    answers = [profile.what_ifs.get(text, profile) for profile in profiles]
    then = sum(profile.nanoseconds for profile in answers)
    if any(_is_stuck(answer) > _is_stuck(profile) for answer, profile in zip(answers, profiles, strict=True)):
        return f"what if {text}: it never ends: a processor waits for what cannot come; until then {time_text(then)}"
    longest = max(answers, key=lambda profile: profile.cycles)
    by = f", then bound by {bound(longest, longest.critical)}" if longest.critical is not None else ""
    change = f"{then / now - 1:+.1%}" if now else ""
    return f"what if {text}: {time_text(then)} instead of {time_text(now)}, {change}{by}"


def _is_stuck(profile: Profile) -> bool:
    return any("whole" in note for note in profile.notes)


def launches_text(profiles: Sequence[Profile]) -> str:
    """How many there are."""
    return f"{len(profiles)} launches" if len(profiles) != 1 else "1 launch"


def time_text(nanoseconds: float) -> str:
    """With the unit that suits it."""
    for limit, divisor, unit in ((1e3, 1, "ns"), (1e6, 1e3, "us"), (1e9, 1e6, "ms")):
        if nanoseconds < limit:
            return f"{nanoseconds / divisor:.4g} {unit}"
    return f"{nanoseconds / 1e9:.4g} s"


def _lines(profile: Profile) -> Iterator[str]:
    chip, critical = profile.chip, profile.critical
    if critical is None:
        yield f"{time_text(profile.nanoseconds)}: no kernel did anything that the model times"
        return
    cores = len({item.thread.core for item in profile.threads})
    cycles = f"{profile.cycles:,.0f} cycles at {chip.clock.value:g} MHz"
    yield f"{time_text(profile.nanoseconds)} = {cycles} on {cores} core{'s' if cores != 1 else ''}"
    yield f"bound by {bound(profile, critical)}"
    rate = profile.dram_bytes / profile.nanoseconds if profile.nanoseconds else 0.0
    yield (
        f"DRAM {profile.dram_bytes:,} bytes, {rate:.1f} GB/s, {profile.dram_share:.0%} of what it carries; "
        f"busiest bank at work {profile.busiest_bank:.0%}, busiest NoC link {profile.busiest_link:.0%}"
    )


def bound(profile: Profile, critical: ThreadTime) -> str:
    """Say what a launch would have to do less of to be done sooner."""
    thread = critical.thread
    cause = max((cause for cause in Cause if cause not in WAITS), key=lambda cause: critical.spent[cause])
    where, share = critical.hottest
    place = f"core ({thread.core[0]},{thread.core[1]}) {thread.label}, {thread.name}"
    at = f", {where} takes {share:.0%} of it" if where is not None else ""
    own = f"{critical.own / profile.cycles:.0%} of the time on its own account" if profile.cycles else ""
    if cause in (Cause.READS, Cause.WRITES, Cause.NETWORK):
        if profile.busiest_bank >= _SATURATED:
            return f"the DRAM banks, at work {profile.busiest_bank:.0%} of the time; {place} {cause.value}{at}"
        if profile.busiest_link >= _SATURATED:
            return f"a NoC link, busy {profile.busiest_link:.0%} of the time; {place} {cause.value}{at}"
    does = f"is busy with its {cause.value}" if cause is Cause.OWN else cause.value
    return f"{place}: it {does} ({own}){at}"


def _table(profile: Profile) -> Table:
    """Per kernel and engine, the mean over cores in percent of the launch."""
    found = rows(profile)
    shown = [(cause, title) for cause, title in _COLUMNS if any(row.spent[cause] > 0 for row in found)]
    more = ("bytes", "GB/s", "of limit", "tiles", "cycles each", "ideal")
    table = Table("kernel", "on", "cores", *(title for _, title in shown), *more, box=None, pad_edge=False)
    for row in found:
        shares = [f"{row.spent[cause]:.0%}" if row.spent[cause] else "" for cause, _ in shown]
        table.add_row(row.kernel, row.label, str(row.cores), *shares, *_traffic(profile, row), *_tiles(profile, row))
    return table


def _traffic(profile: Profile, row: Row) -> tuple[str, str, str]:
    if not row.sent or not profile.cycles:
        return "", "", ""
    share = row.sent / profile.cycles / row.limit
    return f"{row.sent:,}", f"{row.sent / profile.nanoseconds:.1f}", f"{share:.0%}"


def _tiles(profile: Profile, row: Row) -> tuple[str, str, str]:
    if not row.tiles:
        return "", "", ""
    ideal = f"{row.ideal:.0f}" if row.ideal else ""
    return f"{row.tiles:,}", f"{profile.cycles / row.tiles:,.0f}", ideal
