"""The installation on this machine, as its configuration describes it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vlog.cli.common_options import Command, with_options
from vlog.cli.options import Config
from vlog.cli.output import AsJson, Output

if TYPE_CHECKING:
    from vlog.configuration import Configuration


@dataclass(frozen=True)
class Installation:
    """What a command that works on this machine gets."""

    configuration: Configuration
    output: Output

    @property
    def present(self) -> Configuration:
        """The configuration, with what was chosen in the panel besides."""
        from vlog.panel_settings import with_choices

        return asyncio.run(with_choices(self.configuration))


def at_installation(command: Command) -> Command:
    """A command that gets an Installation, and takes `--config` and `--json`."""

    def body(*, config: Path | None, as_json: bool, **given: Any) -> None:
        command(Installation(load_configuration(config), Output(as_json)), **given)

    return with_options(command, body, {"config": Config, "as_json": AsJson})


def load_configuration(
    config: Path | None, given: Mapping[str, Mapping[str, Any]] | None = None
) -> Configuration:
    """The configuration, with what the command line gives of it. Raises ConfigurationError."""
    from vlog.configuration import load

    chosen = {
        section: {name: value for name, value in values.items() if value is not None}
        for section, values in (given or {}).items()
    }
    return load(config, chosen)
