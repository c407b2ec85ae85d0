"""The network's program: 32 samples at a time on every core, both layers in one compute kernel."""

from pathlib import Path

import numpy as np
from training import Network

import tthal as ttnn

KERNELS = Path(__file__).resolve().parent / "kernels"
CB_SAMPLES, CB_FIRST, CB_SECOND, CB_SCORES, CB_HIDDEN = 0, 1, 2, 16, 24


def scores_on_device(
    device: ttnn.Device, samples: np.ndarray, net: Network, dtype: ttnn.DataType, fidelity: ttnn.MathFidelity
) -> np.ndarray:
    """Return the scores of the ten digits for every sample, as the device computes them."""
    place = {"dtype": dtype, "layout": ttnn.TILE_LAYOUT, "device": device}
    inputs = [ttnn.from_numpy(each, **place) for each in (samples, net.first, net.second)]
    scores = ttnn.empty((len(samples), 10), dtype, ttnn.TILE_LAYOUT, device)
    rows, (features, hidden) = scores.buffer_num_pages(), (size // 32 for size in inputs[1].padded_shape)
    grid, tile_bytes = device.compute_with_storage_grid_size(), scores.buffer_page_size()
    _, cores, more, fewer, rows_of_more, rows_of_fewer = ttnn.split_work_to_cores(grid, rows)

    program = ttnn.CreateProgram()
    pages = {CB_SAMPLES: 2 * features, CB_FIRST: features * hidden, CB_SECOND: hidden, CB_SCORES: 2, CB_HIDDEN: hidden}
    for index, tiles in pages.items():
        config = ttnn.CircularBufferConfig(tiles * tile_bytes, {index: dtype})
        ttnn.CreateCircularBuffer(program, cores, config.set_page_size(index, tile_bytes))
    words, sizes = list(ttnn.TensorAccessorArgs(scores).get_compile_time_args()), [features, hidden]
    configs = {
        "reader.cpp": ttnn.ReaderDataMovementConfig([*sizes, *words]),
        "compute.cpp": ttnn.ComputeConfig(fidelity, fp32_dest_acc_en=True, compile_args=sizes),
        "writer.cpp": ttnn.WriterDataMovementConfig(words),
    }
    reader, compute, writer = (
        ttnn.CreateKernel(program, str(KERNELS / name), cores, configs[name]) for name in configs
    )
    addresses, first = [tensor.buffer_address() for tensor in inputs], 0
    for group, count in ((more, rows_of_more), (fewer, rows_of_fewer)):
        for core in ttnn.corerange_to_cores(group):
            ttnn.SetRuntimeArgs(program, reader, core, [*addresses, first, count])
            ttnn.SetRuntimeArgs(program, compute, core, [count])
            ttnn.SetRuntimeArgs(program, writer, core, [scores.buffer_address(), first, count])
            first += count
    ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
    return ttnn.to_numpy(scores).astype(np.float64)
