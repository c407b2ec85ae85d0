"""Cores in groups that pass tiles on: tensix_all_reduce in its forms, and the ring's transport alone."""

from __future__ import annotations

from collections.abc import Sequence

import tthal as ttnn

from .common import Core, Variant, circular_buffer, core_set, interleaved

CAST = """
// A multicast with a handshake: receivers count themselves in at the sender, data and flag follow; semaphores 0 and 1.
struct Cast {
    uint32_t sender_x, sender_y, first_x, first_y, last_x, last_y, receivers;
    using Word = volatile tt_l1_ptr uint32_t*;
    Word ready() const { return reinterpret_cast<Word>(get_semaphore(0)); }
    Word flag() const { return reinterpret_cast<Word>(get_semaphore(1)); }
    void send(uint32_t from, uint32_t to, uint32_t bytes, bool loopback = false) const {
        noc_semaphore_wait(ready(), receivers);
        noc_semaphore_set(ready(), 0);
        const uint64_t there = get_noc_multicast_addr(first_x, first_y, last_x, last_y, to);
        if (loopback) noc_async_write_multicast_loopback_src(from, there, bytes, receivers + 1);
        else noc_async_write_multicast(from, there, bytes, receivers, true);
        noc_semaphore_set(flag(), 1);
        const uint64_t flags = get_noc_multicast_addr(first_x, first_y, last_x, last_y, get_semaphore(1));
        noc_semaphore_set_multicast(get_semaphore(1), flags, receivers);
        if (loopback) noc_async_write_barrier();
        else noc_async_writes_flushed();
        noc_semaphore_set(flag(), 0);
    }
    void receive() const {
        noc_semaphore_inc(get_noc_addr(sender_x, sender_y, get_semaphore(0)), 1);
        noc_semaphore_wait(flag(), 1);
        noc_semaphore_set(flag(), 0);
    }
};
inline Cast cast_of(uint32_t argument) {
    uint32_t words[7];
    for (uint32_t i = 0; i < 7; i++) words[i] = get_arg_val<uint32_t>(argument + i);
    return {words[0], words[1], words[2], words[3], words[4], words[5], words[6]};
}
"""
RING = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr bool PAYLOAD = get_compile_time_arg_val(0);
    const uint32_t times = get_arg_val<uint32_t>(0), steps = get_arg_val<uint32_t>(1), bytes = get_arg_val<uint32_t>(2);
    const uint32_t x = get_arg_val<uint32_t>(3), y = get_arg_val<uint32_t>(4), input = get_arg_val<uint32_t>(5);
    const uint32_t own_x = get_arg_val<uint32_t>(6), own_y = get_arg_val<uint32_t>(7);
    auto* arrived = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(0));
    const uint64_t next = get_noc_addr(x, y, get_semaphore(0));
    cb_reserve_back(0, 1);
    const uint32_t scratch = get_write_ptr(0);
    for (uint32_t time = 0; time < times; time++)
        for (uint32_t step = 1; step <= steps; step++) {
            if constexpr (PAYLOAD) {
                const uint32_t from = step == 1 ? input : scratch + (step - 1) % 2 * bytes;
                noc_async_write(from, get_noc_addr(x, y, scratch + step % 2 * bytes), bytes);
                noc_async_write_barrier();
            }
            noc_semaphore_inc(next, 1);
            noc_semaphore_wait_min(arrived, time * steps + step);
        }
    noc_async_read(get_noc_addr(own_x, own_y, input), scratch, bytes);
    noc_async_read_barrier();
}
"""
ADDING = """#include "api/compute/common.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/pack.h"
#include "api/compute/tile_move_copy.h"
constexpr uint32_t OUT = get_compile_time_arg_val(0);
void kernel_main() {
    const uint32_t rounds = get_arg_val<uint32_t>(0), blocks = get_arg_val<uint32_t>(1);
    const uint32_t tiles = get_arg_val<uint32_t>(2);
    binary_op_init_common(0, 0, OUT);
    for (uint32_t round = 0; round < rounds; round++) {
        cb_wait_front(0, blocks * tiles);
        for (uint32_t first = 0; first < tiles; first += 4) {
            const uint32_t batch = tiles - first < 4 ? tiles - first : 4;
            cb_reserve_back(OUT, batch);
            tile_regs_acquire();
            if (blocks % 2) {
                copy_tile_init(0);
                for (uint32_t i = 0; i < batch; i++) copy_tile(0, first + i, i);
            }
            add_tiles_init(0, 0, true);
            for (uint32_t block = blocks % 2; block < blocks; block += 2)
                for (uint32_t i = 0; i < batch; i++)
                    add_tiles(0, 0, block * tiles + first + i, (block + 1) * tiles + first + i, i);
            tile_regs_commit();
            tile_regs_wait();
            for (uint32_t i = 0; i < batch; i++) pack_tile(i, OUT);
            tile_regs_release();
            cb_push_back(OUT, batch);
        }
        cb_pop_front(0, blocks * tiles);
    }
}
"""
HEAD = (
    '#include "api/dataflow/dataflow_api.h"\n'
    + CAST
    + """
