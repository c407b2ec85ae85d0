"""y = max(x, 0) on one core, made four times faster in five steps, each of which the profile asked for."""

import argparse
from pathlib import Path

import ml_dtypes
import numpy as np

import tthal as ttnn

KERNELS = Path(__file__).resolve().parent / "kernels"
CB_X, CB_Y, TILE_BYTES = 0, 16, 2048
STEPS = {  # what: bytes per read, tiles per barrier, room in a circular buffer, tiles in DST at once
    "a row of 64 bytes per command": (64, 1, 1, 1),
    "a tile per command": (TILE_BYTES, 1, 1, 1),
    "room for two tiles": (TILE_BYTES, 1, 2, 1),
    "four tiles per barrier": (TILE_BYTES, 4, 8, 1),
    "four tiles in DST at once": (TILE_BYTES, 4, 8, 4),
}


def create_program(x: ttnn.Tensor, y: ttnn.Tensor, piece: int, block: int, room: int, in_dst: int) -> ttnn.Program:
    """Build the program: three kernels and two circular buffers on core (0,0)."""
    core, program = ttnn.CoreCoord(0, 0), ttnn.CreateProgram()
    for index in (CB_X, CB_Y):
        config = ttnn.CircularBufferConfig(room * TILE_BYTES, {index: ttnn.bfloat16})
        ttnn.CreateCircularBuffer(program, core, config.set_page_size(index, TILE_BYTES))
    x_words, y_words = (ttnn.TensorAccessorArgs(tensor).get_compile_time_args() for tensor in (x, y))
    for name, config, words in (
        ("reader.cpp", ttnn.ReaderDataMovementConfig([piece, block, *x_words]), [x.buffer_address()]),
        ("compute.cpp", ttnn.ComputeConfig(compile_args=[block, in_dst]), []),
        ("writer.cpp", ttnn.WriterDataMovementConfig([block, *y_words]), [y.buffer_address()]),
    ):
        kernel = ttnn.CreateKernel(program, str(KERNELS / name), core, config)
        ttnn.SetRuntimeArgs(program, kernel, core, [x.buffer_num_pages(), *words])
    return program


def microseconds(device: ttnn.Device) -> float:
    """Return what the last program took on the card; 0 where nobody measures or models it."""
    ttnn.ReadDeviceProfiler(device)
    launches = ttnn.get_latest_programs_perf_data().get(device.id(), [])
    return sum(each.program_analyses_results["DEVICE KERNEL DURATION [ns]"].duration for each in launches) / 1000


def main() -> int:
    """Run the example; return 0 when every step's result is right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiles", type=int, default=64, help="tiles of 32x32 numbers, a multiple of 4 (default: 64)")
    parser.add_argument("--step", type=int, choices=range(1, len(STEPS) + 1), help="only this one (default: all)")
    options = parser.parse_args()
    if options.tiles not in range(4, 16385, 4):
        parser.error("--tiles is a multiple of 4 from 4 to 16384")
    x = np.random.default_rng(0).standard_normal((32, 32 * options.tiles), np.float32).astype(ml_dtypes.bfloat16)
    times, wrong = [], 0
    with ttnn.open_device(0) as device:
        source = ttnn.from_numpy(x, layout=ttnn.TILE_LAYOUT, device=device)
        for number, (what, settings) in enumerate(STEPS.items(), 1):
            if options.step in (None, number):
                result = ttnn.empty_like(source)
                program = create_program(source, result, *settings)
                ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
                wrong += int(np.count_nonzero(ttnn.to_numpy(result) != np.maximum(x, 0)))
                times.append(microseconds(device))
                print(f"{number}: {what}" + (f", {times[-1]:.1f} us" if times[-1] else ""))
    if all(times):
        print(f"the last step is {times[0] / times[-1]:.1f} times as fast as the first")
    else:
        print("nobody measures time here; the emulator does with TTHAL_BACKEND='emulator?time=on'")
    print("compared with numpy:", "PASSED" if wrong == 0 else f"FAILED: {wrong} elements differ")
    return 0 if wrong == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
