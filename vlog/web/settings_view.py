"""What people and programs see of the settings."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from vlog.configuration import keys, sections
from vlog.errors import Invalid
from vlog.live_settings import CHANGEABLE, LiveSettings, said
from vlog.web.branding import logo_of
from vlog.web.colours import accents, least_contrast
from vlog.web.models.settings import (
    AccentOut,
    AccentsOut,
    LogoOut,
    OriginOut,
    SettingOut,
    SettingsOut,
)
from vlog.web.services import Services


def settings_out(services: Services) -> SettingsOut:
    """All settings, those that may be changed first."""
    live = services.panel_settings.settings
    names = [*CHANGEABLE, *(key for key in keys() if key not in CHANGEABLE)]
    logo = logo_of(services)
    return SettingsOut(
        settings=[setting_out(live, key) for key in names],
        logo=LogoOut(url=logo.url, width=logo.width, height=logo.height) if logo else None,
        accent=accents_out(live.site.accent) if live.site.accent else None,
    )


def setting_out(live: LiveSettings, key: str) -> SettingOut:
    """One setting."""
    section, name = keys()[key]
    model = sections()[section]
    origin = live.origin(key)
    locked = None
    if key not in CHANGEABLE:
        locked = "It counts from the start of VLog on."
    elif origin.kind not in ("default", "panel"):
        locked = f"It is set {said(origin)}."
    return SettingOut(
        key=key,
        label=CHANGEABLE.get(key, name.replace("_", " ").capitalize()),
        description=f"{model.model_fields[name].description}.",
        value=getattr(live, section).model_dump(mode="json")[name],
        default=model().model_dump(mode="json")[name],
        origin=OriginOut(kind=origin.kind, name=origin.name),
        changeable=locked is None,
        locked=locked,
    )


def accents_out(wish: str) -> AccentsOut:
    """What becomes of an accent colour."""
    found = accents(wish)
    light, dark = (
        AccentOut(colour=one.colour, contrast=round(contrast, 2))
        for one, contrast in zip((found.light, found.dark), least_contrast(found), strict=True)
    )
    return AccentsOut(wish=wish, light=light, dark=dark, adjusted=light.colour != wish)


def changes_in(body: BaseModel) -> dict[str, Any]:
    """The changes by `section.key`. Raises Invalid where a section is none."""
    changes: dict[str, Any] = {}
    given = body.model_dump(exclude_unset=True)
    for section, values in given.items():
        if section not in sections():
            raise Invalid(f"`{section}` is not a section of the settings.")
        changes |= {f"{section}.{name}": value for name, value in (values or {}).items()}
    return changes