// Arguments: times, tiles, group size, own index, input, output, whether root; previous and next core; the multicast;
// then the cores of the group.
constexpr uint32_t GROUP = 18;
uint32_t core_x(uint32_t k) { return get_arg_val<uint32_t>(GROUP + 2 * k); }
uint32_t core_y(uint32_t k) { return get_arg_val<uint32_t>(GROUP + 2 * k + 1); }
uint64_t on(uint32_t k, uint32_t address) { return get_noc_addr(core_x(k), core_y(k), address); }
using Word = volatile tt_l1_ptr uint32_t*;
Word progress() { return reinterpret_cast<Word>(get_semaphore(2)); }
Word consumed() { return reinterpret_cast<Word>(get_semaphore(3)); }
void tell(uint32_t k, uint32_t semaphore) { noc_semaphore_inc(on(k, get_semaphore(semaphore)), 1); }
void kernel_main() {
    const uint32_t times = get_arg_val<uint32_t>(0), tiles = get_arg_val<uint32_t>(1), size = get_arg_val<uint32_t>(2);
    const uint32_t me = get_arg_val<uint32_t>(3), input = get_arg_val<uint32_t>(4), output = get_arg_val<uint32_t>(5);
    const uint32_t root = get_arg_val<uint32_t>(6), before = get_arg_val<uint32_t>(7), after = get_arg_val<uint32_t>(8);
    const uint32_t bytes = tiles * 2048;
"""
)
RING_PUSH = """
    uint32_t steps = 0, given = 0;
    for (uint32_t time = 0; time < times; time++) {
        for (uint32_t step = 1; step < size; step++) {
            cb_reserve_back(0, 2 * tiles);
            const uint32_t place = get_write_ptr(0);
            uint32_t from = input;
            if (step > 1) {
                cb_wait_front(16, tiles);
                from = get_read_ptr(16);
                tell(before, 3);
                noc_semaphore_wait_min(consumed(), ++given);
            }
#ifdef PULLS
            tell(after, 2);
            noc_semaphore_wait_min(progress(), ++steps);
            noc_async_read(on(before, from), place, bytes);
#else
            noc_async_write(from, on(after, place), bytes);
            noc_async_write_barrier();
            if (step > 1) cb_pop_front(16, tiles);
            tell(after, 2);
            noc_semaphore_wait_min(progress(), ++steps);
#endif
            noc_async_read(on(me, input), place + bytes, bytes);
            noc_async_read_barrier();
#ifdef PULLS
            if (step > 1) cb_pop_front(16, tiles);
#endif
            cb_push_back(0, 2 * tiles);
        }
        cb_wait_front(16, tiles);
        tell(before, 3);
        noc_semaphore_wait_min(consumed(), ++given);
        cb_pop_front(16, tiles);
    }
}
"""
UNICAST_ALL_GATHER = """
    for (uint32_t time = 0; time < times; time++) {
        cb_reserve_back(0, size * tiles);
        const uint32_t place = get_write_ptr(0) + me * bytes;
        noc_async_read(on(me, input), place, bytes);
        for (uint32_t k = 0; k < size; k++)
            if (k != me) noc_async_write(input, on(k, place), bytes);
        noc_async_read_barrier();
        noc_async_write_barrier();
        for (uint32_t k = 0; k < size; k++)
            if (k != me) tell(k, 2);
        noc_semaphore_wait_min(progress(), (time + 1) * (size - 1));
        cb_push_back(0, size * tiles);
        cb_wait_front(16, tiles);
        cb_pop_front(16, tiles);
    }
}
"""
MCAST_ALL_GATHER = """
    Cast cast = cast_of(9);
    for (uint32_t time = 0; time < times; time++) {
        cb_reserve_back(0, size * tiles);
        const uint32_t place = get_write_ptr(0);
        for (uint32_t k = 0; k < size; k++) {
            cast.sender_x = core_x(k);
            cast.sender_y = core_y(k);
            if (k == me) cast.send(input, place + k * bytes, bytes, true);
            else cast.receive();
        }
        cb_push_back(0, size * tiles);
        cb_wait_front(16, tiles);
        cb_pop_front(16, tiles);
    }
}
"""
ROOT = """
    const Cast cast = cast_of(9);
    const uint32_t gather = get_write_ptr(0);
    for (uint32_t time = 0; time < times; time++) {
        if (me != root) {
            noc_async_write(input, on(root, gather + me * bytes), bytes);
            noc_async_write_barrier();
            tell(root, 2);
            cast.receive();
            continue;
        }
        cb_reserve_back(0, size * tiles);
        noc_async_read(on(me, input), gather + me * bytes, bytes);
        noc_async_read_barrier();
        noc_semaphore_wait_min(progress(), (time + 1) * (size - 1));
        cb_push_back(0, size * tiles);
        cb_wait_front(16, tiles);
        cast.send(get_read_ptr(16), get_read_ptr(16), bytes);
        cb_pop_front(16, tiles);
    }
}
"""
SCATTER = """
    const Cast cast = cast_of(9);
    const uint32_t workers = tiles < size ? tiles : size, most = (tiles + workers - 1) / workers;
    if (me < workers)
        for (uint32_t time = 0; time < times; time++) {
            cb_reserve_back(0, size * most);
            const uint32_t place = get_write_ptr(0);
            for (uint32_t k = 0; k < size; k++)
                for (uint32_t i = 0, tile = me; tile < tiles; i++, tile += workers)
                    noc_async_read(on(k, input + tile * 2048), place + (k * most + i) * 2048, 2048);
            noc_async_read_barrier();
            cb_push_back(0, size * most);
            cb_wait_front(3, most);
            for (uint32_t i = 0, tile = me; tile < tiles; i++, tile += workers)
                noc_async_write(get_read_ptr(3) + i * 2048, on(root, output + tile * 2048), 2048);
            noc_async_write_barrier();
            tell(root, 2);
            cb_pop_front(3, most);
        }
    for (uint32_t time = 0; time < times; time++) {
        if (me != root) {
            cast.receive();
            continue;
        }
        noc_semaphore_wait_min(progress(), (time + 1) * workers);
        cast.send(output, output, bytes);
    }
}
"""
_WAYS = {
    "ring_push": RING_PUSH,
    "ring_pull": "#define PULLS\n" + RING_PUSH,
    "unicast_all_gather": UNICAST_ALL_GATHER,
    "mcast_all_gather": MCAST_ALL_GATHER,
    "reduce_root_mcast": ROOT,
    "tree_reduce_mcast": ROOT,
    "reduce_scatter_mcast": SCATTER,
    "two_phase_reduce_mcast": SCATTER,
}


def _groups(rows: int, columns: int, count: int, across: int) -> list[list[Core]]:
    """Rectangles of cores, packed row by row; each in row-major order."""
    wide = across // columns
    corners = [(k % wide * columns, k // wide * rows) for k in range(count)]
    return [[(x + i, y + j) for j in range(rows) for i in range(columns)] for x, y in corners]


def _snake(rows: int, columns: int) -> list[int]:
    """A ring's order of the cores of a rectangle."""
    lines = [list(range(row * columns, (row + 1) * columns)) for row in range(rows)]
    return [place for row, line in enumerate(lines) for place in (line[::-1] if row % 2 else line)]


