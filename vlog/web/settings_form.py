"""The settings as a form that works without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from vlog.captions.speech_languages import LANGUAGES
from vlog.languages import languages_by_name
from vlog.live_settings import CHANGEABLE, LiveSettings, said
from vlog.settings import KNOWN_RUNGS
from vlog.transcription.models import KNOWN, folder_of, is_whole
from vlog.web.models.settings import SettingOut
from vlog.web.settings_view import setting_out

GROUPS = {
    "site": "Site",
    "transcription": "Captions",
    "transcoding": "Encoding",
    "library": "Trash",
    "analytics": "Analytics",
    "webhooks": "Webhooks",
}
_LONG_TEXTS = ("site.description", "transcription.vocabulary")


@dataclass(frozen=True)
class Field:
    """A field of the form.

    `kind`: text, long, colour, switch, number, rungs or choice. `value` is what stands in it.
    """

    setting: SettingOut
    kind: str
    value: Any
    choices: tuple[tuple[str, str], ...] = ()
    error: str = ""

    @property
    def id(self) -> str:
        """Its id in the page."""
        return self.setting.key.replace(".", "-")

    @property
    def source(self) -> str:
        """Where the value comes from, for people."""
        origin = self.setting.origin
        if origin.kind == "default":
            return "Default"
        if origin.kind == "panel":
            return "Set here"
        return {"file": "Set in vlog.toml", "command line": "Set on the command line"}.get(
            origin.kind, f"Set by {origin.name}"
        )


def groups(
    live: LiveSettings, wrong: Mapping[str, Any] | None = None, error: str = ""
) -> dict[str, list[Field]]:
    """The fields by heading. Blocks: it looks which models are there.

    Args:
        live: the present values.
        wrong: what was typed and not taken, by `section.key`.
        error: why it was not taken; it names the key.
    """
    found: dict[str, list[Field]] = {}
    for key in CHANGEABLE:
        heading = GROUPS.get(key.partition(".")[0], "More")
        typed = wrong or {}
        said = error if f"`{key}`" in error else ""
        found.setdefault(heading, []).append(_field(live, key, typed, said))
    return found


def fixed(
    live: LiveSettings, settings: list[SettingOut]
) -> dict[str, list[tuple[SettingOut, str]]]:
    """What counts from the start on, by section, each with where it comes from."""
    found: dict[str, list[tuple[SettingOut, str]]] = {}
    for setting in settings:
        if setting.key not in CHANGEABLE:
            origin = live.origin(setting.key)
            source = "Default" if origin.kind == "default" else f"Set {said(origin)}"
            found.setdefault(setting.key.partition(".")[0], []).append((setting, source))
    return found


def changes_of(live: LiveSettings, form: FormData) -> dict[str, Any]:
    """What the form changes, by `section.key`; what stands in it as before is no change."""
    if (key := form.get("reset")) is not None:
        return {str(key): None}
    changes: dict[str, Any] = {}
    for key in CHANGEABLE:
        setting = setting_out(live, key)
        if not setting.changeable or f"has:{key}" not in form:
            continue
        typed = _typed(setting, form)
        if typed != _text(setting.value):
            changes[key] = typed
    return changes


def _typed(setting: SettingOut, form: FormData) -> Any:
    if isinstance(setting.default, bool):
        return setting.key in form
    if setting.key == "transcription.vocabulary":
        lines = str(form.get(setting.key, "")).replace(",", "\n").splitlines()
        return [line.strip() for line in lines if line.strip()]
    if isinstance(setting.default, list):
        return [str(value) for value in form.getlist(setting.key)]
    text = str(form.get(setting.key, "")).replace("\r\n", "\n").strip()
    if setting.key == "site.accent" and f"own:{setting.key}" not in form:
        return ""
    return text


def _text(value: Any) -> Any:
    """A value as it comes back from the form."""
    return value if isinstance(value, bool | list) else str(value)


def _field(live: LiveSettings, key: str, typed: Mapping[str, Any], error: str) -> Field:
    setting = setting_out(live, key)
    value = typed.get(key, setting.value)
    kind, choices = "text", tuple[tuple[str, str], ...]()
    if key == "transcription.vocabulary":
        value = "\n".join(value)
    if key in _LONG_TEXTS:
        kind = "long"
    elif key == "site.accent":
        kind = "colour"
    elif key == "transcoding.ladder":
        kind, choices = "rungs", tuple((name, name) for name in KNOWN_RUNGS)
    elif key == "transcription.model":
        kind, choices = "choice", _models(live)
    elif key == "transcription.language":
        languages = languages_by_name(LANGUAGES)
        kind, choices = "choice", (("", "Find out for each video"), *languages)
    elif isinstance(setting.default, bool):
        kind = "switch"
    elif isinstance(setting.default, int | float):
        kind = "number"
    return Field(setting, kind, value, choices, error)


def _models(live: LiveSettings) -> tuple[tuple[str, str], ...]:
    present = live.transcription
    choices = []
    for model in KNOWN.values():
        there = is_whole(present.models_path / model.name)
        state = "here" if there else f"not fetched, {model.megabytes} MB"
        choices.append((model.name, f"{model.name} ({state})"))
    if present.model not in KNOWN:
        there = is_whole(folder_of(present))
        choices.append((present.model, f"{present.model} ({'here' if there else 'not there'})"))
    return tuple(choices)
