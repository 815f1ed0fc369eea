"""What is chosen in the panel: kept in the database, and counted at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from vlog.catalog import chosen_settings, site_pictures
from vlog.configuration import Configuration
from vlog.database.engine import Database
from vlog.database.faults import DatabaseUnavailable
from vlog.database.location import database_file, engine_url
from vlog.database.schema import SitePicture
from vlog.live_settings import LiveSettings
from vlog.logs import get_logger

log = get_logger(__name__)


class PanelSettings:
    """Changes the settings of the running process, and the logo. One per process."""

    def __init__(
        self,
        database: Database,
        settings: LiveSettings,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.settings = settings
        self.logo: SitePicture | None = None
        self._database = database
        self._on_change = on_change
        self._changing = asyncio.Lock()

    async def load(self) -> None:
        """At start: take what was chosen before."""
        async with self._database.read() as session:
            chosen = await chosen_settings.read(session)
            self.logo = await site_pictures.find(session, site_pictures.LOGO)
        self.settings.take(chosen)

    async def change(self, changes: Mapping[str, Any]) -> None:
        """Choose some values by `section.key`; None goes back to the default.

        Raises:
            Invalid, Conflict: nothing is changed.
        """

        async def work(session: AsyncSession) -> dict[str, Any]:
            chosen = self.settings.check(changes, await chosen_settings.read(session))
            await chosen_settings.replace(session, chosen)
            return chosen

        # Of two changes the later one must be the one that counts.
        async with self._changing:
            self.settings.take(await self._database.write(work, name="change settings"))
        log.info("Settings were changed.", action="settings_changed", keys=sorted(changes))
        self._on_change()

    async def keep_logo(self, logo: SitePicture) -> None:
        """Show this logo from now on."""
        async with self._changing:
            await self._database.write(lambda session: site_pictures.keep(session, logo))
            self.logo = logo
        log.info("The logo was changed.", action="logo_changed")

    async def remove_logo(self) -> None:
        """Show VLog's own mark again."""
        async with self._changing:
            await self._database.write(
                lambda session: site_pictures.remove(session, site_pictures.LOGO),
                name="remove logo",
            )
            self.logo = None
        log.info("The logo was removed.", action="logo_removed")


async def with_choices(configuration: Configuration) -> Configuration:
    """A configuration with what was chosen in the panel, for commands beside a running VLog.

    Where there is no database yet, or it cannot be read, the configuration alone counts.
    """
    settings = configuration.settings
    file = database_file(settings.database.path, settings.database.url)
    if not file.is_file():
        return configuration
    database = Database(engine_url(file))
    try:
        async with database.read() as session:
            chosen = await chosen_settings.read(session)
    except (DatabaseUnavailable, DBAPIError) as error:
        # A database of an older version has no such table before the first start.
        log.debug("The database cannot be read.", action="choices_unread", error=str(error))
        return configuration
    finally:
        await database.dispose()
    live = LiveSettings.of(configuration)
    live.take(chosen)
    return live.as_configuration()
