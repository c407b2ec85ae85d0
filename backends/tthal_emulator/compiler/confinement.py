"""Starts a program that may touch nothing but the files it is given, where the system can do that (Linux, Landlock).

A thread gives up its own rights and starts the program, which inherits what is left; then the thread ends. Nobody else
in this process is touched. Numbers and structures are those of Linux's ``landlock.h``; what a kernel is too old for is
left out, and where there is no Landlock the program starts as it is (SECURITY.md says what holds then).
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
"""A flag: return the interface's version."""
_PATH_BENEATH = 1
_NO_NEW_PRIVILEGES = 38
_EXECUTE, _WRITE, _READ, _LIST = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE = 1 << 14
_FILE_RIGHTS = _EXECUTE | _WRITE | _READ | _TRUNCATE
_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
"""Version to how many rights over files it knows."""
_NETWORK, _SCOPES = (4, 0b11), (6, 0b11)
"""The version from which on, and the rights: binding and connecting; abstract sockets and signals to others."""
_ALWAYS = ("/dev/null", "/dev/urandom")


@dataclass(frozen=True, slots=True)
class Confinement:
    """What a program may touch.

    Attributes:
        readable: files, and folders with all below them, that it may read and execute.
        writable: folders that it may do anything in.
    """

    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()

    def start(self, program: Callable[[], T]) -> T:
        """Call what starts a program, from a thread that has no other rights.

        Raises:
            Exception: what the function raises.
        """
        if landlock_version() == 0:
            return program()
        outcome: list[T] = []
        failure: list[BaseException] = []

        def give_up_rights_and_start() -> None:
            try:
                self._give_up_rights()
                outcome.append(program())
            except Exception as error:  # noqa: BLE001 (whatever it is, it is raised where the thread was started)
                failure.append(error)

        thread = threading.Thread(target=give_up_rights_and_start, name="tthal-confined")
        thread.start()
        thread.join()
        if failure:
            raise failure[0]
        return outcome[0]

    def _give_up_rights(self) -> None:
        version = landlock_version()
        handled = (1 << max(count for since, count in _RIGHTS.items() if since <= version)) - 1
        ruleset = _new_ruleset(version, handled)
        try:
            for path in (*self.readable, *map(Path, _ALWAYS)):
                _allow(ruleset, path, (_READ | _LIST | _EXECUTE) & handled)
            for path in (*self.writable, Path("/dev/null")):
                _allow(ruleset, path, handled)
            _call(_libc().prctl, _NO_NEW_PRIVILEGES, 1, 0, 0, 0)
            _call(_libc().syscall, _RESTRICT_SELF, ruleset, 0)
        finally:
            os.close(ruleset)


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("rights", ctypes.c_uint64), ("folder", ctypes.c_int32))


def landlock_version() -> int:
    """Return the version of Landlock's interface that this system has; 0: none."""
    if sys.platform != "linux":
        return 0
    global _version
    if _version is None:
        _version = max(0, int(_libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)))
    return _version


_version: int | None = None


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _new_ruleset(version: int, handled: int) -> int:
    network, scopes = (rights if since <= version else 0 for since, rights in (_NETWORK, _SCOPES))
    attributes = _RulesetAttributes(handled, network, scopes)
    known = 8 * (1 + (version >= _NETWORK[0]) + (version >= _SCOPES[0]))
    return _call(_libc().syscall, _CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(known), 0)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        rule = _PathBeneath(rights if path.is_dir() else rights & _FILE_RIGHTS, place)
        _call(_libc().syscall, _ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(place)


def _call(function: Callable[..., int], *arguments: object) -> int:
    result = function(*arguments)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock: {os.strerror(number)}")
    return int(result)
