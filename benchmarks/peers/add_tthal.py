"""C = A + B for tthal, on what TTHAL_BACKEND selects, by the program of examples/vector_add. Prints a line of JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import ml_dtypes
import numpy as np

import tthal as ttnn

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "examples" / "vector_add"))
from vector_add import create_program

size = int(sys.argv[1])
rng = np.random.default_rng(0)
a, b = (rng.standard_normal((size, size), np.float32).astype(ml_dtypes.bfloat16) for _ in range(2))
with ttnn.open_device(0) as device:
    tensors = [ttnn.from_numpy(each, layout=ttnn.TILE_LAYOUT, device=device) for each in (a, b)]
    result = ttnn.empty_like(tensors[0])
    program = create_program(device, *tensors, result)
    seconds = []
    for _ in range(2):
        start = time.perf_counter()
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        seconds.append(time.perf_counter() - start)
    error = np.abs(ttnn.to_numpy(result).astype(np.float64) - (a.astype(np.float64) + b.astype(np.float64))).max()
print(json.dumps({"first": seconds[0], "again": seconds[1], "error": float(error)}))
