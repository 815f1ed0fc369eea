"""Where settings come from: defaults < vlog.toml < VLOG_* environment < command line.

A key that nobody knows stops the start, with its name and its line: a misspelt setting that is
silently ignored costs an evening.
"""

from __future__ import annotations

import difflib
import os
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from vlog.errors import ConfigurationError
from vlog.settings import Section, Settings

FILE_NAME = "vlog.toml"
_PREFIX = "VLOG_"
_CONFIG_VARIABLE = "VLOG_CONFIG"
# No setting: what the command line proves itself with.
TOKEN_VARIABLE = "VLOG_TOKEN"
_LONGEST_SHOWN = 100

Overrides = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Origin:
    """Where a value comes from, and the name of the file or the variable."""

    kind: Literal["default", "file", "environment", "command line", "panel"] = "default"
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()


DEFAULT = Origin()


@dataclass(frozen=True)
class Configuration:
    """The settings, and for each key as `section.key` that is set where its value comes from."""

    settings: Settings
    file: Path | None
    origins: Mapping[str, Origin]

    @property
    def folder(self) -> Path:
        """Where relative paths count from."""
        return self.file.parent if self.file else Path.cwd()


def load(config: Path | None = None, overrides: Overrides | None = None) -> Configuration:
    """Read everything. Raises ConfigurationError with a sentence that names the key."""
    given = {name: dict(values) for name, values in (overrides or {}).items() if values}
    file = _find_file(config)
    text, tree = _read_file(file)
    _check_file_keys(file, text, tree)
    variables = _check_environment()
    settings = _validate(file, given)
    origins = _origins(file, tree, variables, given)
    folder = file.parent if file else Path.cwd()
    return Configuration(with_absolute_paths(settings, folder), file, origins)


def keys() -> dict[str, tuple[str, str]]:
    """Every key as `section.key`, with its section and name."""
    return {
        f"{section}.{name}": (section, name)
        for section, model in sections().items()
        for name in model.model_fields
    }


def sections() -> dict[str, type[Section]]:
    """The model of each section."""
    found: dict[str, type[Section]] = {}
    for name, field in Settings.model_fields.items():
        assert isinstance(field.annotation, type)
        found[name] = field.annotation
    return found


def admin_password(settings: Settings) -> str | None:
    """The admin's password from `[admin] password_file`; None where no file is named.

    Raises:
        ConfigurationError: the file is missing, empty, or readable for others.
    """
    name = settings.admin.password_file
    return secret_in(Path(name), "password") if name else None


def secret_in(path: Path, kind: str) -> str:
    """What a file holds that only its owner can read, such as a `password`.

    Raises:
        ConfigurationError: the file is missing, empty, or readable for others.
    """
    try:
        mode = path.stat().st_mode
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The {kind} file {path} cannot be read.") from error
    if mode & (stat.S_IROTH | stat.S_IWOTH):
        raise ConfigurationError(
            f"Everybody can read the {kind} file {path}. Run: chmod 600 {path}"
        )
    if not secret:
        raise ConfigurationError(f"The {kind} file {path} is empty. Write a {kind} into it.")
    return secret


def as_data(configuration: Configuration) -> dict[str, Any]:
    """Every setting with its value and where it comes from, for programs."""
    values = configuration.settings.model_dump(mode="json")
    return {
        "file": None if configuration.file is None else str(configuration.file),
        "settings": {
            section: {
                name: {
                    "value": value,
                    "origin": str(configuration.origins.get(f"{section}.{name}", DEFAULT)),
                }
                for name, value in named.items()
            }
            for section, named in values.items()
        },
    }


def show(configuration: Configuration) -> str:
    """Every setting with its value and where it comes from, as TOML."""
    lines = [f"# Configuration file: {configuration.file or 'none'}"]
    for section in sections():
        lines += ["", f"[{section}]"]
        values = getattr(configuration.settings, section)
        for name in type(values).model_fields:
            origin = configuration.origins.get(f"{section}.{name}", DEFAULT)
            lines.append(f"{name} = {_toml(getattr(values, name))}  # {origin}")
    return "\n".join(lines)


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


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(_toml(item) for item in value)}]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _find_file(config: Path | None) -> Path | None:
    named = config or (
        Path(os.environ[_CONFIG_VARIABLE]) if os.environ.get(_CONFIG_VARIABLE) else None
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


def _check_file_keys(file: Path | None, text: str, tree: dict[str, Any]) -> None:
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


def _check_environment() -> dict[str, str]:
    """The variables that set a key, by `section.key`."""
    known = {f"{_PREFIX}{section}__{name}".upper(): key for key, (section, name) in keys().items()}
    found = {}
    for variable in os.environ:
        upper = variable.upper()
        if not upper.startswith(_PREFIX) or upper in (_CONFIG_VARIABLE, TOKEN_VARIABLE):
            continue
        if upper not in known:
            close = difflib.get_close_matches(upper, list(known), n=1)
            hint = f" Did you mean {close[0]}?" if close else ""
            raise ConfigurationError(f"The environment variable {variable} is not a setting.{hint}")
        found[known[upper]] = variable
    return found


def _validate(file: Path | None, given: dict[str, dict[str, Any]]) -> Settings:
    class Sources(BaseSettings, Settings):
        model_config = SettingsConfigDict(
            frozen=True,
            extra="ignore",
            env_prefix=_PREFIX,
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


def with_absolute_paths(settings: Settings, folder: Path) -> Settings:
    """The same settings; paths in them count from `folder`."""

    def absolute(name: str) -> str:
        return str(folder / name) if name else ""

    public, admin = settings.public, settings.admin
    ingest, transcription = settings.ingest, settings.transcription
    model = transcription.model
    return settings.model_copy(
        update={
            "storage": settings.storage.model_copy(update={"path": folder / settings.storage.path}),
            "database": settings.database.model_copy(
                update={"path": folder / settings.database.path}
            ),
            "public": public.model_copy(
                update={
                    "tls_certificate": absolute(public.tls_certificate),
                    "tls_key": absolute(public.tls_key),
                }
            ),
            "admin": admin.model_copy(
                update={
                    "password_file": absolute(admin.password_file),
                    "tls_certificate": absolute(admin.tls_certificate),
                    "tls_key": absolute(admin.tls_key),
                }
            ),
            "ingest": ingest.model_copy(
                update={
                    "import_folders": tuple(str(folder / name) for name in ingest.import_folders)
                }
            ),
            "transcription": transcription.model_copy(
                update={
                    "models_path": folder / transcription.models_path,
                    # A name has no slash in it, a folder has.
                    "model": str(folder / model) if "/" in model else model,
                }
            ),
        }
    )
