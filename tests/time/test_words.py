"""Words that kernels wait for: set by the API, stored plainly, polled; the model's order is the functional run's."""

from __future__ import annotations

import pytest
from hand_shakes import BACKEND, CALL, ROUNDS, SENDS, STORE, WAITS, WORK, hand_shakes
from timed_programs import COMPUTE

import tthal as ttnn
from tthal_time.profile import Cause, Profile, ThreadTime


def both(profile: Profile) -> tuple[ThreadTime, ThreadTime]:
    """The one that works, and the one that waits for it."""
    found = {item.thread.core: item for item in profile.threads}
    return found[2, 0], found[0, 0]


@pytest.mark.parametrize("reset", [STORE, CALL], ids=["stores", "calls"])
@pytest.mark.parametrize("send", SENDS)
@pytest.mark.parametrize("wait", WAITS)
def test_whoever_waits_waits_for_the_work_of_every_round(
    profiles: list[Profile], reset: str, send: str, wait: str
) -> None:
    hand_shakes(reset, send, wait)
    (profile,) = profiles
    works, waits = both(profile)
    assert works.spent[Cause.OWN] > ROUNDS * WORK
    assert waits.spent[Cause.SEMAPHORE] > 0.95 * works.spent[Cause.OWN]
    assert waits.finish > works.spent[Cause.OWN]
    assert not [note for note in profile.notes if "never" in note]
    assert bool([note for note in profile.notes if "polled" in note]) == (wait in ("poll", "spin"))


@pytest.mark.parametrize("send", ["remote", "multicast"])
def test_a_word_stored_plainly_takes_as_long_as_one_set_by_the_api(profiles: list[Profile], send: str) -> None:
    """But for the calls themselves, three a round."""
    hand_shakes(STORE, send, "wait")
    hand_shakes(CALL, send, "wait")
    plain, called = profiles
    assert 0 <= called.cycles - plain.cycles < ROUNDS * 3 * 40


def test_a_value_that_grows_from_round_to_round(profiles: list[Profile]) -> None:
    hand_shakes(STORE, "remote", "wait", value="(round * 7)", credits=1)
    works, waits = both(profiles[0])
    assert waits.spent[Cause.SEMAPHORE] > 0.95 * works.spent[Cause.OWN]


def test_a_multicast_changes_words_of_its_rectangle_only(profiles: list[Profile]) -> None:
    hand_shakes(CALL, "multicast", "wait", bystanders=True)
    (profile,) = profiles
    assert not profile.notes
    times = {item.thread.core: item for item in profile.threads}
    assert times[5, 0].spent[Cause.SEMAPHORE] > 0.95 * times[6, 0].spent[Cause.OWN]


def test_a_kernel_that_computes_for_long_does_not_poll(profiles: list[Profile]) -> None:
    """It gives way because its turn is over: tile operations take turns of their own."""
    with ttnn.open_device(0, backend=BACKEND) as device:
        program, core = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0)
        ring = ttnn.CircularBufferConfig(2048, {0: ttnn.DataFormat.Float16_b}).set_page_size(0, 2048)
        ttnn.CreateCircularBuffer(program, core, ring)
        text = COMPUTE.replace("CALLS", "for (uint32_t i = 0; i < 400; i++) relu_tile(0);")
        ttnn.CreateKernelFromString(program, text, core, ttnn.ComputeConfig())
        ttnn.EnqueueProgram(device.command_queue(), program, True)
    assert not [note for note in profiles[0].notes if "polled" in note]
