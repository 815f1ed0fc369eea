"""What a command prints: sentences and columns for people, or JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, a line for each thing")]


@dataclass(frozen=True)
class Output:
    """Standard output. As JSON it is ASCII, which no terminal and no pipe can spoil."""

    as_json: bool

    def show(self, data: object, text: str) -> None:
        """Print one thing: `data` for programs or `text` for people."""
        typer.echo(json.dumps(data) if self.as_json else text)

    def row(
        self, data: dict[str, Any], columns: Sequence[object], widths: Sequence[int] = ()
    ) -> None:
        """Print one thing of many: columns with tabs between them, or of these widths on a screen.

        A negative width puts a column to the right. The last column is as wide as it is.
        """
        texts = [str(column) for column in columns]
        if sys.stdout.isatty():
            texts = [_padded(text, width) for text, width in zip(texts, widths, strict=False)] + [
                *texts[len(widths) :]
            ]
        self.show(data, ("  " if sys.stdout.isatty() else "\t").join(texts))


def _padded(text: str, width: int) -> str:
    return text.rjust(-width) if width < 0 else text.ljust(width)
