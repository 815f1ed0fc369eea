"""The pages of docs/ that are made from the code. `make docs` writes them; a test compares."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from pydantic.fields import FieldInfo

from vlog.settings import Section, Settings
from vlog.web.admin import ADMIN_OPERATIONS
from vlog.web.operations import Operation
from vlog.web.public import PUBLIC_OPERATIONS
from vlog.web.requirements import OPEN, scope_of

_FOLDER = Path(__file__).parents[1] / "docs"

_CONFIGURATION = """\
# Configuration

VLog runs without any. What is set is read from `vlog.toml` in the folder where it is started (or
the file that `--config` or `VLOG_CONFIG` names), then from the environment, then from the command
line; what comes later wins. In the environment the key `port` of the section `[public]` is
`VLOG_PUBLIC__PORT`; lists are words with commas between them or JSON. A key that nobody knows
stops the start, with its line. Relative paths count from the file's folder.

`vlog config show` prints every value with its origin, `vlog config check` says whether all is
well.
"""
_API = """\
# API

Both ports describe their API at `/openapi.json` (OpenAPI 3.1), with every field of questions and
answers. Answers are JSON, times are ISO 8601 with a zone, durations seconds, sizes bytes, rates
bits per second. Errors are `application/problem+json` (RFC 9457) with a `detail` for people and a
`code` for programs. `HEAD` is answered wherever `GET` is.
"""
_SCOPES = """\
Send a token as `Authorization: Bearer vlog_...`; it is made in the panel's page Account, by
`POST /api/tokens` or by `vlog token create`. `edit` contains `read`, `admin` contains everything.
What has no scope needs no token. The name `admin` with the password (HTTP Basic) may do everything.
"""


def documents() -> dict[Path, str]:
    """Each page's path and the text that it must have."""
    return {_FOLDER / "configuration.md": configuration(), _FOLDER / "api.md": api()}


def configuration() -> str:
    """Every setting with its default and what it does."""
    parts = [_CONFIGURATION]
    for name, field in Settings.model_fields.items():
        section = field.annotation
        assert isinstance(section, type)
        assert issubclass(section, Section)
        rows = ["| key | default | what it is |", "| --- | --- | --- |"]
        rows += [_setting(key, one) for key, one in section.model_fields.items()]
        parts.append("\n".join((f"## `[{name}]`", "", *rows, "")))
    return "\n".join(parts)


def _setting(key: str, field: FieldInfo) -> str:
    default = field.default
    if isinstance(default, tuple):
        shown = json.dumps(list(default))
    elif isinstance(default, Path):
        shown = json.dumps(str(default))
    else:
        shown = json.dumps(default)
    text = (field.description or "").replace("|", "\\|")
    return f"| `{key}` | `{shown}` | {text} |"


def api() -> str:
    """Every operation of both ports."""
    return "\n".join(
        (
            _API,
            _operations("Public site", PUBLIC_OPERATIONS),
            _operations("Admin panel", ADMIN_OPERATIONS, scoped=True),
            _SCOPES,
        )
    )


def _operations(title: str, operations: Sequence[Operation], *, scoped: bool = False) -> str:
    columns = ["operation", "scope", "what it does"] if scoped else ["operation", "what it does"]
    rows = [_row(columns), _row(["---"] * len(columns))]
    for one in operations:
        scope = "" if one.path in OPEN else scope_of(one)
        said = [f"`{one.method} {one.path}`", *([scope] if scoped else []), one.summary]
        rows.append(_row(said))
    return "\n".join((f"## {title}", "", *rows, ""))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


if __name__ == "__main__":
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")
