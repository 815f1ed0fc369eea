"""The settings of a running process: as configured, and what was chosen in the panel besides.

What `vlog.toml`, the environment or the command line say wins: who wrote it there wants it to stay.
The panel chooses what is otherwise a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import ConfigDict, PrivateAttr, ValidationError

from vlog.configuration import (
    DEFAULT,
    Configuration,
    Origin,
    keys,
    plain_reason,
    with_absolute_paths,
)
from vlog.errors import Conflict, Invalid
from vlog.logs import get_logger
from vlog.settings import Section, Settings

log = get_logger(__name__)

# What may change while VLog runs, with what people call it. Whoever reads one of these asks for it
# anew each time.
CHANGEABLE: Mapping[str, str] = {
    "site.title": "Title",
    "site.description": "Description",
    "site.accent": "Accent colour",
    "transcription.enabled": "Make captions",
    "transcription.model": "Speech model",
    "transcription.language": "Spoken language",
    "transcription.vocabulary": "Names and jargon",
    "transcoding.ladder": "Qualities",
    "transcoding.keep_source": "Keep originals",
    "transcoding.videos_at_once": "Videos at once",
    "library.trash_days": "Days in the trash",
    "analytics.enabled": "Count views",
    "analytics.viewer_cookie": "Tell viewers apart",
    "analytics.show_views": "Show views",
    "analytics.heatmap_viewers": "Viewers for most replayed parts",
    "analytics.retention_days": "Days to keep single viewings",
    "webhooks.retention_days": "Days to keep the log of deliveries",
}

Choices = Mapping[str, Any]


class LiveSettings(Settings):
    """Read like any other settings. Each section is replaced as a whole when it changes."""

    model_config = ConfigDict(frozen=False)

    _configuration: Configuration = PrivateAttr()
    _chosen: dict[str, Any] = PrivateAttr(default_factory=dict)

    @classmethod
    def of(cls, configuration: Configuration) -> Self:
        """As configured; nothing is chosen yet."""
        settings = configuration.settings
        made = cls(**{name: getattr(settings, name) for name in Settings.model_fields})
        made._configuration = configuration
        return made

    @property
    def chosen(self) -> Choices:
        """What was chosen and counts, by `section.key`."""
        return self._chosen

    def origin(self, key: str) -> Origin:
        """Where the present value of a key comes from."""
        configured = self._configuration.origins.get(key)
        return configured or (Origin("panel") if key in self._chosen else DEFAULT)

    def check(self, changes: Choices, chosen: Choices) -> dict[str, Any]:
        """What is chosen after some changes, each as it is stored; None goes back to the default.

        Raises:
            Invalid: there is no such key, or its value is not valid.
            Conflict: it cannot be changed here.
        """
        for key in changes:
            self._refuse(key)
        wanted = {**chosen, **changes}
        wanted = {key: value for key, value in wanted.items() if value is not None}
        tree = self._with(self._that_count(wanted))
        for key in wanted.keys() & changes.keys():
            section, name = keys()[key]
            wanted[key] = getattr(tree, section).model_dump(mode="json")[name]
        return wanted

    def take(self, chosen: Choices) -> None:
        """Let it count. What fits no more, as after an upgrade, is left out, and that is logged."""
        kept: dict[str, Any] = {}
        for key, value in self._that_count(chosen).items():
            try:
                self._with({**kept, key: value})
            except Invalid as error:
                log.warning(error.detail, action="setting_ignored", key=key)
                continue
            kept[key] = value
        tree = self._with(kept)
        for name in Settings.model_fields:
            setattr(self, name, getattr(tree, name))
        self._chosen = kept

    def as_configuration(self) -> Configuration:
        """All of it as it counts now."""
        settings = Settings(**{name: getattr(self, name) for name in Settings.model_fields})
        chosen = dict.fromkeys(self._chosen, Origin("panel"))
        origins = {**self._configuration.origins, **chosen}
        return Configuration(settings, self._configuration.file, origins)

    def _that_count(self, chosen: Choices) -> dict[str, Any]:
        return {
            key: value
            for key, value in chosen.items()
            if key in CHANGEABLE and key not in self._configuration.origins
        }

    def _refuse(self, key: str) -> None:
        if key not in keys():
            raise Invalid(f"`{key}` is not a setting.")
        if key not in CHANGEABLE:
            section, name = keys()[key]
            raise Conflict(
                f"`{key}` counts from the start of VLog on. Change `[{section}] {name}` in "
                "vlog.toml and restart VLog."
            )
        configured = self._configuration.origins.get(key)
        if configured is not None:
            raise Conflict(f"`{key}` is set {said(configured)}. Remove it there to set it here.")

    def _with(self, chosen: Choices) -> Settings:
        """The whole tree with some choices. Raises Invalid."""
        configured = self._configuration.settings
        changed: dict[str, dict[str, Any]] = {}
        for key, value in chosen.items():
            section, name = keys()[key]
            changed.setdefault(section, {})[name] = value
        tree = {
            section: _section(section, getattr(configured, section), values)
            for section, values in changed.items()
        }
        return with_absolute_paths(configured.model_copy(update=tree), self._configuration.folder)


def said(origin: Origin) -> str:
    """Where a value is set, for a sentence."""
    if origin.kind == "file":
        return "in vlog.toml"
    if origin.kind == "environment":
        return f"in the environment as {origin.name}"
    return {"command line": "on the command line", "panel": "in the panel"}.get(origin.kind, "")


def _section(name: str, present: Section, values: Mapping[str, Any]) -> Section:
    kind = type(present)
    given = {field: getattr(present, field) for field in kind.model_fields}
    try:
        return kind.model_validate({**given, **values})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join([name, *(str(place) for place in first["loc"][:1])])
        raise Invalid(f"`{key}` {plain_reason(first)}.") from error
