"""One run of a program: the device it uses, its inputs, and the checks it makes."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import tthal as ttnn
from tthal.device_interface import DeviceProperties
from tthal_conformance.claim import Claim
from tthal_conformance.comparison import compare
from tthal_conformance.schema import Check, Mismatch
from tthal_conformance.tolerance import EXACT, Tolerance

KERNELS = Path(__file__).resolve().parent / "kernels"
POISON = 0xA5
"""What output buffers hold before a launch, so that what an earlier run left behind proves nothing."""

Array = npt.NDArray[Any]


class SuiteError(Exception):
    """A program of the suite is wrong itself: it would pass on a device that does nothing."""


class NotApplicable(Exception):
    """The device does not declare what the program needs."""


@dataclass(frozen=True, slots=True)
class Output:
    """What a check compared: the device's values, and how they may differ."""

    name: str
    values: Array
    tolerance: Tolerance
    scale: npt.ArrayLike


class Run:
    """What a program's body works with.

    Attributes:
        program: what the program claims.
        selection: the selection string of the backend.
        rng: the source of its inputs, the same in every run.
        checks: the comparisons made so far.
        outputs: the device's values in them.
        properties: those of the device opened last, None when none was.
    """

    def __init__(self, program: Claim, selection: str) -> None:
        self.program = program
        self.selection = selection
        self.rng = np.random.default_rng(zlib.crc32(program.name.encode()))
        self.checks: list[Check] = []
        self.outputs: list[Output] = []
        self.properties: DeviceProperties | None = None
        self._inputs: list[bytes] = []
        self._device: ttnn.Device | None = None

    # ------------------------------------------------------------------------------------------ the device

    @property
    def device(self) -> ttnn.Device:
        """The open device."""
        if self._device is None or not self._device.is_open:
            raise SuiteError(f"{self.program.name} uses a device that it closed")
        return self._device

    @property
    def queue(self) -> ttnn.CommandQueue:
        """The device's first queue."""
        return self.device.command_queue()

    def open(self, **options: Any) -> ttnn.Device:
        """Close the device and open it with other options; the program must need what they take.

        Raises:
            NotApplicable: the device does not declare what the program needs.
        """
        self.close()
        self._device = ttnn.open_device(0, backend=self.selection, **options)
        self.properties = self._device.properties
        unmet = self.program.requirements.unmet(self.properties)
        if unmet:
            raise NotApplicable(unmet)
        return self._device

    def close(self) -> None:
        """Close the device."""
        if self._device is not None:
            self._device.close()

    def abandon(self) -> None:
        """Close the device after a failure, without waiting for its work."""
        if self._device is not None:
            self._device.__exit__(Exception, None, None)

    # ------------------------------------------------------------------------------------------ inputs and kernels

    def kernel(self, name: str) -> str:
        """Return the path of one of the suite's kernels."""
        path = KERNELS / f"{name}.cpp"
        if not path.is_file():
            raise SuiteError(f"{self.program.name} names the kernel {name}, which is not in {KERNELS}")
        return str(path)

    def words(self, count: int) -> npt.NDArray[np.uint32]:
        """Return random 32-bit words, none of them zero."""
        return self.rng.integers(1, 1 << 32, count, dtype=np.uint32)

    def note_input(self, data: npt.ArrayLike) -> None:
        """Remember an input, so that no check can expect it back unchanged."""
        self._inputs.append(np.ascontiguousarray(data).tobytes())

    # ------------------------------------------------------------------------------------------ checks

    def check(
        self,
        name: str,
        actual: npt.ArrayLike,
        expected: npt.ArrayLike,
        tolerance: Tolerance | None = None,
        *,
        scale: npt.ArrayLike = 0.0,
    ) -> None:
        """Compare what the device computed with what is expected.

        Raises:
            SuiteError: zeros or an input are expected, so the check would prove nothing.
        """
        wanted = np.asarray(expected)
        if not np.any(wanted):
            raise SuiteError(f"{self.program.name}: check {name!r} expects zeros only")
        if np.ascontiguousarray(wanted).tobytes() in self._inputs:
            raise SuiteError(f"{self.program.name}: check {name!r} expects an input back unchanged")
        if np.all(np.ascontiguousarray(wanted).view(np.uint8) == POISON):
            raise SuiteError(f"{self.program.name}: check {name!r} expects what outputs hold before a launch")
        allowed = self.program.tolerance if tolerance is None else tolerance
        self.checks.append(compare(name, actual, wanted, allowed, scale))
        self.outputs.append(Output(name, np.array(actual), allowed, scale))

    def check_host(self, name: str, actual: object, expected: object) -> None:
        """Compare what the host API itself answered; it says nothing about the device."""
        same = actual == expected
        first = None if same else Mismatch([], repr(actual), repr(expected))
        self.checks.append(Check(name, same, 1, int(not same), str(EXACT), "the host API answers exactly", first))

    @contextmanager
    def raises(self, what: str, kind: type[BaseException], says: str = "") -> Iterator[None]:
        """Expect an error of a documented class, whose message holds ``says``."""
        found = "nothing was raised"
        try:
            yield
        except (SuiteError, NotApplicable):
            raise
        except Exception as error:  # noqa: BLE001 - whatever a backend raises is a finding
            found = f"{type(error).__name__}: {error}"
            passed = isinstance(error, kind) and says.lower() in str(error).lower()
        else:
            passed = False
        wanted = kind.__name__ + (f" that says {says!r}" if says else "")
        first = None if passed else Mismatch([], found, wanted)
        self.checks.append(Check(what, passed, 1, int(not passed), wanted, "the error is documented", first))
