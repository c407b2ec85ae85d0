"""A bench for whole programs: buffers of every kind, kernels from files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

import tthal as ttnn

U32 = npt.NDArray[np.uint32]


@dataclass
class Bench:
    """Makes what programs consist of on one device, and runs them; kernels come from a folder."""

    device: ttnn.Device
    kernels: Path

    def interleaved(self, pages: int, page_size: int, kind: ttnn.BufferType = ttnn.BufferType.DRAM) -> ttnn.Buffer:
        """Create an interleaved buffer."""
        return ttnn.CreateBuffer(
            ttnn.InterleavedBufferConfig(
                device=self.device, size=pages * page_size, page_size=page_size, buffer_type=kind
            )
        )

    def sharded(
        self,
        layout: ttnn.TensorMemoryLayout,
        cores: ttnn.CoreRange,
        tensor: tuple[int, int],
        shard: tuple[int, int],
        page_size: int,
        orientation: ttnn.ShardOrientation = ttnn.ShardOrientation.ROW_MAJOR,
        kind: ttnn.BufferType = ttnn.BufferType.L1,
    ) -> ttnn.Buffer:
        """Create a buffer in shards; shapes in pages, whose elements are words in a row."""
        words = page_size // 4
        parameters = ttnn.ShardSpecBuffer(
            ttnn.CoreRangeSet([cores]), (shard[0], shard[1] * words), orientation, (1, words), tensor
        )
        return ttnn.CreateBuffer(
            ttnn.ShardedBufferConfig(
                device=self.device,
                size=tensor[0] * tensor[1] * page_size,
                page_size=page_size,
                buffer_type=kind,
                buffer_layout=layout,
                shard_parameters=parameters,
            )
        )

    def circular_buffer(
        self,
        program: ttnn.Program,
        cores: object,
        index: int,
        pages: int,
        page_size: int,
        buffer: ttnn.Buffer | None = None,
    ) -> int:
        """Create a circular buffer, over a buffer's memory when one is given."""
        config = ttnn.CircularBufferConfig(pages * page_size, {index: ttnn.DataFormat.UInt32})
        config.set_page_size(index, page_size)
        if buffer is not None:
            config.set_globally_allocated_address(buffer)
        return ttnn.CreateCircularBuffer(program, cores, config)

    def kernel(
        self,
        program: ttnn.Program,
        name: str,
        cores: object,
        *,
        compile_args: Sequence[int] = (),
        defines: dict[str, str] | None = None,
        noc: ttnn.NOC = ttnn.NOC.RISCV_0_default,
        processor: ttnn.DataMovementProcessor = ttnn.DataMovementProcessor.RISCV_0,
    ) -> int:
        """Create a data-movement kernel from a file of the folder."""
        config = ttnn.DataMovementConfig(
            processor=processor, noc=noc, compile_args=list(compile_args), defines=defines or {}
        )
        return ttnn.CreateKernel(program, str(self.kernels / f"{name}.cpp"), cores, config)

    def compute(self, program: ttnn.Program, name: str, cores: object) -> int:
        """Create a compute kernel from a file of the folder."""
        return ttnn.CreateKernel(program, str(self.kernels / f"{name}.cpp"), cores, ttnn.ComputeConfig())

    def run(self, program: ttnn.Program) -> None:
        """Run a program to its end."""
        ttnn.EnqueueProgram(self.device.command_queue(), program, blocking=True)

    def write(self, buffer: ttnn.Buffer, data: npt.NDArray[np.generic]) -> None:
        """Fill a buffer."""
        ttnn.EnqueueWriteBuffer(self.device.command_queue(), buffer, data)

    def read(self, buffer: ttnn.Buffer) -> U32:
        """Return a buffer's words."""
        return np.asarray(ttnn.EnqueueReadBuffer(self.device.command_queue(), buffer)).view(np.uint32)

    def l1(self, core: ttnn.CoreCoord, address: int, words: int) -> U32:
        """Return words of a core's L1."""
        return np.asarray(ttnn.ReadFromDeviceL1(self.device, core, address, 4 * words)).view(np.uint32)

    def fill_l1(self, core: ttnn.CoreCoord, address: int, words: U32) -> None:
        """Write words to a core's L1."""
        ttnn.WriteToDeviceL1(self.device, core, address, words)

    def virtual(self, core: ttnn.CoreCoord) -> tuple[int, int]:
        """Return the coordinate by which kernels name a core."""
        grid = self.device.properties.compute_grid
        return self.device.properties.worker_virtual[core.y * grid.x + core.x]
