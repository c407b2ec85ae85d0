"""``tthal run``: a Python program on a chosen backend."""

from __future__ import annotations

import os
import runpy
import sys
import traceback as tracebacks
from collections.abc import Callable
from glob import escape
from pathlib import Path
from types import TracebackType

import click

from tthal.cli.console import print_problem
from tthal.errors import TthalError
from tthal.kit.suggestions import did_you_mean, listing
from tthal.plugins.facade import backend_entry
from tthal.selection import AUTO, BACKEND_VARIABLE, Selection
from tthal.trace.recording import RECORD_VARIABLE

INTERRUPTED = 130
"""The exit status of a program that Ctrl-C ended, as shells have it."""
_CALLED_WRONG = 2
"""The exit status of a program that does not know an option, as argparse and click have it."""


class Script(click.Path):
    """A script that exists. What looks like an option there is one that the command does not have."""

    def __init__(self) -> None:
        super().__init__(exists=True, dir_okay=False)

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """See :class:`click.Path`."""
        if ctx is not None and str(value).startswith("-") and not os.path.exists(value):
            name, own = str(value).partition("=")[0], _options(ctx)
            ctx.fail(f"there is no option {name!r}.{did_you_mean(name, own)} Options: {listing(own)}")
        return super().convert(value, param, ctx)


def _options(context: click.Context) -> list[str]:
    parameters = context.command.get_params(context)
    return [name for each in parameters for name in (*each.opts, *each.secondary_opts) if name.startswith("-")]


@click.command(
    short_help="Run a Python script on a chosen backend.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option("--backend", metavar="SELECTION", help="What to run on: NAME[:ARGUMENT][?KEY=VALUE&KEY=VALUE].")
@click.option("--record", metavar="FILE", type=click.Path(dir_okay=False), help="Record the run into a trace file.")
@click.option("--traceback", is_flag=True, help="Show the whole traceback when tthal reports an error.")
@click.option("--no-alias", is_flag=True, help="Let `import ttnn` mean the vendor's package, not tthal.")
@click.argument("script", type=Script())
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def run(
    backend: str | None,
    record: str | None,
    traceback: bool,
    no_alias: bool,
    script: str,
    arguments: tuple[str, ...],
) -> None:
    """Run a Python SCRIPT with its ARGUMENTS on a chosen backend.

    The same as `TTHAL_BACKEND=… python SCRIPT …`, also for the processes it starts, but an error that tthal reports
    is printed as one message, and in SCRIPT `import ttnn` means tthal. The script's exit status is passed on.

    \b
    tthal run my_op.py --size 1024
    tthal run --backend emulator:p150 my_op.py             a Blackhole board
    tthal run --backend 'emulator?check=full' my_op.py     races and stray pointers too
    tthal run --record run.tttrace my_op.py                and play it back:
    tthal run --backend replay:run.tttrace my_op.py

    `tthal backends` lists what can be selected, with all options.
    """
    select(backend, record)
    if not no_alias:
        from tthal.ttnn import alias

        alias.install()
    status = run_script(script, arguments, traceback)
    if record is not None and not was_recorded(record):
        print_problem(
            f"nothing was recorded: {record} does not exist. The script opened no device, or TTHAL_PLUGINS leaves the "
            "recorder out"
        )
        status = status or 1
    sys.exit(status)


def select(backend: str | None, record: str | None) -> None:
    """Set the variables by which this process and its children select a backend and record.

    Raises:
        SelectionError: the selection cannot be read, or there is no such backend.
    """
    if backend is not None:
        selection = Selection.parse(backend)
        if selection.backend != AUTO:
            backend_entry(selection.backend)
        os.environ[BACKEND_VARIABLE] = str(selection)
    if record is not None:
        os.environ[RECORD_VARIABLE] = str(Path(record).absolute())


def was_recorded(record: str) -> bool:
    """Whether there is a trace; {pid} in its name stands for the number of the process that recorded it."""
    path = Path(record).absolute()
    return any(path.parent.glob(escape(path.name).replace(escape("{pid}"), "*")))


def run_script(
    script: str,
    arguments: tuple[str, ...],
    traceback: bool,
    is_told: Callable[[TthalError], bool] = lambda error: False,
) -> int | str | None:
    """Run a script as ``python SCRIPT`` would; return its exit status.

    Errors are printed; of one that the caller tells, only where it was raised.
    """
    sys.argv = [script, *arguments]
    sys.path.insert(0, str(Path(script).resolve().parent))
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as error:
        if error.code == _CALLED_WRONG:
            tell_of_own_options(arguments)
        return error.code
    except KeyboardInterrupt:
        print_problem("interrupted")
        return INTERRUPTED
    except TthalError as error:
        if traceback:
            _print_traceback(error, script)
        else:
            _print_message(error, script, is_told(error))
        return 1
    except BaseException as error:  # noqa: BLE001 - the interpreter's own last resort, for a program that is not ours
        _print_traceback(error, script)
        return 1
    return None


def tell_of_own_options(arguments: tuple[str, ...]) -> None:
    """Say which of a failed script's arguments are options of the running command: they went to the script."""
    context = click.get_current_context(silent=True)
    if context is None:
        return
    own = {name for parameter in context.command.params for name in parameter.opts if name.startswith("-")}
    given = dict.fromkeys(argument.partition("=")[0] for argument in arguments)
    if meant := [name for name in given if name in own]:
        print_problem(
            f"what stands behind the script goes to it; if {', '.join(meant)} is meant for `{context.command_path}`, "
            "put it before the script",
            "note",
        )


def _print_message(error: TthalError, script: str, is_told: bool) -> None:
    kind = type(error).__name__
    if not is_told:
        print_problem(f"{kind}: {error}")
    own = [frame for frame in tracebacks.extract_tb(error.__traceback__) if _is_same(frame.filename, script)]
    if own:
        place = f"raised by {own[-1].filename}, line {own[-1].lineno}: {own[-1].line}"
        print_problem(f"{kind} {place}" if is_told else place, "note")


def _print_traceback(error: BaseException, script: str) -> None:
    tracebacks.print_exception(type(error), error, _from_script(error.__traceback__, script))


def _from_script(trace: TracebackType | None, script: str) -> TracebackType | None:
    first = trace
    while first is not None and not _is_same(first.tb_frame.f_code.co_filename, script):
        first = first.tb_next
    return first or trace


def _is_same(filename: str, script: str) -> bool:
    return os.path.abspath(filename) == os.path.abspath(script)
