"""Turns tthal's values into the shim's structs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tthal.coordinates import CoreRange, CoreRangeSet, corerange_to_cores
from tthal.device_interface import (
    BufferSpec,
    CircularBufferImage,
    ComputeSettings,
    KernelArguments,
    KernelImage,
    ShardLayout,
)
from tthal.errors import InvalidArgument, Unsupported
from tthal.types import DataFormat, ShardOrientation

Defines = Sequence[tuple[str, str]]

_WORD = 0xFFFFFFFF
_HALF_WORDS = (DataFormat.Float16, DataFormat.Float16_b, DataFormat.UInt16)
_WORDS = (DataFormat.Float32, DataFormat.Tf32, DataFormat.Int32, DataFormat.UInt32)


@dataclass(slots=True)
class Lowering:
    """Builds structs; cffi frees memory whose owner is gone, so the owners are kept as long as this object."""

    ffi: Any
    _owned: list[Any] = field(default_factory=list)

    def new(self, ctype: str, *initial: Any) -> Any:
        """Make a C value that lives as long as this object."""
        value = self.ffi.new(ctype, *initial)
        self._owned.append(value)
        return value

    def text(self, text: str) -> Any:
        """Make a C string.

        Raises:
            InvalidArgument: it holds a NUL.
        """
        if "\0" in text:
            raise InvalidArgument(f"{text[:40]!r} holds a NUL character")
        return self.new("char[]", text.encode())

    def texts(self, texts: Iterable[str]) -> Any:
        """Make an array of C strings."""
        return self.new("char *[]", [self.text(text) for text in texts])

    def words(self, words: Sequence[int]) -> Any:
        """Make an array of unsigned 32-bit words."""
        return self.new("uint32_t[]", [word & _WORD for word in words])

    def core_ranges(self, ranges: Sequence[CoreRange]) -> Any:
        """Make an array of core ranges."""
        rows = [(each.start.x, each.start.y, each.end.x, each.end.y) for each in ranges]
        return self.new("ttm_core_range[]", rows)

    def buffer(self, spec: BufferSpec) -> Any:
        """Make a buffer's configuration."""
        config = self.new("ttm_buffer_config *")
        config.size, config.page_size = spec.size, spec.page_size
        config.buffer_type, config.layout = int(spec.buffer_type), int(spec.layout)
        config.bottom_up = -1 if spec.bottom_up is None else int(spec.bottom_up)
        if spec.address is not None:
            config.has_address, config.address = 1, spec.address
        if spec.shards is not None:
            self._shards(config, spec.shards)
        return config

    def _shards(self, config: Any, shards: ShardLayout) -> None:
        grid = shard_grid(shards)
        config.shard_grid, config.shard_grid_size = self.core_ranges(grid), len(grid)
        config.rank = len(shards.tensor_shape)
        config.tensor_shape, config.shard_shape = self.words(shards.tensor_shape), self.words(shards.shard_shape)
        config.orientation, config.strategy = int(shards.orientation), int(shards.strategy)

    def kernel(self, kernel: KernelImage, path: Path, include_paths: Sequence[Path], defines: Defines) -> Any:
        """Make a kernel's configuration; ``defines`` are used instead of the kernel's own."""
        config = self.new("ttm_kernel_config *")
        config.path = self.text(str(path))
        config.cores, config.num_ranges = self.core_ranges(kernel.core_ranges.ranges), kernel.core_ranges.size()
        config.opt_level = int(kernel.opt_level)
        if kernel.data_movement is not None:
            settings = kernel.data_movement
            config.processor, config.noc = int(settings.processor), int(settings.noc)
            config.noc_mode = int(settings.noc_mode)
        if kernel.compute is not None:
            self._compute(config, kernel.compute)
        args, named = kernel.compile_time_args, kernel.named_compile_time_args
        config.compile_args, config.num_compile_args = self.words(args), len(args)
        config.named_args, config.num_named_args = self.texts(name for name, _ in named), len(named)
        config.named_values = self.words([value for _, value in named])
        config.defines = self.texts(text for define in defines for text in define)
        config.num_defines = len(defines)
        config.include_paths = self.texts(str(folder) for folder in include_paths)
        config.num_include_paths = len(include_paths)
        return config

    def _compute(self, config: Any, settings: ComputeSettings) -> None:
        config.is_compute = 1
        config.math_fidelity = int(settings.math_fidelity)
        config.fp32_dest_acc_en, config.dst_full_sync_en = settings.fp32_dest_acc_en, settings.dst_full_sync_en
        config.bfp8_pack_precise, config.math_approx_mode = settings.bfp8_pack_precise, settings.math_approx_mode
        modes = [int(mode) for mode in settings.unpack_to_dest_mode]
        config.unpack_to_dest_mode = self.new("uint8_t[]", modes)
        config.num_unpack_to_dest_mode = len(modes)

    def circular_buffer_formats(self, image: CircularBufferImage, page_sizes: dict[int, int]) -> Any:
        """Make the formats of a circular buffer's indices."""
        rows = []
        for each in image.formats:
            if each.unpacked is not None:
                raise Unsupported(
                    f"circular buffer index {each.index} holds less than whole tiles (face_geometry), which the shim "
                    "does not hand on; give it a tile of that shape"
                )
            height, width = each.tile or (0, 0)
            rows.append((each.index, int(each.data_format), page_sizes[each.index], height, width))
        return self.new("ttm_cb_format[]", rows)


def shard_grid(shards: ShardLayout) -> tuple[CoreRange, ...]:
    """Return ranges that the library walks in the order of ``shards.cores``; one rectangle if that gives the order."""
    box = CoreRangeSet([CoreRange(core) for core in dict.fromkeys(shards.cores)]).bounding_box()
    if corerange_to_cores(box, row_wise=shards.orientation is ShardOrientation.ROW_MAJOR) == list(shards.cores):
        return (box,)
    return tuple(CoreRange(core) for core in shards.cores)


def argument_words(arguments: KernelArguments) -> list[int]:
    """Return per-core arguments as the shim takes them: x, y, number of words, words; cores without any left out."""
    flat: list[int] = []
    for core, words in arguments.per_core:
        if words:
            flat += (core.x, core.y, len(words), *words)
    return flat


def plausible_page_size(image: CircularBufferImage, index: int) -> int:
    """Return a page size to create a circular buffer with before a launch says the real one: one tile's bytes."""
    entry = next(each for each in image.formats if each.index == index)
    height, width = entry.tile or (32, 32)
    return height * width * (4 if entry.data_format in _WORDS else 2 if entry.data_format in _HALF_WORDS else 1)
