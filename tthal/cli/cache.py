"""``tthal cache``: what plugins keep on disk, and getting rid of it."""

from __future__ import annotations

import click
from rich.table import Table
from rich.text import Text

from tthal.cli.console import out, print_problem
from tthal.cli.doctor import human_size
from tthal.kit.suggestions import did_you_mean, listing
from tthal.plugins.facade import Plugins
from tthal.plugins.hookspecs import CacheInfo


@click.group(short_help="Show or empty the caches on disk.")
def cache() -> None:
    """Show or empty the caches on disk, such as compiled kernels.

    \b
    tthal cache info
    tthal cache clear kernels

    TTHAL_CACHE_DIR says where they are. What is deleted is made again when it is needed.
    """


@cache.command()
def info() -> None:
    """List the caches with their folders, their sizes and the sizes that they keep to."""
    caches = _caches()
    if not caches:
        out().print("no plugin keeps a cache")
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading in ("name", "size", "limit", "folder"):
        table.add_column(heading, overflow="fold", no_wrap=heading != "folder")
    for each in caches:
        table.add_row(Text(each.name), human_size(each.size), _limit(each), Text(str(each.path)))
    out().print(table)


@cache.command()
@click.argument("names", nargs=-1)
def clear(names: tuple[str, ...]) -> None:
    """Empty the named caches, or all of them. What is needed again is made again."""
    caches = _caches()
    known = [each.name for each in caches]
    for name in names:
        if name not in known:
            raise click.UsageError(f"there is no cache {name!r}.{did_you_mean(name, known)} Caches: {listing(known)}")
    for each in caches:
        if not names or each.name in names:
            each.clear()
            out().print(Text(f"emptied {each.name}: {human_size(each.size)}"))


def _limit(cache: CacheInfo) -> str:
    return human_size(cache.limit) if cache.limit else "none"


def _caches() -> list[CacheInfo]:
    plugins, problems = Plugins.for_commands()
    caches, failures = plugins.caches()
    for problem in [*problems, *failures]:
        print_problem(str(problem), "warning")
    return [each for _, each in caches]
