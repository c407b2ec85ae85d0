"""Runtime arguments of one kernel: words per core, words common to all cores, and views that change them in place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from time import perf_counter_ns

from tthal.coordinates import (
    CoreCoord,
    CoreLike,
    CoreRange,
    CoreRangeSet,
    CoreSpec,
    as_core,
    as_cores,
    corerange_to_cores,
)
from tthal.device_interface import KernelArguments
from tthal.errors import InvalidArgument, LimitExceeded, ProgramFrozen
from tthal.words import word, words

__all__ = ["RuntimeArgsData"]


class ProgramPhase:
    """What a program shares with its parts: whether its structure is fixed, and how often either side changed.

    Parts hold this instead of the program, so that a dropped program goes at once and takes its buffers along.
    """

    __slots__ = ("frozen", "structure_version", "values_version")

    def __init__(self) -> None:
        self.frozen = False
        self.structure_version = 0
        self.values_version = 0

    def structure_changed(self) -> None:
        """Note that the image, and with it the launch state, must be taken anew."""
        self.structure_version += 1
        self.values_version += 1

    def values_changed(self) -> None:
        """Note that the launch state must be taken anew."""
        self.values_version += 1


class RuntimeArgsData:
    """The arguments of one core, or the common ones: a view of fixed length whose writes reach the next launch."""

    __slots__ = ("_arguments", "_words")

    def __init__(self, arguments: ArgumentTable, values: tuple[int, ...] = ()) -> None:
        self._arguments = arguments
        self._words = values

    def data(self) -> RuntimeArgsData:
        """Return what can be indexed and written, as the vendor's pointer; it is this view."""
        return self

    def size(self) -> int:
        """Return the number of words."""
        return len(self._words)

    def at(self, index: int) -> int:
        """Return one word.

        Raises:
            IndexError: there are fewer.
        """
        return self[index]

    def tolist(self) -> list[int]:
        """Return a copy of the words."""
        return list(self._words)

    def __getitem__(self, index: int) -> int:
        try:
            return self._words[index]
        except IndexError:
            raise IndexError(self._out_of_range(index)) from None

    def __setitem__(self, index: int, value: int) -> None:
        changed = list(self._words)
        try:
            changed[index] = word(value, f"runtime argument {index}")
        except IndexError:
            raise IndexError(self._out_of_range(index)) from None
        self._replace(tuple(changed))

    def __len__(self) -> int:
        return len(self._words)

    def __iter__(self) -> Iterator[int]:
        return iter(self._words)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (RuntimeArgsData, list, tuple)):
            return self._words == tuple(other)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"RuntimeArgsData({list(self._words)})"

    def _replace(self, values: tuple[int, ...]) -> None:
        self._words = values
        self._arguments.values_changed()

    def _out_of_range(self, index: int) -> str:
        return f"runtime argument {index} does not exist: {len(self._words)} are set; SetRuntimeArgs fixes the number"


@lru_cache(maxsize=64)
def _cores_of(core_spec: CoreRange | CoreRangeSet) -> tuple[CoreCoord, ...]:
    """List a specification's cores; the same few are used for every kernel and every launch."""
    return tuple(corerange_to_cores(core_spec))


