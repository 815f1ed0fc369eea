"""Settings on the wire. The shape of a change is that of `vlog.toml`, with the keys that may."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    WithJsonSchema,
    create_model,
)

from vlog.configuration import keys, sections
from vlog.live_settings import CHANGEABLE


class OriginOut(BaseModel):
    """Where a value comes from, and the name of the file or the variable."""

    kind: Literal["default", "file", "environment", "command line", "panel"]
    name: str


class SettingOut(BaseModel):
    """One setting. `locked` says why it cannot be changed here; null where it can."""

    key: str
    label: str
    description: str
    value: JsonValue
    default: JsonValue
    origin: OriginOut
    changeable: bool
    locked: str | None


class LogoOut(BaseModel):
    """The site's logo, and the size in which it is shown, in CSS pixels."""

    url: str
    width: int
    height: int


class AccentOut(BaseModel):
    """An accent in one colour scheme, with its least contrast to what it stands on."""

    colour: str
    contrast: float


class AccentsOut(BaseModel):
    """The accent as it is really used; made darker or lighter where it could not be read."""

    wish: str
    light: AccentOut
    dark: AccentOut
    adjusted: bool


class SettingsOut(BaseModel):
    """Every setting, those of the panel first, and how the site looks."""

    settings: list[SettingOut]
    logo: LogoOut | None
    accent: AccentsOut | None


def _change_of(key: str) -> Any:
    """Any value, described as the setting is: what is wrong with it is said by the setting."""
    section, name = keys()[key]
    schema = dict(sections()[section].model_json_schema()["properties"][name])
    for noise in ("default", "title", "description"):
        schema.pop(noise, None)
    about = f"{sections()[section].model_fields[name].description}."
    return Annotated[
        Any, WithJsonSchema({"anyOf": [schema, {"type": "null"}], "description": about})
    ]


def _changes() -> type[BaseModel]:
    by_section: dict[str, dict[str, Any]] = {}
    for key in CHANGEABLE:
        section, name = keys()[key]
        by_section.setdefault(section, {})[name] = (_change_of(key), Field(default=None))
    allowed = ConfigDict(extra="allow")
    parts: dict[str, Any] = {}
    for section, fields in by_section.items():
        name = f"{section.title()}SettingsChange"
        parts[section] = (create_model(name, __config__=allowed, **fields) | None, None)
    made: type[BaseModel] = create_model(
        "SettingsChange",
        __config__=allowed,
        __doc__="Settings by section, as in vlog.toml; null goes back to the default.",
        **parts,
    )
    return made


SettingsChange = _changes()
