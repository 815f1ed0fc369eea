"""All commands in one application, and what its exit code says.

0: done. 1: failed, a sentence on standard error says why. 2: the command line makes no sense.
3: VLog does not answer. 130: stopped with Ctrl-C.
"""

from __future__ import annotations

import typer

from vlog.cli import (
    access,
    backup,
    captions,
    configuration,
    database,
    doctor,
    models,
    restore,
    rungs,
    serve,
    service,
    uploads,
    videos,
)
from vlog.errors import NoAnswer, VLogError

NO_ANSWER = 3

app = typer.Typer(
    help="VLog: self-hosted video, in one process.",
    epilog="Exit codes: 0 done, 1 failed (standard error says why), 2 wrong usage, "
    f"{NO_ANSWER} VLog does not answer. With --json, standard output holds nothing but JSON.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)
# In the order in which `vlog --help` shows them.
for commands in (
    *(serve, uploads, videos, rungs, captions, access, models, configuration),
    *(doctor, backup, restore, database, service),
):
    app.add_typer(commands.app)


def main() -> None:
    """Run the command line. What goes wrong on purpose is one sentence and an exit code."""
    try:
        app()
    except VLogError as error:
        typer.echo(error.detail, err=True)
        raise SystemExit(NO_ANSWER if isinstance(error, NoAnswer) else 1) from None
