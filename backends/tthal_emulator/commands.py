"""The ``tthal numerics`` commands: how numbers come about, and how far the fast grade is from the exact one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import numpy as np

from tthal.errors import TthalError
from tthal.kit.suggestions import did_you_mean
from tthal.types import DataFormat, MathFidelity
from tthal_emulator.board.boards import BOARDS
from tthal_emulator.chain import Chain, Seen, run
from tthal_emulator.tensix.datum import F32
from tthal_emulator.tensix.errors import TensixError
from tthal_emulator.tensix.explain import OPERATIONS, Explanation, Question, explain
from tthal_emulator.tensix.formats import FORMATS, TILE_SIDE
from tthal_emulator.tensix.operations import Follow

_FLOATS = {row.format.name: row.format for row in FORMATS.values() if not row.is_integer}


class _Format(click.ParamType[DataFormat]):
    """A data format's name."""

    name = "format"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> DataFormat:
        if isinstance(value, DataFormat):
            return value
        known = {name.lower(): found for name, found in _FLOATS.items()}
        found = known.get(str(value).lower())
        if found is None:
            self.fail(
                f"no format {value!r}.{did_you_mean(str(value), _FLOATS)} Formats: {', '.join(_FLOATS)}", param, ctx
            )
        return found


class _Element(click.ParamType[tuple[int, int]]):
    """ROW,COLUMN."""

    name = "row,column"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        try:
            row, column = (int(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is not ROW,COLUMN, such as 3,17", param, ctx)
        return row, column


_OPTIONS = (
    click.option(
        "--format", "format_a", type=_Format(), default="Float16_b", show_default=True, help="Of the first operand."
    ),
    click.option("--format-b", type=_Format(), help="Of the second operand; default: as the first."),
    click.option("--format-out", type=_Format(), help="Of the packed result; default: as the first operand."),
    click.option(
        "--fidelity",
        type=click.Choice([f.name for f in MathFidelity if f.name != "Invalid"]),
        default="HiFi4",
        show_default=True,
    ),
    click.option("--fp32-dest", is_flag=True, help="A 32-bit DST (fp32_dest_acc_en)."),
    click.option("--board", type=click.Choice(sorted(BOARDS)), default="n150", show_default=True),
    click.option(
        "--follow", type=click.Choice([f.value for f in Follow]), default=Follow.SILICON.value, show_default=True
    ),
    click.option("--element", type=_Element(), default="0,0", show_default=True, help="Row and column of the result."),
)


def _of_tiles(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say what kinds of tiles there are, how they are computed with and which element is shown."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.group(short_help="Explain the numbers of tile operations.")
def numerics() -> None:
    """Explain the numbers of tile operations.

    \b
    tthal numerics explain add 1.0 -1.0000001 --format Float32     step by step
    tthal numerics chain 1.1 "gelu_tile_init(); gelu_tile(0)"      DST after every call
    tthal numerics deviation                                       fast against exact
    """


# Numbers below zero are no options.
@numerics.command(
    "explain", short_help="Print the steps that lead to one element.", context_settings={"ignore_unknown_options": True}
)
@click.argument("operation", type=click.Choice(OPERATIONS))
@click.argument("a")
@click.argument("b", required=False)
@_of_tiles
def explain_command(
    operation: str,
    a: str,
    b: str | None,
    format_a: DataFormat,
    format_b: DataFormat | None,
    format_out: DataFormat | None,
    fidelity: str,
    fp32_dest: bool,
    board: str,
    follow: str,
    element: tuple[int, int],
) -> None:
    """Print the steps that lead to one element of a tile operation: what lies in L1 and in the source registers, every
    instruction with its fidelity phase, groups and DST before and after, and what the packer makes of it.

    A and B are .npy files (32x32; for a matmul 32xK and Kx32), or numbers: one fills the tile, several separated by
    commas fill the begin of its first row. B of a sum is the scaler, 1 unless given.

    \b
    tthal numerics explain add 1.0 -1.0000001 --format Float32 --fp32-dest
    tthal numerics explain matmul a.npy b.npy --fidelity LoFi --element 3,17
    tthal numerics explain sum-row 1.265625,1.7890625,0.271484375,1.671875 \\
          --format Float32 --format-b Float16_b --format-out Float16_b --fp32-dest
    """
    question = Question(
        operation,
        _operand(a, operation),
        _operand(b if b is not None else "1" if operation.startswith("sum") else "0", operation),
        (format_a, format_b or format_a, format_out or format_a),
        element,
        BOARDS[board].chip.tensix,
        MathFidelity[fidelity],
        fp32_dest,
        Follow(follow),
    )
    if b is None and operation in ("add", "sub", "mul", "matmul"):
        raise click.UsageError(f"{operation} needs a second operand, a .npy file or numbers")
    try:
        explanation = explain(question)
    except (TensixError, TthalError) as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(_text(explanation))


@numerics.command(
    "chain", short_help="Print an element in DST after every call.", context_settings={"ignore_unknown_options": True}
)
@click.argument("a")
@click.argument("calls", nargs=-1, required=True)
@click.option("--and", "b", metavar="B", help="A second tile, in circular buffer 1 and DST 1.")
@_of_tiles
def chain_command(
    a: str,
    calls: tuple[str, ...],
    b: str | None,
    format_a: DataFormat,
    format_b: DataFormat | None,
    format_out: DataFormat | None,
    fidelity: str,
    fp32_dest: bool,
    board: str,
    follow: str,
    element: tuple[int, int],
) -> None:
    """Run statements of the compute API on tile A in DST 0, and print one element of DST 0 after each, then as packed.

    A and B are .npy files (32x32) or numbers, as for explain; CALLS are statements, each in quotes.

    \b
    tthal numerics chain 1.1 "exp_tile_init(); exp_tile(0)" "recip_tile_init(); recip_tile(0)" --fp32-dest
    tthal numerics chain 1.1 --and 0.3 --format-out Bfp8_b \\
          "binary_dest_reuse_tiles_init<EltwiseBinaryType::ELWMUL, EltwiseBinaryReuseDestType::DEST_TO_SRCA>(1)" \\
          "binary_dest_reuse_tiles<EltwiseBinaryType::ELWMUL, EltwiseBinaryReuseDestType::DEST_TO_SRCA>(1, 0, 0)"
    """
    row, column = element
    if not (0 <= row < TILE_SIDE and 0 <= column < TILE_SIDE):
        raise click.UsageError(f"element {row},{column} is outside of a 32x32 tile")
    second = () if b is None else (format_b or format_a,)
    chain = Chain(
        calls,
        tuple(_operand(text, "chain") for text in (a, b) if text is not None),
        (format_a, *second, format_out or format_a),
        element,
        board,
        MathFidelity[fidelity],
        fp32_dest,
        follow,
    )
    try:
        seen = run(chain)
    except TthalError as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(_chain_text(chain, seen))


def _chain_text(chain: Chain, seen: Seen) -> str:
    lines = ["In L1"]
    lines += [
        f"  {name} as {form.name}: {value:.9g}"
        for name, form, value in zip("AB", chain.formats, seen.stored, strict=False)
    ]
    first, *later = (f"{float(np.uint32(bits).view(np.float32)):.9g} ({bits:#010x})" for bits in seen.patterns)
    lines += ["Copied to DST", f"  {first}"]
    for call, after in zip(chain.calls, later, strict=True):
        lines += [call, f"  DST {after}"]
    return "\n".join([*lines, "Packed", f"  {chain.formats[-1].name} in L1: {seen.packed:.9g}"])


@numerics.command("deviation", short_help="Print how far numerics=fast is from numerics=exact.")
def deviation_command() -> None:
    """Print how far numerics=fast is from numerics=exact, per operation, format, DST mode and fidelity."""
    from tthal_emulator.tensix.deviation import measure, table

    click.echo(table(measure()))


def _operand(text: str, operation: str) -> F32:
    """Read an operand from a file, or make it from numbers."""
    if text.endswith(".npy"):
        return _shaped(_loaded(Path(text)), text, operation)
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise click.UsageError(f"{text!r} is neither a .npy file nor numbers separated by commas") from None
    if len(numbers) == 1:
        return np.full((TILE_SIDE, TILE_SIDE), numbers[0], np.float32)
    if len(numbers) > TILE_SIDE:
        raise click.UsageError(f"{len(numbers)} numbers do not fit a row of {TILE_SIDE}; hand in a .npy file")
    values = np.zeros((TILE_SIDE, TILE_SIDE), np.float32)
    values[0, : len(numbers)] = numbers
    return values


def _loaded(path: Path) -> F32:
    try:
        values = np.load(path, allow_pickle=False)
        return np.ascontiguousarray(values, np.float32)
    except (OSError, ValueError, TypeError) as problem:
        raise click.UsageError(f"cannot read {path}: {problem}") from None


def _shaped(values: F32, name: str, operation: str) -> F32:
    whole = values.ndim == 2 and all(side and side % TILE_SIDE == 0 for side in values.shape)
    if not whole or (values.size != TILE_SIDE**2 and (operation != "matmul" or TILE_SIDE not in values.shape)):
        wanted = "32xK or Kx32 with K a multiple of 32" if operation == "matmul" else "32x32"
        raise click.UsageError(f"{name} has shape {values.shape}; {operation} needs {wanted}")
    return values


def _text(explanation: Explanation) -> str:
    lines = []
    for step in explanation.steps:
        lines += [step.title, *(f"  {line}" for line in step.lines)]
    difference = explanation.packed - explanation.in_float64
    lines += ["In float64", f"  {explanation.in_float64:.12g}; what was packed differs by {difference:.3g}"]
    return "\n".join(lines)
