"""What the documents tell people to type is understood by the command line."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import typer

from vlog.cli import app

# Typer has a click of its own, which it does not export.
WrongUsage = cast("type[Exception]", typer.BadParameter.__mro__[1])

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# `vlog` at the beginning of a line or of a part of it, behind `sudo` and variables.
_TYPED = re.compile(r"^(?:sudo\s+|\w+=\S+\s+|ExecStart=)*(?:\S*/)?vlog\s+(?P<rest>[a-z].*)$")
_FENCE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")


def _pieces(text: str) -> Iterator[str]:
    """Everything in a document that is code."""
    for block in _FENCE.findall(text):
        yield from block.splitlines()
    yield from _INLINE.findall(_FENCE.sub("", text))


def typed_in(text: str) -> list[str]:
    """What stands behind `vlog` in a document."""
    parts = [part.strip() for piece in _pieces(text) for part in re.split(r"\s+#|\||&&|;|>", piece)]
    return [match["rest"].strip() for part in parts if (match := _TYPED.match(part))]


def understood(words: list[str]) -> str:
    """The name of the command that takes these words. Raises WrongUsage."""
    command: Any = typer.main.get_command(app)
    context = typer.Context(command, info_name="vlog")
    names = ["vlog"]
    while hasattr(command, "resolve_command"):
        name, command_found, words = command.resolve_command(context, words)
        assert command_found is not None
        command, names = command_found, [*names, str(name)]
        context = typer.Context(command, info_name=name, parent=context)
    # Words in capitals stand for something: only their number and place is looked at.
    command.make_parser(context).parse_args(list(words))
    return " ".join(names)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_in_a_document_is_understood(document: Path) -> None:
    for line in typed_in(document.read_text(encoding="utf-8")):
        try:
            understood(shlex.split(line))
        except WrongUsage as error:
            pytest.fail(f"{document.name}: `vlog {line}`: {error}")


def test_what_is_not_understood_is_found() -> None:
    document = "```sh\nsudo /opt/vlog/bin/vlog serve --no-such-thing | cat\n```\n`vlog nonsense`"
    assert typed_in(document) == ["serve --no-such-thing", "nonsense"]
    for line in typed_in(document):
        with pytest.raises(WrongUsage):
            understood(line.split())
    assert understood(["db", "downgrade", "0012", "--yes"]) == "vlog db downgrade"


def test_the_documents_name_commands_at_all() -> None:
    found = {line.split()[0] for path in DOCUMENTS for line in typed_in(path.read_text())}
    assert {"serve", "upload", "backup", "restore", "doctor", "db", "service"} <= found
