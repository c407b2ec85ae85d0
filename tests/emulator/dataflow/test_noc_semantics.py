"""What the networks promise and what they do not: barriers, flushes, order, transaction ids, links."""

# ruff: noqa: E501 - kernels stand here as strings, a statement or two to a line
from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import tthal as ttnn
from tthal.errors import KernelError

CORE, OTHER = ttnn.CoreCoord(0, 0), ttnn.CoreCoord(2, 1)
A, B, OUT = 0x40000, 0x41000, 0x42000

Check = Callable[..., list[int]]


def virtual(device: ttnn.Device, core: ttnn.CoreCoord) -> tuple[int, int]:
    grid = device.properties.compute_grid
    return device.properties.worker_virtual[core.y * grid.x + core.x]


def words_at(device: ttnn.Device, core: ttnn.CoreCoord, address: int, count: int) -> list[int]:
    return np.asarray(ttnn.ReadFromDeviceL1(device, core, address, 4 * count)).view(np.uint32).tolist()


# ---- effects come with the barrier and not before


def test_read_is_there_after_its_barrier_and_not_before(check: Check) -> None:
    assert check("noc_async_read(get_noc_addr(X, Y, A), B, 64); word(OUT) = word(B);"
                 "noc_async_read_barrier(); word(OUT + 4) = word(B);", 2) == [0, 100]  # fmt: skip


def test_a_write_barrier_is_no_read_barrier(check: Check) -> None:
    assert check("noc_async_read(get_noc_addr(X, Y, A), B, 64); noc_async_write_barrier(); word(OUT) = word(B);"
                 "noc_async_read_barrier();", 1) == [0]  # fmt: skip


def test_barrier_of_the_other_noc_does_not_help(check: Check) -> None:
    assert check("noc_async_read(get_noc_addr(X, Y, A), B, 64, 1); noc_async_read_barrier(0); word(OUT) = word(B);"
                 "noc_async_read_barrier(1); word(OUT + 4) = word(B);", 2) == [0, 100]  # fmt: skip


def test_what_has_no_barrier_arrives_when_the_kernel_ends(check: Check, device: ttnn.Device) -> None:
    check("noc_async_write(A, get_noc_addr(X, Y, B), 32);")
    assert words_at(device, OTHER, B, 2) == [100, 101]


def test_source_may_change_after_the_flush_and_not_before(check: Check, device: ttnn.Device) -> None:
    check("noc_async_write(A, get_noc_addr(X, Y, B), 16); noc_async_writes_flushed(); word(A) = 7;"
          "noc_async_write(A + 16, get_noc_addr(X, Y, B + 16), 16); word(A + 16) = 8; noc_async_write_barrier();")  # fmt: skip
    assert words_at(device, OTHER, B, 5) == [100, 101, 102, 103, 8]


def test_flush_is_no_barrier(check: Check) -> None:
    assert check("noc_async_write(A, get_noc_addr(B), 16); noc_async_writes_flushed(); word(OUT) = word(B);"
                 "noc_async_write_barrier(); word(OUT + 4) = word(B);", 2) == [0, 100]  # fmt: skip


def test_posted_writes_have_a_flush_of_their_own_and_no_barrier(check: Check, device: ttnn.Device) -> None:
    found = check(
        "noc_async_write<NOC_MAX_BURST_SIZE + 1, true, true>(A, get_noc_addr(B), 16);"
        "noc_async_writes_flushed(); word(A) = 1;"  # not a flush of posted writes: the change goes with them
        "noc_async_posted_writes_flushed(); word(A) = 2; noc_async_write_barrier(); word(OUT) = word(B);", 1,
    )  # fmt: skip
    assert found == [0]
    assert words_at(device, CORE, B, 1) == [1]


def test_full_barrier_waits_for_everything(check: Check) -> None:
    body = (
        "noc_async_read(get_noc_addr(X, Y, A), B, 16); noc_async_write(A, get_noc_addr(B + 16), 16);"
        "noc_semaphore_inc(get_noc_addr(B + 32), 5); noc_async_full_barrier();"
        "word(OUT) = word(B); word(OUT + 4) = word(B + 16); word(OUT + 8) = word(B + 32);"
    )
    assert check(body, 3) == [100, 100, 5]


