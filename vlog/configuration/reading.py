"""Reading the settings from where they may stand."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from vlog.configuration.checking import (
    CONFIG_VARIABLE,
    PREFIX,
    check_environment,
    check_file_keys,
    plain_reason,
)
from vlog.configuration.origins import Configuration, Origin
from vlog.configuration.paths import with_absolute_paths
from vlog.errors import ConfigurationError
from vlog.settings import Settings

FILE_NAME = "vlog.toml"
_LONGEST_SHOWN = 100

Overrides = Mapping[str, Mapping[str, Any]]


def load(config: Path | None = None, overrides: Overrides | None = None) -> Configuration:
    """Read everything. Raises ConfigurationError with a sentence that names the key."""
    given = {name: dict(values) for name, values in (overrides or {}).items() if values}
    file = _find_file(config)
    text, tree = _read_file(file)
    check_file_keys(file, text, tree)
    variables = check_environment()
    settings = _validate(file, given)
    origins = _origins(file, tree, variables, given)
    folder = file.parent if file else Path.cwd()
    return Configuration(with_absolute_paths(settings, folder), file, origins)


def _find_file(config: Path | None) -> Path | None:
    named = config or (
        Path(os.environ[CONFIG_VARIABLE]) if os.environ.get(CONFIG_VARIABLE) else None
    )
    if named is not None:
        if not named.is_file():
            raise ConfigurationError(f"The configuration file {named} does not exist.")
        return named.resolve()
    usual = Path.cwd() / FILE_NAME
    return usual if usual.is_file() else None


def _read_file(file: Path | None) -> tuple[str, dict[str, Any]]:
    if file is None:
        return "", {}
    try:
        text = file.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} is not valid TOML: {error}.") from error
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}.") from error


def _validate(file: Path | None, given: dict[str, dict[str, Any]]) -> Settings:
    class Sources(BaseSettings, Settings):
        model_config = SettingsConfigDict(
            frozen=True,
            extra="ignore",
            env_prefix=PREFIX,
            env_nested_delimiter="__",
            toml_file=file,
        )

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    initial: dict[str, Any] = given
    try:
        merged = Sources(**initial)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(place) for place in first["loc"][:2])
        reason = plain_reason(first)
        if len(first["loc"]) == 1:
            # Two keys that do not go together.
            raise ConfigurationError(f"[{key}]: {reason}.") from error
        raise ConfigurationError(f"`{key}` is {_shown(first['input'])}: {reason}.") from error
    except SettingsError as error:
        raise ConfigurationError(
            f'{error}. Write lists as JSON, such as ["720p", "480p"], or with commas.'
        ) from error
    return Settings(**{name: getattr(merged, name) for name in Settings.model_fields})


def _shown(value: object) -> str:
    """A value as somebody wrote it, or as much of it as fits into a sentence."""
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _origins(
    file: Path | None,
    tree: dict[str, Any],
    variables: dict[str, str],
    given: dict[str, dict[str, Any]],
) -> dict[str, Origin]:
    origins = {
        f"{section}.{name}": Origin("file", str(file))
        for section, values in tree.items()
        for name in values
    }
    origins |= {key: Origin("environment", variable) for key, variable in variables.items()}
    origins |= {
        f"{section}.{name}": Origin("command line")
        for section, values in given.items()
        for name in values
    }
    return origins
