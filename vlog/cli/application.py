"""All commands in one application, and what its exit code says.

0: done. 1: failed, a sentence on standard error says why. 2: the command line makes no sense.
3: VLog does not answer. 130: stopped with Ctrl-C.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from vlog import __version__
from vlog.cli import (
    access,
    backup,
    captions,
    categories,
    configuration,
    database,
    doctor,
    downloads,
    imports,
    models,
    restore,
    rungs,
    serve,
    service,
    uploads,
    videos,
    waiting,
    work,
)
from vlog.errors import NoAnswer, VLogError

NO_ANSWER = 3


class _Commands(TyperGroup):
    """What goes wrong on purpose is one sentence and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was typed."""
        try:
            return super().invoke(ctx)
        except VLogError as error:
            typer.echo(error.detail, err=True)
            raise typer.Exit(NO_ANSWER if isinstance(error, NoAnswer) else 1) from None


app = typer.Typer(
    cls=_Commands,
    epilog="Exit codes: 0 done, 1 failed (standard error says why), 2 wrong usage, "
    f"{NO_ANSWER} VLog does not answer. With --json, standard output holds nothing but JSON.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)
# In the order in which `vlog --help` shows them.
for _noun in (
    *(serve, uploads, imports, downloads, videos, waiting, work, categories, rungs, captions),
    *(access, models, configuration, doctor, backup, restore, database, service),
):
    app.add_typer(_noun.app)


def _print_version(wished: bool) -> None:
    if wished:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version and exit.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """VLog: self-hosted video, in one process."""


def main() -> None:
    """Run the command line."""
    app()
