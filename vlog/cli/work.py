"""The work of a running VLog: what there is of it, pausing it and letting it go on."""

from __future__ import annotations

import typer

from vlog.cli.panels import MANAGE
from vlog.cli.server import Server, at_server
from vlog.cli.work_texts import WIDTHS, rows_of, sentences_of

app = typer.Typer()


@app.command(rich_help_panel=MANAGE)
@at_server
def work(server: Server) -> None:
    """Show all work that is not done: what failed, what runs, what waits, and why."""
    found = server.client.work()
    if server.output.as_json:
        server.output.show(found, "")
        return
    for sentence in sentences_of(found):
        typer.echo(sentence)
    for columns in rows_of(found):
        server.output.row({}, columns, WIDTHS)


@app.command(rich_help_panel=MANAGE)
@at_server
def pause(server: Server) -> None:
    """Begin no new work, also after a restart. What was begun is finished, uploads are kept."""
    server.output.show(
        server.client.pause_work(),
        "All work is paused. What was begun is being finished; `vlog resume` lets the rest go on.",
    )


@app.command(rich_help_panel=MANAGE)
@at_server
def resume(server: Server) -> None:
    """Let work go on that was paused."""
    server.output.show(server.client.resume_work(), "Work goes on.")
