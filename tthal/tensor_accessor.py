"""The host's half of TensorAccessor: the words that tell a kernel how a buffer's pages are spread (host-api.md §5)."""

from __future__ import annotations

from collections.abc import MutableSequence, Sequence
from enum import IntFlag
from math import prod
from typing import TYPE_CHECKING

from tthal.buffer import Buffer
from tthal.coordinates import CoreCoord
from tthal.device_interface import DeviceProperties, ShardLayout
from tthal.errors import InvalidArgument, Unsupported
from tthal.host_rules import VENDOR_CUTS
from tthal.sharding import shard_counts
from tthal.types import ShardDistributionStrategy, TensorMemoryLayout

if TYPE_CHECKING:
    from tthal.tensor.tensor import Tensor

__all__ = ["ArgConfig", "TensorAccessorArgs"]


class ArgConfig(IntFlag):
    """The first word: what the buffer is, and which items stand in the common runtime arguments instead.

    Items keep their order on either side. Of an interleaved buffer only the page size can move, of a sharded one
    everything else; a runtime rank needs both shapes at run time, a runtime number of banks the coordinates.
    """

    NONE = 0
    Sharded = 1
    IsDram = 2
    RuntimeRank = 4
    RuntimeNumBanks = 8
    RuntimeTensorShape = 16
    RuntimeShardShape = 32
    RuntimeBankCoords = 64
    RuntimePageSize = 128
    Runtime = RuntimeRank | RuntimeNumBanks | RuntimeTensorShape | RuntimeShardShape | RuntimeBankCoords


ENCODING_WITH_PAGE_SIZE = 2
"""``DeviceProperties.accessor_encoding`` of today's library; 1 is the one of 2025, which has no page size word."""

SHARD_CONTIGUOUS = 1 << 31
"""Set in the number of banks when each bank takes consecutive shards."""


class TensorAccessorArgs:
    """The words that describe a tensor's buffer to ``TensorAccessorArgs<…>`` in a kernel; without one, a placeholder.

    Append them to a kernel's arguments with :meth:`append_to`, in the order the kernel expects.

    Raises:
        InvalidArgument: ``args_config`` asks for runtime items that do not go together.
        Unsupported: the device's encoding of these words is unknown.
    """

    def __init__(self, tensor: Tensor | Buffer | None = None, args_config: ArgConfig = ArgConfig.NONE) -> None:
        buffer = tensor if tensor is None or isinstance(tensor, Buffer) else tensor.buffer()
        self._common: list[int] = []
        wanted = ArgConfig(args_config) & ~(ArgConfig.Sharded | ArgConfig.IsDram)
        if buffer is None:
            # As long as an interleaved buffer's words, so that what follows keeps its place.
            self._compile_time = [0, 0]
            return
        properties = buffer.device.properties
        if properties.accessor_encoding not in (1, ENCODING_WITH_PAGE_SIZE):
            raise Unsupported(
                f"the device encodes TensorAccessorArgs in version {properties.accessor_encoding}, not 1 or 2"
            )
        with_page_size = properties.accessor_encoding == ENCODING_WITH_PAGE_SIZE
        memory = ArgConfig.IsDram if buffer.is_dram() else ArgConfig.NONE
        page_size = [buffer.aligned_page_size()] if with_page_size else []
        shards = buffer.shard_layout()
        if shards is None:
            config = memory | (wanted & ArgConfig.RuntimePageSize if with_page_size else ArgConfig.NONE)
            items = [(ArgConfig.RuntimePageSize, page_size)]
        else:
            _check_runtime_items(wanted)
            config = memory | wanted | ArgConfig.Sharded
            banks = shards.cores
            if buffer.buffer_layout() is TensorMemoryLayout.BLOCK_SHARDED and properties.host_rules >= VENDOR_CUTS:
                # The vendor cuts a grid of blocks out of its cores; spare ones are no banks of it (ttnn 0.81.1).
                banks = banks[: prod(shard_counts(shards.tensor_shape, shards.shard_shape))]
            items = [(ArgConfig.NONE, page_size), *_shard_items(shards, banks, properties, in_dram=bool(memory))]
        self._compile_time = [int(config)]
        for flag, words in items:
            (self._common if flag and flag & config else self._compile_time).extend(words)

    def get_compile_time_args(self) -> list[int]:
        """Return the words for the kernel's compile-time arguments."""
        return list(self._compile_time)

    def get_common_runtime_args(self) -> list[int]:
        """Return the words for the kernel's common runtime arguments; empty unless items were moved there."""
        return list(self._common)

    def append_to(
        self, compile_time_args: MutableSequence[int], common_runtime_args: MutableSequence[int] | None = None
    ) -> None:
        """Append the words to a kernel's argument lists.

        Raises:
            InvalidArgument: there are common runtime words but no list for them.
        """
        if self._common and common_runtime_args is None:
            raise InvalidArgument(
                "this accessor has common runtime arguments; pass the list of common runtime arguments as second "
                "argument"
            )
        compile_time_args.extend(self._compile_time)
        if common_runtime_args is not None:
            common_runtime_args.extend(self._common)

    def __repr__(self) -> str:
        return f"TensorAccessorArgs(compile_time={self._compile_time}, common={self._common})"