class ArgumentTable:
    """All runtime arguments of one kernel (host-api.md §1.6).

    Args:
        kernel: the kernel as error messages name it.
        core_ranges: where the kernel is placed.
        limit: the largest number of words per core, unique and common together.
        phase: the program's.
    """

    def __init__(self, kernel: str, core_ranges: CoreRangeSet, limit: int, phase: ProgramPhase) -> None:
        self._kernel = kernel
        self._core_ranges = core_ranges
        self._cores = frozenset(core_ranges.cores())
        self._limit = limit
        self._phase = phase
        self._per_core: dict[CoreCoord, RuntimeArgsData] = {}
        self._common = RuntimeArgsData(self)
        self._longest = 0
        self._sorted = True
        self._snapshot: KernelArguments | None = None
        self._written = perf_counter_ns()

    def set(self, core_spec: CoreSpec, values: Iterable[int]) -> None:
        """Give every core of ``core_spec`` the same words; an empty list does nothing.

        Raises:
            InvalidArgument: a value is not a word, the kernel is not on a core, or a core has another number of words.
            LimitExceeded: more words than allowed.
            ProgramFrozen: the program was launched without arguments for a core.
        """
        checked = words(values, "runtime argument")
        core_spec = as_cores(core_spec, "core_spec")
        cores = (core_spec,) if isinstance(core_spec, CoreCoord) else _cores_of(core_spec)
        if checked:
            self._store([(core, checked) for core in cores])

    def set_each(self, cores: Sequence[CoreLike], values: Sequence[Iterable[int]]) -> None:
        """Give each core its own words; a core with an empty list is left as it is. Raises as :meth:`set`."""
        if len(cores) != len(values):
            raise InvalidArgument(
                f"{len(cores)} cores but {len(values)} lists of runtime arguments for {self._kernel}; "
                "give one list per core"
            )
        checked = [
            (as_core(core, "the core of runtime arguments"), words(each, f"core {core}: runtime argument"))
            for core, each in zip(cores, values, strict=True)
        ]
        self._store([(core, each) for core, each in checked if each])

    def set_common(self, values: Iterable[int]) -> None:
        """Set the words that all cores share, once; an empty list does nothing.

        Raises:
            InvalidArgument: they were set before, or a value is not a word.
            LimitExceeded: more words than allowed.
            ProgramFrozen: the program was launched without them.
        """
        checked = words(values, "common runtime argument")
        if not checked:
            return
        if len(self._common):
            raise InvalidArgument(
                f"common runtime arguments of {self._kernel} can be set only once; "
                "change them in place: GetCommonRuntimeArgs(program, kernel_id)[i] = value"
            )
        self._require_room(self._longest + len(checked), "any core" if not self._per_core else "its cores")
        self._require_open("common runtime arguments")
        self._common._words = checked
        self._structure_changed()

    def of(self, core: CoreLike) -> RuntimeArgsData:
        """Return one core's view, of size 0 when nothing is set.

        Raises:
            InvalidArgument: the kernel is not on the core.
        """
        core = as_core(core, "the core of runtime arguments")
        self._require_on_kernel(core)
        return self._per_core.get(core) or RuntimeArgsData(self)

    def grid(self) -> list[list[RuntimeArgsData]]:
        """Return the views by column, then row, from (0, 0) to the kernel's last core; unset cores have size 0."""
        if not self._cores:
            return []
        end = self._core_ranges.bounding_box().end
        empty = RuntimeArgsData(self)
        return [[self._per_core.get(CoreCoord(x, y), empty) for y in range(end.y + 1)] for x in range(end.x + 1)]

    @property
    def common(self) -> RuntimeArgsData:
        """The view of the words that all cores share."""
        return self._common

    def counts(self) -> tuple[tuple[CoreCoord, int], ...]:
        """Return (core, number of words) of every core that has arguments, in core order."""
        return tuple((core, len(values)) for core, values in self.snapshot().per_core)

    def snapshot(self) -> KernelArguments:
        """Return the present values; the same object until one changes."""
        if not self._sorted:
            self._per_core = dict(sorted(self._per_core.items()))
            self._sorted = True
        if self._snapshot is None:
            per_core = tuple((core, data._words) for core, data in self._per_core.items())
            self._snapshot = KernelArguments(per_core, self._common._words)
            object.__setattr__(self._snapshot, "written", self._written)
        return self._snapshot

    def values_changed(self) -> None:
        """Note that a value changed."""
        self._snapshot = None
        self._written = perf_counter_ns()
        self._phase.values_changed()

    def _structure_changed(self) -> None:
        self._snapshot = None
        self._written = perf_counter_ns()
        self._phase.structure_changed()

    def _store(self, entries: list[tuple[CoreCoord, tuple[int, ...]]]) -> None:
        # Everything is checked before anything changes, so that a failing call leaves no trace.
        lengths: dict[CoreCoord, int] = {}
        for core, values in entries:
            self._check(core, values, lengths)
            lengths[core] = len(values)
        added = not self._per_core.keys() >= lengths.keys()
        if added:
            self._require_open("runtime arguments for more cores")
        for core, values in entries:
            known = self._per_core.get(core)
            if known is None:
                self._per_core[core] = RuntimeArgsData(self, values)
                self._longest = max(self._longest, len(values))
            else:
                known._words = values
        if added:
            self._sorted = False
            self._structure_changed()
        elif entries:
            self.values_changed()

    def _check(self, core: CoreCoord, values: tuple[int, ...], lengths: dict[CoreCoord, int]) -> None:
        self._require_on_kernel(core)
        known = self._per_core.get(core, ())
        length = len(known) or lengths.get(core, 0)
        if length and length != len(values):
            raise InvalidArgument(
                f"core {core} of {self._kernel} has {length} runtime arguments; the number cannot change to "
                f"{len(values)}: pass {length} values, or set the largest number at the first call"
            )
        self._require_room(len(values) + len(self._common), f"core {core}")

    def _require_on_kernel(self, core: CoreCoord) -> None:
        if core in self._cores:
            return
        raise InvalidArgument(
            f"{self._kernel} is not placed on core {core}, so that core takes no runtime arguments; "
            f"it is placed on {self._core_ranges}"
        )

    def _require_room(self, count: int, where: str) -> None:
        if count > self._limit:
            raise LimitExceeded(
                f"{count} unique and common runtime arguments for {self._kernel} on {where}; at most {self._limit} are "
                "allowed: pass less, put data in a buffer, or use CreateProgram(limits=device.properties.limits)"
            )

    def _require_open(self, what: str) -> None:
        if self._phase.frozen:
            raise ProgramFrozen(
                f"{what} of {self._kernel} cannot be added after the program's first launch, which fixed their number; "
                "set them (zeros will do) before the launch and change the values later"
            )