def test_polls_of_the_counters_end(check: Check) -> None:
    body = (
        "noc_async_read(get_noc_addr(X, Y, A), B, 16); while (!ncrisc_noc_reads_flushed(noc_index)); word(OUT) = word(B);"
        "noc_async_write(A, get_noc_addr(B), 16); while (!ncrisc_noc_nonposted_writes_flushed(noc_index));"
        "noc_async_write<64, true, true>(A, get_noc_addr(B + 16), 16); while (!ncrisc_noc_posted_writes_sent(noc_index));"
        "noc_semaphore_inc(get_noc_addr(B + 32), 5); while (!ncrisc_noc_nonposted_atomics_flushed(noc_index));"
        "noc_async_write(A, get_noc_addr(B + 48), 16); while (!ncrisc_noc_nonposted_writes_sent(noc_index));"
        "word(OUT + 4) = word(B); word(OUT + 8) = word(B + 16); word(OUT + 12) = word(B + 32);"
    )
    assert check(body, 4) == [100, 100, 100, 5]


# ---- order


def test_an_atomic_arrives_after_the_writes_on_its_way(check: Check, device: ttnn.Device) -> None:
    body = (
        "noc_async_write(A, get_noc_addr(X, Y, B), 16); noc_semaphore_inc(get_noc_addr(X, Y, B + 16), 1);"
        "noc_async_atomic_barrier(); noc_async_read(get_noc_addr(X, Y, B), OUT, 32); noc_async_read_barrier();"
    )
    assert check(body, 5) == [100, 101, 102, 103, 1]


def test_there_is_no_order_between_two_destinations(check: Check) -> None:
    body = (
        "noc_async_write(A, get_noc_addr(X, Y, B), 16); noc_semaphore_inc(get_noc_addr(B), 1);"
        "noc_async_atomic_barrier(); noc_async_read(get_noc_addr(X, Y, B), OUT, 16); noc_async_read_barrier();"
    )
    assert check(body, 1) == [0]


def test_there_is_no_order_between_the_networks(check: Check) -> None:
    body = (
        "noc_async_write(A, get_noc_addr(X, Y, B), 16, 0); noc_semaphore_inc(get_noc_addr(X, Y, B + 16), 1, 1);"
        "noc_async_atomic_barrier(1); noc_async_read(get_noc_addr(X, Y, B), OUT, 32); noc_async_read_barrier();"
    )
    assert check(body, 5) == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("seed", range(1, 9))
def test_order_on_one_way_holds_under_every_seed(head: str, seed: int) -> None:
    """The other core never sees the flag without the data, whatever order the seed chooses."""
    with ttnn.open_device(0, backend=f"emulator?seed={seed}") as device:
        x, y = virtual(device, OTHER)
        program = ttnn.CreateProgram()
        ttnn.CreateSemaphore(program, ttnn.CoreRange(CORE, OTHER), 0)
        send = f"""{head} void kernel_main() {{
            for (uint32_t i = 1; i <= 20; i++) {{
                word(A) = i;
                noc_async_write(A, get_noc_addr({x}, {y}, B), 16);
                noc_semaphore_inc(get_noc_addr({x}, {y}, get_semaphore(0)), 1);
                noc_async_writes_flushed();
                invalidate_l1_cache();
            }}
        }}"""
        see = f"""{head} void kernel_main() {{
            auto* count = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(0));
            for (uint32_t i = 1; i <= 20; i++) {{ noc_semaphore_wait_min(count, i); word(OUT) += word(B) < i; }}
        }}"""
        ttnn.WriteToDeviceL1(device, OTHER, OUT, np.zeros(1, np.uint32))
        for core, text in ((CORE, send), (OTHER, see)):
            ttnn.CreateKernelFromString(program, text, core, ttnn.DataMovementConfig())
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        assert words_at(device, OTHER, OUT, 1) == [0]
        assert words_at(device, OTHER, B, 1) == [20]