def squeeze_shapes(tensor: tuple[int, ...], shard: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Merge dimensions of a tensor and its shard, in pages, where that leaves every page in its place.

    From the last dimension on, the next one joins when the shard spans all that joined so far, or when the shard has
    length 1 there and left no rest in the one before. Leading ones and the tensor's further dimensions join too.
    """
    new_tensor, new_shard = [tensor[-1]], [shard[-1]]
    spans, divides = tensor[-1] == shard[-1], tensor[-1] % shard[-1] == 0
    rank = len(shard)
    for dimension in range(2, rank + 1):
        if all(each == 1 for each in (*tensor[: -dimension + 1], *shard[: -dimension + 1])):
            break
        whole, part = tensor[-dimension], shard[-dimension]
        if spans or (part == 1 and divides):
            new_tensor[-1] *= whole
            new_shard[-1] *= part
        else:
            new_tensor.append(whole)
            new_shard.append(part)
            spans = True
        spans = spans and whole == part
        divides = whole % part == 0
    for whole in tensor[:-rank]:
        new_tensor[-1] *= whole
    return tuple(reversed(new_tensor)), tuple(reversed(new_shard))


def _check_runtime_items(wanted: ArgConfig) -> None:
    shapes = ArgConfig.RuntimeTensorShape | ArgConfig.RuntimeShardShape
    if wanted & ArgConfig.RuntimeRank and wanted & shapes != shapes:
        raise InvalidArgument("RuntimeRank needs RuntimeTensorShape and RuntimeShardShape: their length is the rank")
    if wanted & ArgConfig.RuntimeNumBanks and not wanted & ArgConfig.RuntimeBankCoords:
        raise InvalidArgument("RuntimeNumBanks needs RuntimeBankCoords: their number is the number of banks")
    if wanted & ArgConfig.RuntimePageSize:
        raise InvalidArgument(
            "RuntimePageSize goes with interleaved buffers only; a sharded buffer's page size is fixed"
        )


def _shard_items(
    shards: ShardLayout, cores: Sequence[CoreCoord], properties: DeviceProperties, *, in_dram: bool
) -> list[tuple[ArgConfig, list[int]]]:
    tensor, shard = squeeze_shapes(shards.tensor_shape, shards.shard_shape)
    contiguous = shards.strategy is ShardDistributionStrategy.CONTIGUOUS_1D
    # DRAM banks are named by their number, L1 banks by the coordinates kernels use.
    banks = [(core.x, core.y) if in_dram else properties.virtual_core(core) for core in cores]
    return [
        (ArgConfig.RuntimeRank, [len(tensor)]),
        (ArgConfig.RuntimeNumBanks, [len(banks) | (SHARD_CONTIGUOUS if contiguous else 0)]),
        (ArgConfig.RuntimeTensorShape, list(tensor)),
        (ArgConfig.RuntimeShardShape, list(shard)),
        (ArgConfig.RuntimeBankCoords, _packed_coordinates(banks)),
    ]


def _packed_coordinates(banks: list[tuple[int, int]]) -> list[int]:
    """Pack two (x, y) to a word, the first in the lower half; an odd last one stands alone."""
    halves = [(x << 8) | y for x, y in banks]
    return [sum(half << (16 * place) for place, half in enumerate(halves[i : i + 2])) for i in range(0, len(halves), 2)]