def _neighbours(rows: int, columns: int, place: int) -> tuple[int, int]:
    ring = _snake(rows, columns)
    at = ring.index(place)
    return ring[at - 1], ring[(at + 1) % len(ring)]


def _virtual(device: ttnn.Device, cores: Sequence[Core]) -> list[int]:
    return [word for core in cores for word in device.properties.virtual_core(ttnn.CoreCoord(*core))]


def tensix_all_reduce_ring_transport(device: ttnn.Device, variant: Variant, iterations: int) -> ttnn.Program:
    """Rings of cores that pass a payload on, or only the signal."""
    rows, columns = map(int, variant["group_rows_x_cols"].split("x"))
    groups = _groups(rows, columns, variant["groups"], 8)
    everywhere, program = core_set([core for group in groups for core in group]), ttnn.CreateProgram()
    size = variant["payload_bytes"]
    data = interleaved(device, 64, size, ttnn.BufferType.L1)
    circular_buffer(program, everywhere, 0, 1, 2 * size)
    ttnn.CreateSemaphore(program, everywhere, 0)
    config_of = ttnn.ReaderDataMovementConfig if variant["noc"] == "NOC_0" else ttnn.WriterDataMovementConfig
    config = config_of([int(variant["variant"] == "payload_ring")])
    kernel = ttnn.CreateKernelFromString(program, RING, everywhere, config)
    for group in groups:
        for place, core in enumerate(group):
            after = group[_neighbours(rows, columns, place)[1]]
            words = [iterations, len(group) - 1, size, *_virtual(device, [after]), data.address()]
            ttnn.SetRuntimeArgs(program, kernel, ttnn.CoreCoord(*core), [*words, *_virtual(device, [core])])
    ttnn.AssignGlobalBufferToProgram(data, program)
    return program


