"""Programs by their place in a mesh: described as data, and as a workload of the C++ examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tthal.command_queue import CommandQueue
from tthal.descriptors import ProgramDescriptor
from tthal.errors import InvalidArgument, WrongType
from tthal.mesh_shapes import MeshCoordinate, MeshCoordinateRange
from tthal.program import Program

__all__ = [
    "AddProgramToMeshWorkload",
    "CreateMeshWorkload",
    "EnqueueMeshWorkload",
    "MeshProgramDescriptor",
    "MeshWorkload",
]

ONLY_PLACE = MeshCoordinate(0, 0)
"""Where the one device of every mesh here is."""

Place = MeshCoordinateRange | MeshCoordinate


class MeshProgramDescriptor:
    """Programs described as data, one for each range of places in a mesh: ``descriptor[range] = program``."""

    def __init__(self, mesh_programs: Mapping[Place, ProgramDescriptor] | None = None) -> None:
        self._programs: dict[MeshCoordinateRange, ProgramDescriptor] = {}
        for place, program in (mesh_programs or {}).items():
            self[place] = program

    @property
    def mesh_programs(self) -> list[tuple[MeshCoordinateRange, ProgramDescriptor]]:
        """The ranges with their programs."""
        return list(self._programs.items())

    def __setitem__(self, key: Place, value: ProgramDescriptor) -> None:
        if not isinstance(value, ProgramDescriptor):
            raise WrongType(f"a MeshProgramDescriptor holds ProgramDescriptors, not {type(value).__name__}")
        self._programs[_range(key)] = value.copied()

    def __getitem__(self, key: Place) -> ProgramDescriptor:
        return self._programs[_range(key)]

    def __contains__(self, key: Place) -> bool:
        return _range(key) in self._programs

    def __iter__(self) -> Iterator[MeshCoordinateRange]:
        return iter(self._programs)

    def __len__(self) -> int:
        return len(self._programs)

    def on_the_device(self) -> list[ProgramDescriptor]:
        """Return the programs of the ranges that hold the one device there is.

        Raises:
            InvalidArgument: a range reaches beyond it, or none holds it.
        """
        for place in self._programs:
            _check_place(place)
        return list(self._programs.values())


class MeshWorkload:
    """Programs for ranges of places in a mesh, as the C++ examples enqueue them."""

    def __init__(self) -> None:
        self._programs: list[tuple[MeshCoordinateRange, Program]] = []

    def add_program(self, device_range: Place, program: Program) -> None:
        """Add a program for a range of places.

        Raises:
            InvalidArgument: the range reaches beyond the one device, or has a program already.
        """
        if not isinstance(program, Program):
            raise WrongType(f"a MeshWorkload holds programs from CreateProgram(), not {type(program).__name__}")
        place = _range(device_range)
        _check_place(place)
        if self._programs:
            raise InvalidArgument(f"the workload has a program for {self._programs[0][0]} already; one runs at a place")
        self._programs.append((place, program))

    def get_programs(self) -> dict[MeshCoordinateRange, Program]:
        """Return the programs by their ranges."""
        return dict(self._programs)


def CreateMeshWorkload() -> MeshWorkload:
    """Return an empty workload."""
    return MeshWorkload()


def AddProgramToMeshWorkload(workload: MeshWorkload, program: Program, device_range: Place) -> None:
    """Add a program to a workload for a range of places."""
    workload.add_program(device_range, program)


def EnqueueMeshWorkload(queue: CommandQueue, workload: MeshWorkload, blocking: bool = False) -> None:
    """Run a workload's program on the queue's device; see :func:`tthal.EnqueueProgram`."""
    if not isinstance(workload, MeshWorkload):
        raise WrongType(f"EnqueueMeshWorkload runs a MeshWorkload, not {type(workload).__name__}")
    for program in workload.get_programs().values():
        queue.launch(program, blocking)


def _range(place: Place) -> MeshCoordinateRange:
    if isinstance(place, MeshCoordinateRange):
        return place
    if isinstance(place, MeshCoordinate):
        return MeshCoordinateRange(place, place)
    raise WrongType(f"a place in a mesh is a MeshCoordinateRange or a MeshCoordinate, not {type(place).__name__}")


def _check_place(place: MeshCoordinateRange) -> None:
    if any(place.end):
        raise InvalidArgument(
            f"{place} reaches beyond the mesh: it has one device, at {ONLY_PLACE}. Programs for several devices do not "
            "run here"
        )