def test_some_seed_shows_a_read_before_its_barrier(head: str) -> None:
    """Without a barrier, both outcomes are legal; other seeds than 0 must find the other one."""
    turn = """
        noc_semaphore_inc(get_noc_addr({x}, {y}, get_semaphore(0)), 1); noc_async_atomic_barrier();
        noc_semaphore_wait_min(reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(0)), i);"""
    seen = set()
    for seed in range(12):
        with ttnn.open_device(0, backend=f"emulator?seed={seed}") as device:
            ttnn.WriteToDeviceL1(device, CORE, A, np.full(4, 9, np.uint32))
            ttnn.WriteToDeviceL1(device, CORE, B, np.zeros(4, np.uint32))
            program = ttnn.CreateProgram()
            ttnn.CreateSemaphore(program, ttnn.CoreRange(CORE, OTHER), 0)
            for core, partner, before, after in (
                (CORE, OTHER, "noc_async_read(get_noc_addr(A), B, 16);", "word(OUT) = word(B);"),
                (OTHER, CORE, "", ""),
            ):
                x, y = virtual(device, partner)
                body = f"{before} for (uint32_t i = 1; i <= 15; i++) {{ {turn.format(x=x, y=y)} }} {after}"
                source = f"{head} void kernel_main() {{ {body} }}"
                ttnn.CreateKernelFromString(program, source, core, ttnn.DataMovementConfig())
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
            seen.add((seed == 0, words_at(device, CORE, OUT, 1)[0]))
    assert seen == {(True, 0), (False, 0), (False, 9)}


# ---- transaction ids


def test_barriers_of_a_transaction_id_wait_for_no_other(check: Check) -> None:
    body = (
        "noc_async_read_set_trid(1); noc_async_read(get_noc_addr(X, Y, A), B, 16);"
        "noc_async_read_set_trid(2); noc_async_read(get_noc_addr(X, Y, A), B + 16, 16);"
        "noc_async_read_barrier_with_trid(2); word(OUT) = word(B); word(OUT + 4) = word(B + 16);"
        "noc_async_read_barrier_with_trid(1); word(OUT + 8) = word(B); noc_async_read_set_trid(0);"
    )
    assert check(body, 3) == [0, 100, 100]


def test_writes_with_transaction_ids(check: Check) -> None:
    body = (
        "noc_async_write_one_packet_with_trid(A, get_noc_addr(B), 16, 3);"
        "noc_async_write_set_trid(5); noc_async_write(A, get_noc_addr(X, Y, B), 16); noc_async_write_set_trid(0);"
        "noc_async_write_flushed_with_trid(3); word(A) = 1; noc_async_write_barrier_with_trid(3); word(OUT) = word(B);"
        "noc_async_write_one_packet_with_trid_set_state(get_noc_addr(X, Y, 0));"
        "noc_async_write_one_packet_with_trid_with_state(A + 16, B + 32, 16, 4); noc_async_write_barrier_with_trid(4);"
        "noc_async_write_barrier_with_trid(5); noc_async_read(get_noc_addr(X, Y, B), OUT + 16, 48); noc_async_read_barrier();"
    )
    found = check(body, 13)
    assert found[0] == 100
    assert found[4] == 1
    assert found[12] == 104


def test_reset_of_the_counters(check: Check) -> None:
    body = (
        "noc_async_read_set_trid(1); noc_async_read(get_noc_addr(X, Y, A), B, 16); reset_noc_trid_barrier_counter();"
        "word(OUT) = word(B); noc_async_read_set_trid(0); noc_async_read_inc_num_issued(0);"
    )
    assert check(body, 1) == [100]


def test_transaction_id_that_does_not_exist(check: Check) -> None:
    with pytest.raises(KernelError, match="transaction ids are 0 to 15"):
        check("noc_async_read_set_trid(16);")


# ---- linked multicasts


def corners(device: ttnn.Device) -> str:
    x, y = virtual(device, ttnn.CoreCoord(1, 1))
    return f"get_noc_multicast_addr({x}, {y}, {x + 1}, {y}, B)"


def test_linked_multicasts_go_one_after_the_other(check: Check, device: ttnn.Device) -> None:
    check(f"noc_async_write_multicast(A, {corners(device)}, 16, 2, true);"
          f"noc_async_write_multicast(A + 16, {corners(device)} + 16, 16, 2); noc_async_write_barrier();")  # fmt: skip
    for x in (1, 2):
        assert words_at(device, ttnn.CoreCoord(x, 1), B, 5) == [100, 101, 102, 103, 104]


def test_nothing_else_leaves_while_a_multicast_is_linked(check: Check, device: ttnn.Device) -> None:
    with pytest.raises(KernelError, match="stays reserved until a multicast with linked=false"):
        check(f"noc_async_write_multicast(A, {corners(device)}, 16, 2, true);"
              "noc_async_write(A, get_noc_addr(X, Y, B), 16); noc_async_write_barrier();")  # fmt: skip


