"""Where settings come from: defaults < vlog.toml < VLOG_* environment < command line.

A key that nobody knows stops the start, with its name and its line: a misspelt setting that is
silently ignored costs an evening.
"""

from __future__ import annotations

from vlog.configuration.checking import TOKEN_VARIABLE, plain_reason
from vlog.configuration.known_keys import keys, sections
from vlog.configuration.origins import DEFAULT, Configuration, Origin
from vlog.configuration.paths import with_absolute_paths
from vlog.configuration.reading import load
from vlog.configuration.secrets import admin_password, secret_in
from vlog.configuration.showing import as_data, show

__all__ = [
    "DEFAULT",
    "TOKEN_VARIABLE",
    "Configuration",
    "Origin",
    "admin_password",
    "as_data",
    "keys",
    "load",
    "plain_reason",
    "secret_in",
    "sections",
    "show",
    "with_absolute_paths",
]
