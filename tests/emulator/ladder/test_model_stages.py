"""The last stages of the ladder of kernels, parts of models: softmax, normalisation with multicast, attention.

As in test_compute_stages.py: a kernel of ours for every stage, and the vendor's own file with the same arguments.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.append(str(Path(__file__).resolve().parent))
from stage_data import (
    ALIGNED,
    F64,
    HALF_UNIT,
    NEEDS_CORPUS,
    OWN,
    TILE_BYTES,
    Bench,
    F,
    Pages,
    check,
    empty,
    kernels,
    matrix,
    normal,
    pages,
    rounded,
    row_tile,
    scaler_tile,
    tiles_of,
    vendor_file,
)

import tthal as ttnn

SCALE = 0.5


@kernels("38_softmax.cpp", "operations/normalization/softmax/device/kernels/attention/compute/softmax_sharded.cpp")
def test_38_softmax_with_scale_and_mask(kernel: Path, benches: Bench, tensor: Any) -> None:
    """Two rows of four tiles, the mask is one row for all: the last 32 columns do not count."""
    x = normal(38, 64, 128, deviation=3)
    mask = np.zeros(128)
    mask[96:] = -1e4
    names = ["in0", "max_scaler", "sum_scaler", "fused_scale", "fused_attn", "out0"]
    numbers = dict(zip(names, (0, 1, 2, 3, 4, 16), strict=True))
    inner = {"exps": 24, "x": 25, "max": 26, "recip_sum_exps": 27, "scale_mask": 28}
    inputs = [
        tensor(0, F.Float16_b, pages(x)),
        tensor(1, F.Float16_b, scaler_tile(1.0)),
        tensor(2, F.Float16_b, scaler_tile(1.0)),
        tensor(3, F.Float16_b, pages(np.full((32, 32), SCALE))),
        tensor(4, F.Float16_b, pages(row_tile(rounded(mask)))),
    ]
    settings = {"block_h": 2, "block_w": 4, "subblock_w": 2, "causal_mask": 0, "sharded_causal_mask": 0}
    named = {f"dfb::{name}": cb for name, cb in (numbers | inner).items()} | {
        f"args::{k}": v for k, v in settings.items()
    }
    defines = {"NUMERIC_STABLE": "1", "FUSED_SCALE_MASK": "1", "EXP_APPROX": "0"}
    scratch = dict.fromkeys(inner.values(), (F.Float16_b, TILE_BYTES, 4))
    config = {"named_compile_args": named, "defines": defines, "fp32_dest_acc_en": True}
    out = tensor(16, F.Float16_b, empty(8))
    got = matrix(benches("emulator").run(kernel, inputs, [out], scratch=scratch, **config)[0], 64, 128)
    logits = SCALE * x + mask
    powers = np.exp(logits - logits.max(1, keepdims=True))
    wanted = powers / powers.sum(1, keepdims=True)
    # The scaled and masked numbers are rounded to bfloat16, and their difference to the maximum is aligned to 10 bits:
    # absolute errors of an exponent are relative ones of the power. Powers, inverse sum and result are rounded, too.
    largest = SCALE * np.abs(x).max()
    check(got, wanted, largest * (3 * HALF_UNIT + 2.0**-9) + 6 * HALF_UNIT + 2.0**-8, 1e-30)
    assert not got[:, 96:].any()


@kernels("40_flash_attention.cpp")
@pytest.mark.parametrize("grade", ["emulator", "emulator?numerics=fast"])
def test_40_attention_in_chunks(kernel: Path, grade: str, benches: Bench, tensor: Any) -> None:
    """32 queries, 192 keys in three chunks of 64, heads of 64."""
    q, k, v = normal(1, 32, 64), normal(2, 192, 64), normal(3, 192, 64)
    chunks, S, D = 3, 2, 2
    # Tiles of K lie as those of its transposed: [d][s]; each tile is transposed by the product.
    keys = np.concatenate([tiles_of(k[64 * c : 64 * c + 64]).swapaxes(0, 1).reshape(4, -1) for c in range(chunks)])
    scale = 64**-0.5
    inputs = [
        tensor(0, F.Float16_b, pages(q), depth=2),
        tensor(1, F.Float16_b, keys, depth=4),
        tensor(2, F.Float16_b, pages(v), depth=4),
        tensor(3, F.Float16_b, scaler_tile(1.0), depth=1),
    ]
    sizes = {20: 2, 21: 2, 22: 1, 23: 1, 24: 1, 25: 1, 26: 2, 27: 4}
    scratch = {cb: (F.Float16_b, TILE_BYTES, size) for cb, size in sizes.items()}
    config = {"compile_args": [chunks, S, D, int(np.float32(scale).view(np.uint32))], "fp32_dest_acc_en": True}
    out = tensor(16, F.Float16_b, empty(2), depth=2)
    got = matrix(benches(grade).run(kernel, inputs, [out], scratch=scratch, **config)[0], 32, 64)
    check_attention(got, q, k, v, scale)


def check_attention(got: F64, q: F64, k: F64, v: F64, scale: float, causal: bool = False) -> None:
    scores = scale * (q @ k.T)
    if causal:
        scores[np.triu_indices_from(scores, 1)] = -np.inf
    weights = np.exp(scores - scores.max(1, keepdims=True))
    weights /= weights.sum(1, keepdims=True)
    # Scores are rounded to bfloat16 before the maximum is taken off; that is a relative error of each weight. Weights,
    # corrections and partial results are rounded on their way through L1, three chunks make nine roundings at most.
    exponent = scale * (HALF_UNIT * np.abs(q @ k.T) + ALIGNED * (np.abs(q) @ np.abs(k.T)))
    relative = 2 * exponent.max() + 9 * HALF_UNIT
    check(got, weights @ v, 0.0, relative * (weights @ np.abs(v)))


LAYERNORM = "operations/normalization/layernorm/device/kernels"
NORMALISERS = {
    "own": (OWN / "39_normalise.cpp", OWN / "39_send_statistics.cpp", OWN / "39_receive_statistics.cpp"),
    "vendor": (
        vendor_file(f"{LAYERNORM}/compute/layernorm_sharded_post_allgather.cpp"),
        vendor_file(f"{LAYERNORM}/dataflow/reader_mcast_sender_unary_sharded_ln_post_allgather.cpp"),
        vendor_file(f"{LAYERNORM}/dataflow/reader_mcast_receiver_unary_sharded_ln_post_allgather.cpp"),
    ),
}
CORES, WIDTH, EPSILON = 4, 2, 1e-5
WITHIN = {"in0": 0, "ex_global": 1, "gamma": 2, "beta": 3, "eps": 4, "scaler_global": 5, "out": 16}
WITHIN.update({"xmm": 24, "x": 25, "ex2": 26, "stats": 27, "stats_reduced": 28, "var": 29})
"""Circular buffers of a core by the names that the kernels know them by."""


@pytest.mark.parametrize("whose", ["own", pytest.param("vendor", marks=NEEDS_CORPUS)])
def test_39_layernorm_with_multicast(whose: str, benches: Bench) -> None:
    """Four cores have two tiles of a row each; the first one makes mean and deviation and multicasts them to all."""
    x, gamma, beta = normal(39, 32, 256, deviation=2) + 1, 1 + normal(40, 256, deviation=0.2), normal(41, 256)
    x, gamma = rounded(x), rounded(gamma)
    # What two halves of the row say about themselves, in column 0 of a tile each.
    halves = [x[:, :128], x[:, 128:]]
    statistics = np.zeros((4, 32, 32))
    statistics[:, :, 0] = [f(half).mean(1) for half in halves for f in (np.array, np.square)]
    statistics = rounded(statistics)
    program = Normalisation(benches("emulator").device, NORMALISERS[whose])
    got = program.run(x, gamma, beta, statistics)
    mean, square = statistics[::2, :, :1].mean(0), statistics[1::2, :, :1].mean(0)
    variance = square - mean**2
    normalised = (x - mean) / np.sqrt(variance + EPSILON)
    # Mean, squares, their difference and the inverse root are rounded; the root halves an error of the variance.
    spread = HALF_UNIT * (square + mean**2 + variance) / variance / 2
    relative = spread + 5 * HALF_UNIT
    shift = np.abs(gamma) * HALF_UNIT * (np.abs(mean) + np.abs(x)) / np.sqrt(variance)
    check(
        got,
        normalised * gamma + beta,
        HALF_UNIT,
        relative * np.abs(normalised * gamma) + shift + HALF_UNIT * np.abs(beta),
    )


class Normalisation:
    """The program of stage 39 on a row of cores."""

    def __init__(self, device: ttnn.Device, kernels: tuple[Path, Path, Path]) -> None:
        self.device, self.queue = device, device.command_queue()
        self.compute, self.sender, self.receiver = map(str, kernels)
        self.first = ttnn.CoreCoord(0, 0)
        self.cores = ttnn.CoreRange(self.first, ttnn.CoreCoord(CORES - 1, 0))
        self.others = ttnn.CoreRange(ttnn.CoreCoord(1, 0), ttnn.CoreCoord(CORES - 1, 0))
        self.program = ttnn.CreateProgram()

    def run(self, x: F64, gamma: F64, beta: F64, statistics: F64) -> F64:
        """Return the normalised row of tiles."""
        sharded = [self._in_shards(data) for data in (pages(x), empty(CORES * WIDTH))]
        gathered = self._in_shards(np.concatenate([pages(tile) for tile in statistics]), cores=1, tiles=4)
        self._circular_buffers(*sharded, gathered)
        self._parameters(pages(row_tile(gamma)), pages(row_tile(beta)))
        self._multicast()
        self._compute()
        ttnn.EnqueueProgram(self.queue, self.program, blocking=True)
        data = np.frombuffer(bytes(ttnn.EnqueueReadBuffer(self.queue, sharded[1])), np.uint8)
        for buffer in (*sharded, gathered):
            ttnn.DeallocateBuffer(buffer)
        return matrix(data, *x.shape)

    def _in_shards(self, data: Pages, cores: int = CORES, tiles: int = WIDTH) -> ttnn.Buffer:
        on = ttnn.CoreRange(self.first, ttnn.CoreCoord(cores - 1, 0))
        shard = ttnn.ShardSpecBuffer(
            ttnn.CoreRangeSet([on]), (32, 32 * tiles), ttnn.ShardOrientation.ROW_MAJOR, (32, 32), (1, cores * tiles)
        )
        config = ttnn.ShardedBufferConfig(
            device=self.device,
            size=data.nbytes,
            page_size=TILE_BYTES,
            buffer_type=ttnn.BufferType.L1,
            buffer_layout=ttnn.TensorMemoryLayout.WIDTH_SHARDED,
            shard_parameters=shard,
        )
        buffer = ttnn.CreateBuffer(config)
        ttnn.EnqueueWriteBuffer(self.queue, buffer, data)
        return buffer

    def _circular_buffers(self, x: ttnn.Buffer, out: ttnn.Buffer, statistics: ttnn.Buffer) -> None:
        lying = {"in0": (x, self.cores), "out": (out, self.cores), "stats": (statistics, self.first)}
        for name, cb in WITHIN.items():
            # Where E[x]^2 comes first, a row of tiles must end where the buffer does.
            size = {"stats": 4, "x": 1 + WIDTH}.get(name, WIDTH) * TILE_BYTES
            config = ttnn.CircularBufferConfig(size, {cb: F.Float16_b}).set_page_size(cb, TILE_BYTES)
            buffer, where = lying.get(name, (None, self.cores))
            ttnn.CreateCircularBuffer(
                self.program, where, config if buffer is None else config.set_globally_allocated_address(buffer)
            )

    def _parameters(self, gamma: Pages, beta: Pages) -> None:
        tensors = {
            "gamma": (gamma, WIDTH),
            "beta": (beta, WIDTH),
            "eps": (pages(np.full((32, 32), EPSILON)), 1),
            "scaler_global": (scaler_tile(0.5), 1),
        }
        words, addresses = [len(tensors)], []
        for name, (data, tiles) in tensors.items():
            config = ttnn.InterleavedBufferConfig(self.device, data.nbytes, TILE_BYTES, ttnn.BufferType.DRAM)
            buffer = ttnn.CreateBuffer(config)
            ttnn.AssignGlobalBufferToProgram(buffer, self.program)
            ttnn.EnqueueWriteBuffer(self.queue, buffer, data)
            words += [WITHIN[name], tiles, *ttnn.TensorAccessorArgs(buffer).get_compile_time_args()]
            addresses.append((buffer.address(), len(data) > tiles))
        reader = ttnn.CreateKernel(
            self.program, str(OWN / "39_read_parameters.cpp"), self.cores, ttnn.ReaderDataMovementConfig(words)
        )
        for number, core in enumerate(self.cores):
            args = [word for address, parts in addresses for word in (address, number * WIDTH if parts else 0)]
            ttnn.SetRuntimeArgs(self.program, reader, core, args)

    def _multicast(self) -> None:
        semaphore = ttnn.CreateSemaphore(self.program, self.cores, 0)
        virtual = self.device.properties.worker_virtual
        rectangle = ["start_x", "start_y", "end_x", "end_y"]
        named = {f"dfb::{name}": WITHIN[name] for name in ("stats_reduced", "ex_global")}
        named |= {"sem::reduce_sender": semaphore, "args::block_h": 1}
        sending = {"args::num_blocks": CORES, "args::num_tiles_per_worker_bytes": TILE_BYTES}
        sending |= {f"rta::mcast_dest_noc_{name}": i for i, name in enumerate(rectangle)}
        sender = ttnn.CreateKernel(
            self.program, self.sender, self.first, ttnn.WriterDataMovementConfig(named_compile_args=named | sending)
        )
        # The writer's NoC 1 walks a rectangle towards smaller coordinates: its far corner is named first.
        ttnn.SetRuntimeArgs(self.program, sender, self.first, [*virtual[CORES - 1], *virtual[0]])
        ttnn.CreateKernel(
            self.program, self.receiver, self.others, ttnn.WriterDataMovementConfig(named_compile_args=named)
        )

    def _compute(self) -> None:
        settings = {"block_w": WIDTH, "block_h": 1, "subblock_w": WIDTH, "num_subblocks_w": 1}
        settings |= {"num_tiles_per_block": WIDTH, "float32_dtype": 0}
        runtime = ["num_reduce_tiles_per_block_h", "num_rows_per_all_to_all_worker", "use_two_stage_reduce"]
        runtime += ["is_second_stage_reader", "num_distributed_blocks"]
        named = {f"args::{name}": value for name, value in settings.items()}
        named |= {f"rta::{name}": i for i, name in enumerate(runtime)} | {
            f"dfb::{name}": cb for name, cb in WITHIN.items()
        }
        for where, gathers in ((self.first, {"IS_ALLGATHER_WORKER": "1"}), (self.others, {})):
            config = ttnn.ComputeConfig(
                fp32_dest_acc_en=True,
                named_compile_args=named,
                defines={"FUSE_GAMMA": "1", "FUSE_BETA": "1", **gathers},
            )
            kernel = ttnn.CreateKernel(self.program, self.compute, where, config)
            ttnn.SetRuntimeArgs(self.program, kernel, where, [WIDTH, 1, 0, 0, 2])


SDPA = vendor_file("operations/transformer/sdpa/device/kernels/compute/sdpa.cpp")


def column_tile() -> Pages:
    """Ones in the first column: times this, a tile becomes the sums of its rows."""
    column = np.zeros((32, 32))
    column[:, 0] = 1
    return pages(column)


def causal_masks() -> list[F64]:
    """Return a tile of nothing allowed, and the tile on the diagonal."""
    return [np.full((32, 32), -np.inf), np.triu(np.full((32, 32), -np.inf), 1)]


@NEEDS_CORPUS
@pytest.mark.parametrize("streaming", [False, True], ids=["", "streaming"])
@pytest.mark.parametrize("causal", [False, True], ids=["all keys", "causal"])
def test_40_the_vendors_flash_attention(causal: bool, streaming: bool, benches: Bench, tensor: Any) -> None:
    """One head of 64: 64 queries in chunks of 32, 128 keys (causal: 64) in chunks of 64."""
    tiles, key_tiles, chunk = 2, 2 if causal else 4, 2
    q, k, v = normal(1, 64, 64), normal(2, 32 * key_tiles, 64), normal(3, 32 * key_tiles, 64)
    # Every chunk of Q sees the chunks of K and V again; tiles of K lie as those of its transposed.
    parts = range(0, len(k), 64)
    keys = np.concatenate([tiles_of(k[part : part + 64]).swapaxes(0, 1).reshape(4, -1) for part in parts])
    inputs = [
        tensor(0, F.Float16_b, pages(q), depth=4),
        tensor(1, F.Float16_b, np.concatenate([keys] * 2), depth=8),
        tensor(2, F.Float16_b, np.concatenate([pages(v)] * 2), depth=8),
        tensor(5, F.Float16_b, scaler_tile(1.0), depth=1),
        tensor(6, F.Float16_b, column_tile(), depth=1),
    ]
    if causal:
        inputs.append(tensor(3, F.Float16_b, np.concatenate([pages(mask) for mask in causal_masks()]), depth=2))
    scale = 64**-0.5
    # Skt, DHt, vDHt, Sq_chunk_t, q chunks, Sk_chunk_t, k chunks; then the blocks of Q K^T and of its product with V.
    shape = [key_tiles, tiles, tiles, 1, 2, chunk, key_tiles // chunk]
    blocks = [tiles, chunk, 1, 1, 1, chunk, tiles, 1, 1, 1]
    # Causal, provided mask, padded mask, chunked, scale, window, sink, streaming, valid Skt, partial column, zigzag,
    # windowed
    choices = [int(causal), 0, 0, 0, int(np.float32(scale).view(np.uint32)), 0, 0, int(streaming), key_tiles, 0, 0, 0]
    # q, k, v, mask, sink, scale, column, start, reciprocals, out, scores, results, maxima, sums, change, range
    buffers = [0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 24, 25, 26, 27, 28, 29, 30, 31, 9]
    sizes = {8: 1, 24: chunk, 25: tiles, 26: tiles, 27: 1, 28: 1, 29: 1, 30: 1, 31: 1}
    granularity = ("REDUCE", "SUB_EXP", "DHT", "STATS")
    config = {
        "compile_args": [*shape, *blocks, *choices, *buffers],
        "defines": {"EXP_APPROX_MODE": "0", **{f"{name}_GRANULARITY": "1" for name in granularity}},
        "scratch": {cb: (F.Float16_b, TILE_BYTES, size) for cb, size in sizes.items()},
    }
    out = tensor(16, F.Float16_b, empty(4), depth=4)
    got = benches("emulator").run(SDPA, inputs, [out], [1, 0, 0, 0, 0, 2], **config)[0]
    check_attention(matrix(got, 64, 64), q, k, v, scale, causal)


@NEEDS_CORPUS
@pytest.mark.parametrize("mean", [True, False], ids=["layernorm", "RMSnorm"])
def test_39_the_vendors_normalisation_on_one_core(mean: bool, benches: Bench, tensor: Any) -> None:
    """The sibling for interleaved tensors: two rows of five tiles in blocks of two, the last of which is half empty."""
    width, block, rows = 5, 2, 2
    x, gamma, beta = normal(42, 64, 160, deviation=2), normal(43, 160, deviation=0.2), normal(44, 160)
    gamma = rounded(1 + gamma)
    whole = 3 * block
    names = {"in": 0, "scaler": 2, "eps": 3, "gamma": 5, "beta": 6, "out": 16}
    within = {"xmm": 24, "ex": 18, "ex2": 19, "xmm2": 20, "ex2pe": 21, "fusion": 22}
    # Readers deliver whole blocks; what is behind a row's end is never looked at.
    padded = np.concatenate([np.pad(tiles_of(part)[0], ((0, whole - width), (0, 0))) for part in (x[:32], x[32:])])
    parameters = [np.pad(pages(row_tile(vector)), ((0, whole - width), (0, 0))) for vector in (gamma, beta)]
    inputs = [
        tensor(0, F.Float16_b, padded, depth=whole),
        tensor(2, F.Float16_b, scaler_tile(1.0), depth=1),
        tensor(3, F.Float16_b, pages(np.full((32, 32), EPSILON)), depth=1),
        tensor(5, F.Float16_b, parameters[0], depth=whole),
        tensor(6, F.Float16_b, parameters[1], depth=whole),
    ]
    settings = {"Wt": width, "block_size": block, "do_gamma": 1, "do_beta": 1, "fp32_dest_acc_en": 1}
    settings |= {"float32_reduction": 0, "W": 160, "tile_width": 32}
    named = {f"args::{name}": value for name, value in settings.items()} | {"rta::NCHt": 0}
    named |= {f"dfb::{name}": cb for name, cb in (names | within).items()}
    defines = {"FUSE_GAMMA": "1", "FUSE_BETA": "1", **({} if mean else {"RMSNORM": "1"})}
    config = {
        "named_compile_args": named,
        "defines": defines,
        "fp32_dest_acc_en": True,
        "scratch": dict.fromkeys(within.values(), (F.Float16_b, TILE_BYTES, 2 * whole)),
    }
    out = tensor(16, F.Float16_b, empty(rows * whole), depth=whole)
    kernel = vendor_file(f"{LAYERNORM}/compute/layernorm.cpp")
    data = benches("emulator").run(kernel, inputs, [out], [rows], **config)[0].reshape(rows, whole, -1)[:, :width]
    got = matrix(np.ascontiguousarray(data), 64, 160)
    centred = x - x.mean(1, keepdims=True) if mean else x
    variance = np.mean(centred**2, 1, keepdims=True)
    normalised = centred / np.sqrt(variance + EPSILON)
    # Difference, square, inverse root and both products are rounded, and the mean is.
    shift = np.abs(gamma) * HALF_UNIT * (np.abs(x.mean(1, keepdims=True)) + np.abs(x)) / np.sqrt(variance)
    check(
        got,
        normalised * gamma + beta,
        HALF_UNIT,
        6 * HALF_UNIT * np.abs(normalised * gamma) + shift + HALF_UNIT * np.abs(beta),
    )