def tensix_all_reduce(device: ttnn.Device, variant: Variant, iterations: int) -> ttnn.Program:
    """Every core of a group gets the sum of all its cores' tiles, by one of several ways."""
    rows, columns = map(int, variant["group"].split("x"))
    across = 8
    groups, tiles, way = _groups(rows, columns, variant["groups"], across), variant["tiles"], variant["variant"]
    program, size = ttnn.CreateProgram(), rows * columns
    everywhere = core_set([core for group in groups for core in group])
    shards = [interleaved(device, 64, tiles * 2048, ttnn.BufferType.L1) for _ in range(2)]
    scatters, ring = _WAYS[way] is SCATTER, "ring" in way
    most = -(-tiles // min(tiles, size))
    gathered = 4 * tiles if ring else size * (most if scatters else tiles)
    for index, pages in ((0, gathered), (3, most), (16, tiles)):
        circular_buffer(program, everywhere, index, pages)
    for _ in range(4):
        ttnn.CreateSemaphore(program, everywhere, 0)
    root = 0 if way.startswith("tree") else size - 1
    mover = ttnn.CreateKernelFromString(program, HEAD + _WAYS[way], everywhere, ttnn.ReaderDataMovementConfig())
    if way in ("reduce_root_mcast", "tree_reduce_mcast"):
        adding = [group[root] for group in groups]
    else:
        adding = [core for group in groups for core in group[: min(tiles, size) if scatters else size]]
    compute = ttnn.ComputeConfig(fp32_dest_acc_en=True, compile_args=[3 if scatters else 16])
    adder = ttnn.CreateKernelFromString(program, ADDING, core_set(adding), compute)
    rounds = iterations * (size - 1) if ring else iterations
    words = [rounds, 2 if ring else size, most if scatters else tiles]
    ttnn.SetRuntimeArgs(program, adder, core_set(adding), words)
    for group in groups:
        corners = _virtual(device, [group[0], group[-1]])
        for place, core in enumerate(group):
            before, after = _neighbours(rows, columns, place)
            addresses = [shard.address() for shard in shards]
            head = [iterations, tiles, size, place, *addresses, root, before, after]
            cast = [*_virtual(device, [group[root]]), *corners, size - 1]
            words = [*head, *cast, 0, 0, *_virtual(device, group)]
            ttnn.SetRuntimeArgs(program, mover, ttnn.CoreCoord(*core), words)
    for shard in shards:
        ttnn.AssignGlobalBufferToProgram(shard, program)
    return program