# ---- what is refused


REFUSED = {
    "DRAM read at another offset": ("noc_async_read(get_noc_addr_from_bank_id<true>(0, 0x100020), B + 16, 32);", "modulo 32"),
    "L1 write at another offset": ("noc_async_write(A + 4, get_noc_addr(X, Y, B), 16);", "modulo 16"),
    "L1 read at another offset": ("noc_async_read(get_noc_addr(X, Y, A + 8), B, 16);", "modulo 16"),
    "multicast at another offset": ("noc_async_write_multicast(A + 4, get_noc_multicast_addr(X, Y, X, Y, B), 16, 1);", "modulo 16"),
    "one packet too large": ("noc_async_read_one_packet(get_noc_addr(X, Y, A), B, 8224);", "larger than the NoC's largest burst"),
    "one packet write too large": ("noc_async_write_one_packet(A, get_noc_addr(X, Y, B), 8224);", "largest burst"),
    "state of one packet too large": ("noc_async_read_one_packet_set_state(get_noc_addr(X, Y, A), 9000);", "largest burst"),
    "template promises one packet": ("noc_async_read<2048>(get_noc_addr(X, Y, A), B, 9000);", "largest burst"),
    "coordinate without node": ("noc_async_read(get_noc_addr(15, 15, A), B, 16);", "nothing"),
    "read past L1": ("noc_async_read(get_noc_addr(X, Y, 1499136), B, 16);", "past the end of L1"),
    "read past DRAM": ("noc_async_read(get_noc_addr_from_bank_id<true>(1, 0x40000000), B, 32);", "past the end of DRAM"),
    "source is a variable": ("uint32_t v[4] = {1}; noc_async_write((uint32_t)v, get_noc_addr(X, Y, B), 16);", "no variables"),
    "word at an odd address": ("noc_inline_dw_write(get_noc_addr(X, Y, B + 2), 1);", "multiple of 4"),
    "atomic in DRAM": ("noc_semaphore_inc(get_noc_addr_from_bank_id<true>(0, 0x100000), 1);", "no atomics"),
    "atomic at no node": ("noc_semaphore_inc(get_noc_addr(15, 15, B), 1);", "nothing"),
    "multicast with a wrong count": ("noc_async_write_multicast(A, get_noc_multicast_addr(X, Y, X + 1, Y, B), 16, 3);", "num_dests is 3"),
    "NoC that does not exist": ("noc_async_read(get_noc_addr(X, Y, A), B, 16, 2);", "NOC 2"),
    "register of the driver": ("NOC_CMD_BUF_WRITE_REG(0, NCRISC_RD_CMD_BUF, 3, 0);", "NoC command register 3"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_illegal_transfers_are_refused(check: Check, name: str) -> None:
    body, message = REFUSED[name]
    with pytest.raises(KernelError, match=message):
        check(f"{body} noc_async_full_barrier();")


@pytest.mark.parametrize("mode", [ttnn.NOC_MODE.DM_DEDICATED_NOC, ttnn.NOC_MODE.DM_DYNAMIC_NOC])
@pytest.mark.parametrize("call", ["ncrisc_noc_counters_init", "dynamic_noc_local_state_init"])
def test_counters_are_in_step_after_transfers_on_both_networks(check: Check, call: str, mode: ttnn.NOC_MODE) -> None:
    """What is under way when the counters are set up anew still ends at its barrier."""
    body = f"""
        for (uint32_t round = 0; round < 3; round++) {{
            noc_async_write(A + 16 * round, get_noc_addr(X, Y, B + 16 * round, 0), 16, 0);
            noc_async_read(get_noc_addr(X, Y, A + 64, 1), B + 16 * round, 16, 1);
            {call}();
            noc_async_write_barrier(0); noc_async_read_barrier(1);
            note(word(B + 16 * round));
            noc_async_read(get_noc_addr(X, Y, B + 16 * round, 0), OUT + 512, 16, 0); noc_async_read_barrier(0);
            note(word(OUT + 512));
        }}
    """
    assert check(body, 6, config=ttnn.DataMovementConfig(noc_mode=mode)) == [116, 100, 116, 104, 116, 108]
