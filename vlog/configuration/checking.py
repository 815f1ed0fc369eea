"""Whether every key that somebody wrote is a setting, and what is wrong with its value."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic_core import ErrorDetails

from vlog.configuration.known_keys import keys, sections
from vlog.errors import ConfigurationError

PREFIX = "VLOG_"
CONFIG_VARIABLE = "VLOG_CONFIG"
# No setting: what the command line proves itself with.
TOKEN_VARIABLE = "VLOG_TOKEN"


def check_file_keys(file: Path | None, text: str, tree: dict[str, Any]) -> None:
    known = sections()
    for section, values in tree.items():
        if section not in known:
            line = _line_of(text, rf"^\s*\[\s*{re.escape(section)}\b|^\s*{re.escape(section)}\s*=")
            raise ConfigurationError(_unknown(f"{file}, line {line}: [{section}]", section, known))
        if not isinstance(values, dict):
            raise ConfigurationError(f"{file}: `{section}` is a section; write [{section}].")
        for name in values:
            fields = known[section].model_fields
            if name not in fields:
                line = _line_of(
                    text, rf"^\s*{re.escape(name)}\s*=", after=rf"^\s*\[\s*{section}\s*\]"
                )
                raise ConfigurationError(
                    _unknown(f"{file}, line {line}: `{name}` in [{section}]", name, fields)
                )


def check_environment() -> dict[str, str]:
    """The variables that set a key, by `section.key`."""
    known = {f"{PREFIX}{section}__{name}".upper(): key for key, (section, name) in keys().items()}
    found = {}
    for variable in os.environ:
        upper = variable.upper()
        if not upper.startswith(PREFIX) or upper in (CONFIG_VARIABLE, TOKEN_VARIABLE):
            continue
        if upper not in known:
            close = difflib.get_close_matches(upper, list(known), n=1)
            hint = f" Did you mean {close[0]}?" if close else ""
            raise ConfigurationError(f"The environment variable {variable} is not a setting.{hint}")
        found[known[upper]] = variable
    return found


def plain_reason(error: ErrorDetails) -> str:
    """What is wrong with a value, as one says it: `must be at least 1`."""
    limits = error.get("ctx", {})
    known = {
        "greater_than_equal": "must be at least {ge}",
        "greater_than": "must be more than {gt}",
        "less_than_equal": "must be at most {le}",
        "string_too_short": "must not be empty",
        "string_too_long": "may have at most {max_length} characters",
        "string_type": "must be a text",
        "int_parsing": "must be a whole number",
        "int_parsing_size": "must be a smaller number",
        "int_type": "must be a whole number",
        "int_from_float": "must be a whole number",
        "float_parsing": "must be a number",
        "float_type": "must be a number",
        "finite_number": "must be a number",
        "bool_parsing": "must be true or false",
        "bool_type": "must be true or false",
        "tuple_type": "must be a list",
        "literal_error": "must be {expected}",
    }
    sentence = known.get(error["type"])
    return sentence.format(**limits) if sentence else error["msg"].removeprefix("Value error, ")


def _line_of(text: str, pattern: str, after: str | None = None) -> int:
    start = 0
    if after is not None and (found := re.search(after, text, re.MULTILINE)):
        start = found.end()
    place = re.compile(pattern, re.MULTILINE).search(text, start)
    return text.count("\n", 0, place.end() if place else 0) + 1


def _unknown(where: str, name: str, known: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    hint = f" Did you mean `{close[0]}`?" if close else f" Known are: {', '.join(known)}."
    return f"{where} is not a setting.{hint}"
