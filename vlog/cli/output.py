"""What a command prints: sentences and tables for people, or JSON for programs."""

from __future__ import annotations

import json
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

    def row(self, data: dict[str, Any], *columns: object) -> None:
        """Print one thing of many; for people its columns, with tabs between them."""
        self.show(data, "\t".join(map(str, columns)))
