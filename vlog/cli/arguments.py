"""Arguments that several commands take, and the Tab key completes."""

from __future__ import annotations

from typing import Annotated

import typer

from vlog.cli.completion import complete_video

_VIDEO_HELP = "Number of the video, as `vlog list` shows it"
VideoId = Annotated[int, typer.Argument(help=_VIDEO_HELP, autocompletion=complete_video)]
VideoIds = Annotated[
    list[int], typer.Argument(help="Numbers of videos", autocompletion=complete_video)
]
