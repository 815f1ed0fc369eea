"""Finding out what is wrong on this machine."""

from __future__ import annotations

import dataclasses

import typer

from vlog.cli.installation import Installation, at_installation
from vlog.cli.panels import SET_UP

app = typer.Typer()

_MARKS = {"well": "ok     ", "warning": "warning", "broken": "BROKEN "}


@app.command(rich_help_panel=SET_UP)
@at_installation
def doctor(here: Installation) -> None:
    """Look whether everything on this machine is as VLog needs it, and say how to cure it.

    Nothing is changed, and VLog may be running. The exit code is 1 where something is broken;
    warnings leave it 0.
    """
    from vlog.doctor.examination import examine

    is_broken = False
    for finding in examine(here.configuration.settings):
        is_broken = is_broken or finding.state == "broken"
        lines = [f"{_MARKS[finding.state]}  {finding.name}: {finding.sentence}"]
        if finding.cure:
            lines.append(f"         {finding.cure}")
        here.output.show(dataclasses.asdict(finding), "\n".join(lines))
    if is_broken:
        raise typer.Exit(1)
