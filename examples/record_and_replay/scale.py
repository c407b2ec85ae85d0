"""y = factor * x for unsigned integers: the operation that ``test_scale.py`` tests."""

from pathlib import Path

import tthal as ttnn

KERNEL = Path(__file__).resolve().parent / "kernels" / "scale.cpp"


def scale(x: ttnn.Tensor, factor: int) -> ttnn.Tensor:
    """Return ``factor`` times a row-major uint32 tensor, modulo 2**32, on one core."""
    y, core, program = ttnn.empty_like(x), ttnn.CoreCoord(0, 0), ttnn.CreateProgram()
    page_bytes = x.buffer_page_size()
    page = ttnn.CircularBufferConfig(page_bytes, {0: ttnn.uint32}).set_page_size(0, page_bytes)
    ttnn.CreateCircularBuffer(program, core, page)
    config = ttnn.DataMovementConfig(compile_args=[page_bytes, *ttnn.TensorAccessorArgs(x).get_compile_time_args()])
    kernel = ttnn.CreateKernel(program, str(KERNEL), core, config)
    arguments = [x.buffer_address(), y.buffer_address(), x.buffer_num_pages(), factor]
    ttnn.SetRuntimeArgs(program, kernel, core, arguments)
    ttnn.EnqueueProgram(x.device().command_queue(), program, blocking=True)
    return y
