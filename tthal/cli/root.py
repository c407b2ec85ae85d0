"""The ``tthal`` command and its way of finding subcommands, plugins' ones included."""

from __future__ import annotations

from typing import Any

import click

from tthal import __version__
from tthal.cli.backends import backends
from tthal.cli.cache import cache
from tthal.cli.console import print_problem
from tthal.cli.doctor import doctor
from tthal.cli.new import new
from tthal.cli.pytest_command import pytest_command
from tthal.cli.run import run
from tthal.errors import BackendError, TthalError
from tthal.kit.suggestions import did_you_mean, listing
from tthal.plugins.facade import Plugins
from tthal.trace.cli import trace


class PluginGroup(click.Group):
    """A group whose commands also come from plugins; these are imported only when a command of theirs may be meant."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self._plugin_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or self._plugin_commands(ctx).get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            commands = self.list_commands(ctx)
            ctx.fail(f"there is no command {name!r}.{did_you_mean(name, commands)} Commands: {listing(commands)}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except TthalError as error:
            if ctx.params.get("traceback"):
                raise
            print_problem(str(error))
            ctx.exit(1)

    def _plugin_commands(self, ctx: click.Context) -> dict[str, click.Command]:
        known: dict[str, click.Command] | None = ctx.meta.get("tthal.plugin_commands")
        if known is None:
            known = ctx.meta["tthal.plugin_commands"] = self._load_plugin_commands()
        return known

    def _load_plugin_commands(self) -> dict[str, click.Command]:
        plugins, problems = Plugins.for_commands()
        commands, failures = plugins.cli_commands()
        owners = dict.fromkeys(self.commands, "tthal itself")
        found: dict[str, click.Command] = {}
        for entry, command in commands:
            name = command.name or ""
            if name in owners:
                failures.append(BackendError(f"{entry} adds the command {name!r}, which {owners[name]} has already"))
                continue
            owners[name] = str(entry)
            found[name] = command
        for problem in [*problems, *failures]:
            print_problem(f"{problem}", "warning")
        return found


@click.group(cls=PluginGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="tthal")
@click.option("--traceback", is_flag=True, help="Show the whole traceback of an error.")
def tthal(traceback: bool) -> None:
    """Run TT-Metal host programs and their kernels on a laptop, on a card or from a trace.

    The backend is selected by TTHAL_BACKEND (NAME[:ARGUMENT][?KEY=VALUE&KEY=VALUE]); the default is the emulator.

    \b
    tthal new my_op                                a project to begin with
    tthal run my_op.py                             run it; `import ttnn` means tthal
    tthal check --full my_op.py                    find its mistakes
    tthal profile my_op.py                         what it would take on a card
    tthal run --record run.tttrace my_op.py        record it, and play it back:
    tthal run --backend replay:run.tttrace my_op.py

    `tthal COMMAND --help` says more of each.
    """


for command in (new, backends, doctor, run, pytest_command, cache, trace):
    tthal.add_command(command)
